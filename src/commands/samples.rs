//! Sample systems, one per role, so that a first run can try every act: their tokens are kept in the data
//! folder, readable by its owner only. Not for a real site.

use std::collections::BTreeMap;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use chrono::{DateTime, Utc};
use diesel_async::AsyncConnection;
use kordon_hub::Database;
use kordon_hub::database::Connection;
use kordon_hub::parties::{self, DEFAULT_VALIDITY, Role};
use kordon_schemas::Edrpou;

/// The tokens of the sample systems, by role.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub(crate) struct Samples(pub(crate) BTreeMap<Role, String>);

/// The organisation that the sample systems belong to. The code is made for this purpose; its check digit is
/// right.
const ORGANISATION: (&str, &str) = ("20000090", "Kordon sample organisation");

/// Reads the sample tokens of the data folder, or registers the systems and writes them. The file is written
/// in full before the systems are committed, and gets its name after: whenever the hub is killed, the next
/// start has both or neither.
pub(super) async fn ensure(database: &Database, data: &Path, now: DateTime<Utc>) -> anyhow::Result<Samples> {
    let (file, draft) = (data.join("sample-credentials.json"), data.join("sample-credentials.json.new"));
    let mut connection = database.connection().await?;
    if !file.is_file() && parties::any(&mut connection).await? {
        anyhow::ensure!(
            draft.is_file(),
            "this database has parties of its own; sample parties are for a first run (leave out --sample-parties)"
        );
        std::fs::rename(&draft, &file)?;
    }
    if file.is_file() {
        return Ok(serde_json::from_slice(&std::fs::read(&file)?)?);
    }
    let samples = connection
        .transaction::<_, kordon_hub::Error, _>(async |connection| {
            let samples = register(connection, now).await?;
            write(&draft, &samples).map_err(|error| kordon_hub::Error::Internal(error.to_string()))?;
            Ok(samples)
        })
        .await?;
    std::fs::rename(&draft, &file)?;
    Ok(samples)
}

async fn register(connection: &mut Connection, now: DateTime<Utc>) -> kordon_hub::Result<Samples> {
    let stated = |error: kordon_schemas::codes::CodeFault| kordon_hub::Error::Internal(error.to_string());
    let edrpou = Edrpou::parse(ORGANISATION.0).map_err(stated)?;
    let mut tokens = BTreeMap::new();
    for role in Role::ALL {
        let new = parties::sample(role, edrpou.clone(), ORGANISATION.1);
        let system = parties::add_system(connection, new, now).await?;
        let (_, token) = parties::issue_token(connection, system.id, now + DEFAULT_VALIDITY, now).await?;
        tokens.insert(role, token.reveal().to_owned());
    }
    Ok(Samples(tokens))
}

fn write(draft: &Path, samples: &Samples) -> anyhow::Result<()> {
    if draft.is_file() {
        std::fs::remove_file(draft)?;
    }
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(draft)?;
    file.write_all(&serde_json::to_vec_pretty(samples)?)?;
    file.sync_all()?;
    Ok(())
}

impl Samples {
    /// The token of a role.
    pub(crate) fn token(&self, role: Role) -> &str {
        self.0.get(&role).map(String::as_str).unwrap_or_default()
    }

    /// What to paste into a terminal first.
    pub(super) fn introduction(&self, url: &str) -> String {
        use std::fmt::Write as _;
        let mut text = String::from("\nsample credentials, one system per role:\n");
        for (role, token) in &self.0 {
            let _ = writeln!(text, "  {:<17} {token}", role.as_str());
        }
        let now = Utc::now().format("%Y-%m-%dT%H:%M:%SZ");
        let _ = write!(
            text,
            "
record an event:
  curl -sS {url}/api/v1/checkpoints/UA209030/events -H 'Authorization: Bearer {border_guard}' -H 'Content-Type: application/json' -d '{{\"id\":\"first-1\",\"kind\":\"checkpoint-entered\",\"plate\":\"AA 1234 BB\",\"occurred_at\":\"{now}\"}}'

pull the queue:
  curl -sS {url}/api/v1/checkpoints/UA209030/queue -H 'Authorization: Bearer {border_guard}'

declare an outage:
  curl -sS {url}/api/v1/outages -H 'Authorization: Bearer {line_1}' -H 'Content-Type: application/json' -d '{{\"kind\":\"unplanned\",\"affected_systems\":[\"ets\"],\"starts_at\":\"{now}\",\"fallback_allowed\":true,\"text\":{{\"uk\":\"ЕТС недоступна.\",\"en\":\"ETS is unavailable.\"}}}}'
",
            border_guard = self.token(Role::BorderGuard),
            line_1 = self.token(Role::SupportLine1),
        );
        text
    }
}
