//! An officer's browser, as far as the load needs one: a session, its token, and forms.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use ureq::Agent;

/// A session of one officer on the node.
pub struct Client {
    agent: Agent,
    base: String,
    token: String,
}

impl Client {
    /// Signs in.
    ///
    /// # Errors
    /// When the node does not answer or does not know this login.
    pub fn sign_in(base: &str, login: &str, password: &str) -> Result<Client> {
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
        client.renew("/")?;
        Ok(client)
    }

    /// Reads a page to its end; the answer is its length in bytes.
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
    pub fn submit(&self, path: &str, fields: &[(&str, &str)]) -> Result<String> {
        let response = self
            .agent
            .post(format!("{}{path}", self.base))
            .header("origin", &self.base)
            .send_form(fields.iter().copied())?;
        location(path, response)
    }

    /// The same with `multipart/form-data`.
    ///
    /// # Errors
    /// When the node does not take the form.
    pub fn submit_multipart(&self, path: &str, fields: &[(&str, &str)]) -> Result<String> {
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
        location(path, response)
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

fn location(path: &str, mut response: ureq::http::Response<ureq::Body>) -> Result<String> {
    if response.status() != 303 {
        let status = response.status();
        let body = response.body_mut().read_to_string().unwrap_or_default();
        let text: String = body.chars().take(400).collect();
        bail!("{path} answered {status}: {text}");
    }
    let place = response.headers().get("location").context("no location")?;
    Ok(place.to_str()?.to_owned())
}
