//! The desk: the one extractor a handler needs; the officer, his language, the clock, the ledger and the law.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use askama::Template;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use law::Law;
use ledger::{Actor, Ledger, Writing};
use store::Sql;

use crate::authority::Subject;
use crate::blocking::blocking;
use crate::cookies;
use crate::form::Form;
use crate::house::{App, House};
use crate::officers::Officer;
use crate::once;
use crate::problem::{Answer, Problem, Refusal};
use crate::scope::Scope;
use crate::second_factor::Standing;
use crate::text::Language;

/// One request's view of the house. Cloning is cheap.
#[derive(Clone)]
pub struct Desk {
    inner: Arc<Inner>,
}

#[derive(Clone)]
pub(crate) struct Inner {
    pub house: App,
    pub officer: Officer,
    /// What he must do before anything else.
    pub held: Option<Held>,
    pub factor: Standing,
    /// When he last showed that it is he.
    pub confirmed: Timestamp,
    /// Digest of the session; empty for a visitor.
    pub session: String,
    /// The session of this browser that has ended by itself.
    pub ended: Option<Ended>,
    /// Whether the form of this request was kept, and is now shown to its officer before anything is done with it.
    pub review: bool,
    /// Keeps the form of this request from being done twice.
    pub once: Option<Arc<Once>>,
    pub csrf: String,
    pub language: Language,
    pub theme: &'static str,
    pub density: &'static str,
    pub flash: Option<(String, String)>,
    pub path: String,
    pub address: String,
    /// Under which the brakes count this address.
    pub network: String,
    pub device: String,
    pub loopback: bool,
    pub request_id: String,
    pub fragment: bool,
}

/// A form that is done once.
pub(crate) struct Once {
    key: String,
    noted: AtomicBool,
}

/// What an officer who has signed in must do before any other page opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Held {
    /// Give the code of his second factor.
    Factor,
    /// Choose a password of his own in place of the one-time one.
    Password,
    /// Set up the second factor that one of his posts must have.
    Enrolment,
}

/// A session that has ended by itself: whose it was, and the token that its forms bear.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ended {
    pub officer: String,
    pub csrf: String,
}

impl Desk {
    pub(crate) fn new(inner: Inner) -> Desk {
        Desk { inner: Arc::new(inner) }
    }

    pub(crate) fn inner(&self) -> &Inner {
        &self.inner
    }

    /// What all requests share.
    pub fn house(&self) -> &House {
        &self.inner.house
    }

    pub(crate) fn app(&self) -> &App {
        &self.inner.house
    }

    /// The record.
    pub fn ledger(&self) -> &Arc<Ledger> {
        &self.house().ledger
    }

    /// The law in force.
    pub fn law(&self) -> &Law {
        &self.house().law
    }

    /// The officer who asks; a visitor has an empty id.
    pub fn me(&self) -> &Officer {
        &self.inner.officer
    }

    /// Under which name the record knows who asks.
    pub fn actor(&self) -> Actor {
        if self.me().is_visitor() { Actor::Public } else { Actor::Officer(self.me().id.clone()) }
    }

    /// The instant of the record's clock.
    pub fn now(&self) -> Timestamp {
        self.house().now()
    }

    /// The day of the record's clock in the law's zone.
    pub fn today(&self) -> Date {
        law::shanghai_day(self.now())
    }

    /// The language of the page.
    pub fn chosen_language(&self) -> Language {
        self.inner.language
    }

    pub(crate) fn held(&self) -> Option<Held> {
        self.inner.held
    }

    /// Whether he has a second factor.
    pub(crate) fn is_enrolled(&self) -> bool {
        matches!(self.inner.factor, Standing::Enrolled(_))
    }

    /// Whether one of his posts must have a second factor.
    pub(crate) fn must_have_factor(&self) -> bool {
        self.house().settings.requires_factor(&self.inner.officer)
    }

    /// Whether he must show anew that it is he before he uses this power.
    pub(crate) fn must_confirm(&self, power: &str) -> bool {
        let presence = self.house().authority.presence();
        let since = self.house().wall.now().duration_since(self.inner.confirmed);
        presence.powers.contains(power) && since > SignedDuration::from_mins(presence.minutes)
    }

    /// 128 random bits in hexadecimal.
    pub(crate) fn fresh_id(&self) -> anyhow::Result<String> {
        let mut bytes = [0; 16];
        self.house().random.fill(&mut bytes)?;
        Ok(hex::encode(bytes))
    }

    /// The same desk for a form that is known by this key.
    pub(crate) fn once(&self, key: String) -> Desk {
        let once = Arc::new(Once { key, noted: AtomicBool::new(false) });
        Desk::new(Inner { once: Some(once), ..Inner::clone(&self.inner) })
    }

