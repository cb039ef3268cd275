//! My second factor: set up with a picture, ten recovery codes shown once, given up again where my posts allow it.

use askama::Template;

use crate::desk::Desk;
use crate::form::Form;
use crate::officers::books;
use crate::passwords;
use crate::problem::{Answer, Problem, Refusal};
use crate::routes::{ACCOUNT, Routes};
use crate::second_factor::picture::Picture;
use crate::second_factor::stored::{self, Factor, Standing};
use crate::second_factor::totp::Secret;
use crate::sessions;

/// Recovery codes that an officer is given.
const CODES: usize = 10;

/// Signs of a recovery code: 24 out of 28 are some 115 bits.
const CODE_SIGNS: usize = 24;

#[derive(Template)]
#[template(path = "second_factor/standing.html")]
struct StandingPage<'a> {
    desk: &'a Desk,
    factor: Factor,
}

#[derive(Template)]
#[template(path = "second_factor/enrolment.html")]
struct EnrolmentPage<'a> {
    desk: &'a Desk,
    values: &'a Form,
    picture: Picture,
    secret: String,
}

#[derive(Template)]
#[template(path = "second_factor/codes.html")]
struct CodesPage<'a> {
    desk: &'a Desk,
    codes: Vec<String>,
}

impl StandingPage<'_> {
    fn enrolled(&self) -> Option<String> {
        match &self.factor.standing {
            Standing::Enrolled(at) => Some(self.desk.instant(at)),
            Standing::None | Standing::Reset(_) => None,
        }
    }

    fn was_reset(&self) -> bool {
        matches!(self.factor.standing, Standing::Reset(_))
    }
}

pub(crate) fn routes() -> Routes {
    const SECURE: &str = "account.secure";
    Routes::new()
        .get("/account/factor", ACCOUNT, factor)
        .post("/account/factor/offer", SECURE, offer)
        .post("/account/factor/enrolment", SECURE, enrol)
        .post("/account/factor/codes", SECURE, codes)
        .post("/account/factor/removal", SECURE, remove)
}

/// GET /account/factor
async fn factor(desk: Desk) -> Answer {
    let officer = desk.me().id.clone();
    let factor = desk.read(move |sql| Ok(stored::find(sql, &officer)?)).await?;
    desk.page(&StandingPage { desk: &desk, factor })
}

/// POST /account/factor/offer: a page of its own, so that no address shows the secret a second time.
async fn offer(desk: Desk, _form: Form) -> Answer {
    let (officer, secret) = (desk.me().id.clone(), Secret::fresh(&*desk.house().random)?);
    let offered = secret.clone();
    desk.keep(move |sql| Ok::<_, Problem>(stored::offer(sql, &officer, &offered)?)).await?;
    draw(&desk, &Form::empty(), &secret).await
}

async fn draw(desk: &Desk, values: &Form, secret: &Secret) -> Answer {
    let officer = desk.me().id.clone();
    let line = desk.read(move |sql| Ok::<_, Problem>(books::find(sql, &officer)?)).await?;
    let login = line.ok_or(Problem::Missing)?.login;
    let picture = Picture::of(&secret.address(desk.ledger().name(), &login))?;
    desk.form_page(values, &EnrolmentPage { desk, values, picture, secret: secret.text() })
}

/// POST /account/factor/enrolment
async fn enrol(desk: Desk, form: Form) -> Answer {
    let (officer, code, now) =
        (desk.me().id.clone(), form.value("factor-code").to_owned(), desk.house().wall.now());
    let session = desk.inner().session.clone();
    let codes = fresh_codes(&desk)?;
    let given = codes.clone();
    let offered = desk
        .keep(move |sql| {
            let offered = stored::find(sql, &officer)?.offered.ok_or(Problem::Missing)?;
            if !stored::enrol(sql, &officer, &code, now)? {
                return Ok(Some(offered));
            }
            stored::give_codes(sql, &officer, &given)?;
            // Whoever came in elsewhere by the password alone comes in anew.
            sessions::end_others(sql, &officer, &session)?;
            Ok::<_, Problem>(None)
        })
        .await?;
    let Some(secret) = offered else { return desk.page(&CodesPage { desk: &desk, codes }) };
    let refusal = Refusal::on("factor-code", "factor-refusal-code");
    let values = form.refuse(&[refusal], &desk.house().texts, desk.chosen_language());
    draw(&desk, &values, &secret).await
}

/// POST /account/factor/codes
async fn codes(desk: Desk, _form: Form) -> Answer {
    let (officer, codes) = (desk.me().id.clone(), fresh_codes(&desk)?);
    let given = codes.clone();
    desk.keep(move |sql| {
        if !stored::is_enrolled(sql, &officer)? {
            return Err(Problem::Missing);
        }
        Ok(stored::give_codes(sql, &officer, &given)?)
    })
    .await?;
    desk.page(&CodesPage { desk: &desk, codes })
}

fn fresh_codes(desk: &Desk) -> anyhow::Result<Vec<String>> {
    (0..CODES).map(|_| passwords::drawn(&*desk.house().random, CODE_SIGNS)).collect()
}

/// POST /account/factor/removal
async fn remove(desk: Desk, _form: Form) -> Answer {
    if desk.must_have_factor() && desk.is_enrolled() {
        return Err(Refusal::new("factor-refusal-required").into());
    }
    let officer = desk.me().id.clone();
    desk.keep(move |sql| Ok::<_, Problem>(stored::remove(sql, &officer)?)).await?;
    desk.go_with_notice("/account/factor", "factor-removed")
}
