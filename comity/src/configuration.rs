//! One file, `comity.toml`, says how a node runs; secrets come from `COMITY_*` variables.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{DirBuilder, OpenOptions};
use std::io::Write;
use std::net::SocketAddr;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use jiff::SignedDuration;
use ledger::Profile;
use serde::Deserialize;
use site::officers::Role;

use crate::log;

/// The configuration's usual name.
const FILE: &str = "comity.toml";

/// Everything a node needs to know before it starts. Unknown fields are refused, so that a slip in
/// writing is found at the start and not in the field.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Configuration {
    /// Origin of the record, as every checkpoint names it, for example `jiashan.comity.example`.
    pub name: String,
    /// The bureau whose register this is: a folder of `region/`, for example `jiashan`.
    pub bureau: String,
    /// Folder of the node's data: database, keys, uploads, papers.
    pub data: PathBuf,
    /// Where the node listens. Plain HTTP is served on loopback only.
    #[serde(default = "loopback")]
    pub address: SocketAddr,
    /// TLS certificate chain and key, both PEM files; needed on every address but loopback.
    pub tls: Option<Tls>,
    /// The one line that puts the node on PostgreSQL instead of the embedded SQLite.
    pub postgres: Option<String>,
    /// How checkpoints are signed: `international` (Ed25519, if not given) or `commercial` (SM2 with SM3 beside it, 商用密码).
    #[serde(default)]
    pub cryptography: Profile,
    /// Requests at once, and more for each second, that one network address may make; `[400, 100]` if not given.
    pub flow: Option<(u32, u32)>,
    /// Posts that must have a second factor, for example `["administrator", "head"]`; none if not given.
    #[serde(default)]
    pub second_factor: BTreeSet<Role>,
    /// How log lines are written, `json` or `plain`; JSON if not given, but plain at a terminal.
    pub log: Option<log::Form>,
    /// Where traces are sent by OpenTelemetry, for example `http://127.0.0.1:4318/v1/traces`; nowhere if not given.
    pub traces: Option<String>,
    /// Folder of fonts for papers; the set-up writes the default.
    pub fonts: Option<PathBuf>,
    /// Folder that replaces the law files built into the program.
    pub law: Option<PathBuf>,
    /// Where backups go and for whom; none are taken if not given.
    pub backup: Option<BackupPlan>,
    /// The text it was read from; empty when there is no file.
    #[serde(skip)]
    text: String,
}

/// The backups of a node.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BackupPlan {
    /// Best on another disk or machine than the data.
    pub folder: PathBuf,
    /// To whom they are encrypted: the public half of a pair that `comity backup key` makes, `age1…`.
    pub recipient: String,
    /// How long after one the next is taken, for example `1h`; a day if not given.
    #[serde(default = "day")]
    pub every: SignedDuration,
    /// Whether the node's signing key goes into them: without it a restored node can be read, but not go on.
    #[serde(default = "yes")]
    pub signing_key: bool,
}

/// Certificate files of the node, as an authority issued them.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tls {
    pub certificate: PathBuf,
    pub key: PathBuf,
}

impl Configuration {
    /// Reads `file`; `environment` may replace the PostgreSQL address (`COMITY_POSTGRES`), which holds a password.
    ///
    /// # Errors
    /// A missing file, a field that is unknown or of the wrong kind (named with its line), or a TLS file that is not there.
    pub fn read(file: &Path, environment: &BTreeMap<String, String>) -> Result<Configuration> {
        let text = std::fs::read_to_string(file)
            .with_context(|| format!("the configuration {} cannot be read", file.display()))?;
        let mut configuration = Configuration::parse(file, text)?;
        configuration.take_secrets(environment);
        configuration.check()?;
        Ok(configuration)
    }

    /// The configuration of the demo: everything in `data`, on `address`. A demo never touches a PostgreSQL server.
    pub fn demo(data: PathBuf, address: SocketAddr, environment: &BTreeMap<String, String>) -> Configuration {
        let mut configuration = Configuration {
            name: "jiashan.comity.example".into(),
            bureau: "jiashan".into(),
            data,
            address,
            tls: None,
            postgres: None,
            cryptography: Profile::default(),
            flow: None,
            second_factor: BTreeSet::new(),
            log: None,
            traces: None,
            fonts: None,
            law: None,
            backup: None,
            text: String::new(),
        };
        configuration.take_fonts(environment);
        configuration
    }