    /// The same desk for a form that its officer shall see again before anything is done with it.
    pub(crate) fn reviewing(&self) -> Desk {
        Desk::new(Inner { review: true, ..Inner::clone(&self.inner) })
    }

    /// Where this officer may use a power. A policy that fails opens nothing.
    pub fn scope(&self, power: &str) -> Scope {
        self.house().authority.scope(self.me(), power).unwrap_or_else(|error| {
            tracing::error!(power, %error, "authority failed");
            Scope::Nowhere
        })
    }

    /// Whether he may use the power anywhere.
    pub fn may(&self, power: &str) -> bool {
        self.scope(power) != Scope::Nowhere
    }

    /// Whether he may use the power on this thing.
    pub fn may_on(&self, power: &str, subject: &Subject) -> bool {
        self.house().authority.permits(self.me(), power, subject).unwrap_or_else(|error| {
            tracing::error!(power, %error, "authority failed");
            false
        })
    }

    /// Goes on only if he may use the power on this thing.
    ///
    /// # Errors
    /// `Problem::Denied`.
    pub fn require(&self, power: &str, subject: &Subject) -> Result<(), Problem> {
        if self.may_on(power, subject) { Ok(()) } else { Err(Problem::Denied) }
    }

    /// Reads books in one snapshot, away from the async threads.
    ///
    /// # Errors
    /// What the closure returns, or a failure of the store.
    pub async fn read<T, F>(&self, read: F) -> Result<T, Problem>
    where
        F: FnOnce(&mut dyn Sql) -> Result<T, Problem> + Send + 'static,
        T: Send + 'static,
    {
        let store = self.house().store.clone();
        blocking("read", move || store.read(read)).await?
    }

    /// Does anything that blocks (the ledger's own reads, big files) away from the async threads.
    ///
    /// # Errors
    /// What the closure returns.
    pub async fn blocking<T, F>(&self, work: F) -> Result<T, Problem>
    where
        F: FnOnce(&Desk) -> Result<T, Problem> + Send + 'static,
        T: Send + 'static,
    {
        let desk = self.clone();
        blocking("work", move || work(&desk)).await?
    }

