//! An officer's browser, as far as a load needs one: a session, its token, and forms.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use ureq::Agent;

/// A session of one officer on the node.
pub struct Client {
    agent: Agent,
    base: String,
    token: String,
}

/// What the node answered to a form.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    /// Where the node sends us; empty when nowhere.
    pub location: String,
    pub body: String,
}

impl Client {
    /// Signs in.
    ///
    /// # Errors
    /// When the node does not answer or does not know this login.
    pub fn sign_in(base: &str, login: &str, password: &str) -> Result<Client> {
        let mut client = Client::at_the_door(base, login, password)?;
        client.renew("/")?;
        Ok(client)
    }

    /// Signs in with a password that is good for one time, and chooses `password`.
    ///
    /// # Errors
    /// As `sign_in`, and when the node refuses the password.
    pub fn sign_in_first(base: &str, login: &str, one_time: &str, password: &str) -> Result<Client> {
        let mut client = Client::at_the_door(base, login, one_time)?;
        client.renew("/account/password")?;
        let token = client.token.clone();
        let fields =
            [("csrf", token.as_str()), ("current", one_time), ("password", password), ("again", password)];
        client.submit("/account/password", &fields)?;
        Ok(client)
    }

    /// Reads a page to its end.
    ///
    /// # Errors
    /// When the page is not 200.
    pub fn get(&self, path: &str) -> Result<String> {
        let mut response = self.agent.get(format!("{}{path}", self.base)).call()?;
        if response.status() != 200 {
            bail!("{path} answered {}", response.status());
        }
        Ok(response.body_mut().read_to_string()?)
    }

    /// Sends a form as a browser does that uploads files; the answer is where the node sends us.
    ///
    /// # Errors
    /// When the node does not take the form.
    pub fn submit_multipart(&self, path: &str, fields: &[(&str, &str)]) -> Result<String> {
        taken(path, self.send_multipart(path, fields)?)
    }

    /// The same, whatever the node answers.
    ///
    /// # Errors
    /// When there is no answer.
    pub fn send_multipart(&self, path: &str, fields: &[(&str, &str)]) -> Result<Answer> {
        const BOUNDARY: &str = "benchmark-boundary-7d1f";
        let mut body = String::new();
        for (name, value) in std::iter::once(&("csrf", self.token.as_str())).chain(fields) {
            body.push_str(&format!(
                "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
            ));
        }
        body.push_str(&format!("--{BOUNDARY}--\r\n"));
        let response = self
            .agent
            .post(format!("{}{path}", self.base))
            .header("origin", &self.base)
            .header("content-type", &format!("multipart/form-data; boundary={BOUNDARY}"))
            .send(body)?;
        answer(response)
    }

    fn at_the_door(base: &str, login: &str, password: &str) -> Result<Client> {
        let agent: Agent = Agent::config_builder()
            .max_redirects(0)
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(30)))
            .build()
            .into();
        let mut client = Client { agent, base: base.to_owned(), token: String::new() };
        client.renew("/login")?;
        let token = client.token.clone();
        client.submit("/login", &[("csrf", &token), ("login", login), ("password", password)])?;
        Ok(client)
    }

    fn submit(&self, path: &str, fields: &[(&str, &str)]) -> Result<String> {
        let response = self
            .agent
            .post(format!("{}{path}", self.base))
            .header("origin", &self.base)
            .send_form(fields.iter().copied())?;
        taken(path, answer(response)?)
    }

    /// Takes the form token from a page.
    fn renew(&mut self, path: &str) -> Result<()> {
        let page = self.get(path)?;
        let start = page.find("name=\"csrf\"").with_context(|| format!("{path} has no form token"))?;
        let value = page[start..].split('"').nth(3).context("the form token has no value")?;
        self.token = value.to_owned();
        Ok(())
    }
}

fn answer(mut response: ureq::http::Response<ureq::Body>) -> Result<Answer> {
    let location = response.headers().get("location").map(|place| place.to_str()).transpose()?;
    Ok(Answer {
        status: response.status().as_u16(),
        location: location.unwrap_or_default().to_owned(),
        body: response.body_mut().read_to_string()?,
    })
}

fn taken(path: &str, answer: Answer) -> Result<String> {
    if answer.status != 303 {
        let text: String = answer.body.chars().take(400).collect();
        bail!("{path} answered {}: {text}", answer.status);
    }
    Ok(answer.location)
}