    /// The configuration of a data folder by itself: of a demo, which keeps its own file there, or of a copy that was
    /// made only to be verified.
    ///
    /// # Errors
    /// When the folder holds no node's data, or its file is at fault.
    pub fn of_folder(folder: &Path, environment: &BTreeMap<String, String>) -> Result<Configuration> {
        let file = folder.join(FILE);
        if file.exists() {
            // The folder itself is meant, not whatever server the environment names.
            let mut configuration = Configuration::read(&file, &BTreeMap::new())?;
            configuration.take_fonts(environment);
            return Ok(Configuration { data: folder.to_path_buf(), ..configuration });
        }
        let keys = ledger::keys::public(folder)
            .with_context(|| format!("{} does not look like a node's data", folder.display()))?;
        let mut configuration = Configuration::demo(folder.to_path_buf(), loopback(), environment);
        configuration.name = keys.first().map(|key| key.name().to_owned()).unwrap_or_default();
        Ok(configuration)
    }

    /// Writes this configuration into its own data folder.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn keep(&self) -> Result<()> {
        std::fs::create_dir_all(&self.data)
            .with_context(|| format!("the data folder {} cannot be made", self.data.display()))?;
        Ok(std::fs::write(self.file(), self.text())?)
    }

    /// Writes the configuration of a node that was moved into a new data folder and to this database, and reads it back.
    ///
    /// # Errors
    /// When the text is at fault or the folder cannot be written.
    pub fn moved(text: &str, data: &Path, postgres: Option<&str>) -> Result<Configuration> {
        let mut table: toml::Table = text.parse().context("the configuration in the backup is at fault")?;
        let data = std::path::absolute(data)?;
        table.insert("data".to_owned(), data.to_string_lossy().into_owned().into());
        table.remove("postgres");
        table.extend(postgres.map(|url| ("postgres".to_owned(), url.into())));
        let failed = || format!("the data folder {} cannot be made", data.display());
        DirBuilder::new().recursive(true).mode(0o700).create(&data).with_context(failed)?;
        let file = data.join(FILE);
        // It may hold the password of a database.
        let mut out =
            OpenOptions::new().write(true).create_new(true).mode(0o600).open(&file).with_context(failed)?;
        out.write_all(table.to_string().as_bytes()).with_context(failed)?;
        // Not checked here: certificates, say, may not be there yet.
        Configuration::parse(&file, table.to_string())
    }

    fn parse(file: &Path, text: String) -> Result<Configuration> {
        let parsed: Result<Configuration, _> = toml::from_str(&text);
        let parsed = parsed.with_context(|| format!("the configuration {} is at fault", file.display()))?;
        Ok(Configuration { text, ..parsed })
    }

    /// The text it was read from or, without a file, the text of what must be said.
    pub fn text(&self) -> String {
        if !self.text.is_empty() {
            return self.text.clone();
        }
        let address = self.address.to_string();
        let (name, bureau, data) = (&self.name, &self.bureau, &self.data);
        format!("name = {name:?}\nbureau = {bureau:?}\ndata = {data:?}\naddress = {address:?}\n")
    }

    /// Where a configuration that lies in its own data folder stands.
    pub fn file(&self) -> PathBuf {
        self.data.join(FILE)
    }

    /// The database this configuration names.
    pub fn store(&self) -> store::Settings {
        match &self.postgres {
            Some(url) => store::Settings::Postgres { url: url.clone(), schema: schema_name(&self.name) },
            None => store::Settings::Sqlite { file: self.data.join("comity.sqlite") },
        }
    }

    fn take_secrets(&mut self, environment: &BTreeMap<String, String>) {
        if let Some(url) = environment.get("COMITY_POSTGRES") {
            self.postgres = Some(url.clone());
        }
        self.take_fonts(environment);
    }

    fn take_fonts(&mut self, environment: &BTreeMap<String, String>) {
        if let Some(folder) = environment.get("COMITY_FONTS") {
            self.fonts.get_or_insert(PathBuf::from(folder));
        }
    }

    fn check(&self) -> Result<()> {
        if self.tls.is_none() && !self.address.ip().is_loopback() {
            bail!(
                "{} is not a loopback address: name [tls] certificate and key to serve there",
                self.address
            );
        }
        if let Some(address) = self.traces.as_ref().filter(|address| !address.starts_with("http://")) {
            bail!(
                "traces go to a collector by plain HTTP, best to one on this machine: {address} is no http:// address"
            );
        }
        for file in self.tls.iter().flat_map(|tls| [&tls.certificate, &tls.key]) {
            if !file.exists() {
                bail!("the TLS file {} does not exist", file.display());
            }
        }
        Ok(())
    }
}