    /// Does a command whose form may have to be shown again: `Ok(Err(form))` is that form with the reasons beside its
    /// fields, in the officer's language and with everything he typed.
    ///
    /// # Errors
    /// Every problem that is no refusal.
    pub async fn act<T, F>(&self, form: Form, command: F) -> Result<Result<T, Form>, Problem>
    where
        F: FnOnce(&Desk, &mut Writing<'_>, &Form) -> Result<T, Problem> + Send + 'static,
        T: Send + 'static,
    {
        if self.inner.review {
            let again = Refusal::new("kept-refusal-again");
            return Ok(Err(form.refuse(&[again], &self.house().texts, self.chosen_language())));
        }
        let form = form.refuse_strange_files(&self.house().texts, self.chosen_language());
        if form.has_errors() {
            return Ok(Err(form));
        }
        let typed = form.clone();
        match self.act_plain(move |desk, writing| command(desk, writing, &typed)).await {
            Ok(done) => Ok(Ok(done)),
            Err(Problem::Refused(refusals)) => {
                Ok(Err(form.refuse(&refusals, &self.house().texts, self.chosen_language())))
            }
            Err(problem) => Err(problem),
        }
    }

    /// Does a command without a form to show again; a refusal becomes a page of its own.
    ///
    /// # Errors
    /// Every problem.
    pub async fn act_plain<T, F>(&self, command: F) -> Result<T, Problem>
    where
        F: FnOnce(&Desk, &mut Writing<'_>) -> Result<T, Problem> + Send + 'static,
        T: Send + 'static,
    {
        if self.inner.review {
            return Err(Refusal::new("kept-refusal-again").into());
        }
        let desk = self.clone();
        let write = move || {
            let ledger = Arc::clone(desk.ledger());
            ledger.write(desk.actor(), move |writing| {
                desk.note_once(writing)?;
                command(&desk, writing)
            })
        };
        blocking("act", write).await?
    }

    /// The first act of a request notes its form; what more the same request does belongs to it.
    fn note_once(&self, writing: &mut Writing<'_>) -> Result<(), Problem> {
        match &self.inner.once {
            Some(once) if !once.noted.swap(true, Ordering::Relaxed) => {
                once::note(writing.sql(), &once.key, self.house().wall.now())
            }
            _ => Ok(()),
        }
    }

    /// Changes the site's own tables, which are no acts.
    pub(crate) async fn keep<T, F>(&self, write: F) -> Result<T, Problem>
    where
        F: FnOnce(&mut dyn Sql) -> Result<T, Problem> + Send + 'static,
        T: Send + 'static,
    {
        let (store, request) = (self.house().store.clone(), tracing::Span::current());
        // On the thread of the writer, too, a line in the log is one of this request.
        let write = move |sql: &mut dyn Sql| request.in_scope(|| write(sql));
        blocking("keep", move || store.write(write)).await?
    }

    /// Draws a page.
    ///
    /// # Errors
    /// When the template fails.
    pub fn page(&self, template: &impl Template) -> Answer {
        self.page_with(StatusCode::OK, template)
    }

    /// Draws the page of a form: 422 when it was refused.
    ///
    /// # Errors
    /// When the template fails.
    pub fn form_page(&self, form: &Form, template: &impl Template) -> Answer {
        let status = if form.has_errors() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
        self.page_with(status, template)
    }

    pub(crate) fn page_with(&self, status: StatusCode, template: &impl Template) -> Answer {
        Ok((status, Html(template.render()?)).into_response())
    }

    /// Goes to another of our pages (303).
    ///
    /// # Errors
    /// When the address cannot stand in a header.
    pub fn go(&self, address: &str) -> Answer {
        let location = HeaderValue::try_from(address).map_err(|error| Problem::Failed(error.into()))?;
        Ok((StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response())
    }

    /// Goes to another of our pages, which says this once.
    ///
    /// # Errors
    /// When the address cannot stand in a header.
    pub fn go_with_notice(&self, address: &str, key: &str) -> Answer {
        let mut response = self.go(address)?;
        cookies::set(&mut response, &self.house().settings, &cookies::flash("good", key))?;
        Ok(response)
    }

    /// Hands over a file under a name, never shown in place.
    ///
    /// # Errors
    /// When the media type cannot stand in a header.
    pub fn download(&self, name: &str, media_type: &str, bytes: Vec<u8>) -> Answer {
        let media_type = HeaderValue::try_from(media_type).map_err(|error| Problem::Failed(error.into()))?;
        let headers = [(header::CONTENT_TYPE, media_type), (header::CONTENT_DISPOSITION, disposition(name)?)];
        Ok((headers, bytes).into_response())
    }

    /// Hands over an uploaded file by its digest. Check first whether the officer may see what it belongs to.
    ///
    /// # Errors
    /// When it is not there or was changed on the disk.
    pub async fn upload(&self, digest: &str, name: &str) -> Answer {
        let (uploads, wanted) = (self.house().uploads.clone(), digest.to_owned());
        let bytes = blocking("upload", move || uploads.bytes(&wanted)).await??;
        let media_type = crate::uploads::media_type(name, &bytes[..bytes.len().min(4096)]);
        self.download(name, media_type, bytes)
    }

    /// A value of which only the ends are shown.
    pub fn masked(&self, value: &str, mask: Mask) -> String {
        mask.apply(value)
    }
}

/// How a personal number is masked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mask {
    /// Identity card: the division and the last four signs stay.
    Identity,
    /// Telephone: the first three and the last four digits stay.
    Phone,
}

impl Mask {
    /// The masked form; what is too short to leave anything hidden is hidden whole.
    pub fn apply(self, value: &str) -> String {
        let (head, tail) = match self {
            Mask::Identity => (6, 4),
            Mask::Phone => (3, 4),
        };
        let signs: Vec<char> = value.chars().collect();
        let shown = |index: usize| index < head || index >= signs.len() - tail;
        let hides_enough = signs.len() >= head + tail + 4;
        signs
            .iter()
            .enumerate()
            .map(|(index, sign)| if hides_enough && shown(index) { *sign } else { '*' })
            .collect()
    }
}

/// `attachment` with the name in both forms of RFC 6266.
fn disposition(name: &str) -> Result<HeaderValue, Problem> {
    let plain: String = name
        .chars()
        .map(|sign| if sign.is_ascii_alphanumeric() || "._-".contains(sign) { sign } else { '_' })
        .collect();
    let encoded: String = name.bytes().map(percent).collect();
    HeaderValue::try_from(format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}"))
        .map_err(|error| Problem::Failed(error.into()))
}

fn percent(byte: u8) -> String {
    if byte.is_ascii_alphanumeric() || b"._-".contains(&byte) {
        char::from(byte).to_string()
    } else {
        format!("%{byte:02X}")
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Desk {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Desk, Problem> {
        let missing = || Problem::Failed(anyhow::anyhow!("a route outside the front door"));
        parts.extensions.get::<Desk>().cloned().ok_or_else(missing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_leave_the_ends_and_hide_short_values_whole() {
        assert_eq!(Mask::Identity.apply("330421199001011234"), "330421********1234");
        assert_eq!(Mask::Phone.apply("13805731234"), "138****1234");
        assert_eq!(Mask::Phone.apply("84121234"), "********");
    }

    #[test]
    fn a_file_name_in_chinese_reaches_old_and_new_browsers() {
        let header = disposition("许可证 1.pdf").unwrap();
        let text = header.to_str().unwrap();
        assert!(text.starts_with("attachment; filename=\"____1.pdf\"; filename*=UTF-8''%E8%AE%B8"));
    }
}