fn day() -> SignedDuration {
    SignedDuration::from_hours(24)
}

fn yes() -> bool {
    true
}

fn loopback() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 8080))
}

/// A PostgreSQL schema name for a record's origin: letters, digits and `_` only.
fn schema_name(origin: &str) -> String {
    origin
        .chars()
        .map(|each| if each.is_ascii_alphanumeric() { each.to_ascii_lowercase() } else { '_' })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Configuration> {
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("comity.toml");
        std::fs::write(&file, text)?;
        Configuration::read(&file, &BTreeMap::new())
    }

    const LEAST: &str = "name = 'a.example'\nbureau = 'jiashan'\ndata = 'data'\n";

    #[test]
    fn one_line_puts_the_node_on_postgresql() {
        assert!(matches!(read(LEAST).unwrap().store(), store::Settings::Sqlite { .. }));
        let text = format!("{LEAST}postgres = 'postgres://comity@localhost/comity'\n");
        assert!(matches!(read(&text).unwrap().store(), store::Settings::Postgres { .. }));
    }

    #[test]
    fn one_line_chooses_how_checkpoints_are_signed() {
        assert_eq!(read(LEAST).unwrap().cryptography, Profile::International);
        let commercial = read(&format!("{LEAST}cryptography = 'commercial'\n")).unwrap();
        assert_eq!(commercial.cryptography, Profile::Commercial);
        assert!(read(&format!("{LEAST}cryptography = 'sm2'\n")).is_err());
    }

    #[test]
    fn a_slip_is_named_with_its_field() {
        let fault = format!("{:#}", read(&format!("{LEAST}adress = '127.0.0.1:1'\n")).unwrap_err());
        assert!(fault.contains("adress"), "{fault}");
    }

    #[test]
    fn backups_are_daily_and_with_the_key_unless_said_otherwise() {
        let plan = |more: &str| {
            let text = format!("{LEAST}[backup]\nfolder = 'b'\nrecipient = 'age1'\n{more}");
            read(&text).unwrap().backup.unwrap()
        };
        assert_eq!((plan("").every, plan("").signing_key), (SignedDuration::from_hours(24), true));
        let often = plan("every = '1h 30m'\nsigning_key = false\n");
        assert_eq!((often.every, often.signing_key), (SignedDuration::from_mins(90), false));
    }

    #[test]
    fn a_moved_configuration_keeps_all_but_the_place() {
        let home = tempfile::tempdir().unwrap();
        let text = format!("{LEAST}postgres = 'postgres://there'\nflow = [9, 9]\n");
        let moved = Configuration::moved(&text, &home.path().join("new"), None).unwrap();
        assert_eq!((moved.name.as_str(), moved.flow, moved.postgres), ("a.example", Some((9, 9)), None));
        assert_eq!(moved.data, home.path().join("new"));
        let moved = Configuration::moved(&text, &home.path().join("other"), Some("postgres://here")).unwrap();
        assert_eq!(moved.postgres.as_deref(), Some("postgres://here"));
    }

    #[test]
    fn plain_http_stays_on_loopback() {
        let fault = read(&format!("{LEAST}address = '0.0.0.0:80'\n")).unwrap_err().to_string();
        assert!(fault.contains("not a loopback address"), "{fault}");
    }
}
