//! `kordon party`: organisations and their systems.

use clap::Subcommand;
use kordon_hub::Clock;
use kordon_hub::parties::{self, NewSystem, Role, Scope, SignaturePolicy, SystemId, Zone};
use kordon_schemas::{CheckpointCode, Edrpou};
use uuid::Uuid;

use super::{Place, runtime, say};
use crate::hub::prepare;

/// What to do with parties.
#[derive(Debug, Subcommand)]
pub(super) enum Party {
    /// Registers a system, and its organisation if it is new. Prints the system's id.
    Add {
        /// The organisation's EDRPOU code.
        #[arg(long)]
        edrpou: Edrpou,
        /// The organisation's name.
        #[arg(long)]
        organisation: String,
        /// The system's name, unique within the organisation.
        #[arg(long)]
        system: String,
        /// The role it acts in.
        #[arg(long, value_parser = role)]
        role: Role,
        /// A checkpoint that it is limited to; may be given several times.
        #[arg(long = "checkpoint")]
        checkpoints: Vec<CheckpointCode>,
        /// A waiting zone that it is limited to; may be given several times.
        #[arg(long = "zone")]
        zones: Vec<String>,
    },
    /// Sets whether a system signs its messages when it asks without a security server: `none` (it is not
    /// taken at a signature), `optional`, or `required` (it is taken at nothing else).
    Signatures {
        /// The system's id, as `kordon party list` shows it.
        #[arg(long)]
        system: Uuid,
        /// The policy.
        #[arg(value_parser = policy)]
        policy: SignaturePolicy,
    },
    /// Lists the systems with their credentials.
    List,
}

fn role(name: &str) -> Result<Role, String> {
    Role::from_name(name).ok_or_else(|| {
        let names: Vec<&str> = Role::ALL.iter().map(|role| role.as_str()).collect();
        format!("the roles are {}", names.join(", "))
    })
}

fn policy(name: &str) -> Result<SignaturePolicy, String> {
    SignaturePolicy::from_name(name).ok_or_else(|| "the policies are none, optional, required".to_owned())
}

impl Party {
    /// Carries it out.
    pub(super) fn run(self, place: Place) -> anyhow::Result<()> {
        let settings = place.settings()?;
        let (cluster, database) = place.site().reach_database(&settings)?;
        runtime()?.block_on(async {
            let clock = Clock::system();
            let database = prepare(database, &clock).await?;
            let mut connection = database.connection().await?;
            match self {
                Self::Add { edrpou, organisation, system, role, checkpoints, zones } => {
                    let scope = Scope {
                        checkpoints: Some(checkpoints).filter(|list| !list.is_empty()),
                        zones: Some(zones.into_iter().map(Zone).collect::<Vec<_>>())
                            .filter(|list| !list.is_empty()),
                    };
                    let new =
                        NewSystem { edrpou, organisation_name: organisation, name: system, role, scope };
                    say(&parties::add_system(&mut connection, new, clock.now()).await?.id.to_string());
                }
                Self::Signatures { system, policy } => {
                    parties::set_signatures(&mut connection, SystemId(system), policy).await?;
                    say(&format!("signatures: {}", policy.as_str()));
                }
                Self::List => {
                    for (system, credentials) in parties::list(&mut connection).await? {
                        say(&describe(&system));
                        for credential in credentials {
                            say(&describe_credential(&credential));
                        }
                    }
                }
            }
            anyhow::Ok(())
        })?;
        drop(cluster);
        Ok(())
    }
}

fn describe(system: &parties::System) -> String {
    let parties::System { id, organisation, name, role, scope, signatures } = system;
    let mut text = format!("{id}  {role}  {name}  ({} {})", organisation.edrpou, organisation.name);
    if let Some(checkpoints) = &scope.checkpoints {
        let codes: Vec<&str> = checkpoints.iter().map(CheckpointCode::as_str).collect();
        text += &format!("  at {}", codes.join(", "));
    }
    if let Some(zones) = &scope.zones {
        let zones: Vec<&str> = zones.iter().map(|zone| zone.0.as_str()).collect();
        text += &format!("  in {}", zones.join(", "));
    }
    if *signatures != SignaturePolicy::None {
        text += &format!("  signatures: {}", signatures.as_str());
    }
    text
}

fn describe_credential(credential: &parties::Credential) -> String {
    let parties::Credential { id, system: _, kind, issued_at, expires_at, revoked_at } = credential;
    let end = match revoked_at {
        Some(revoked_at) => format!("revoked {revoked_at}"),
        None => format!("until {expires_at}"),
    };
    format!("    {id}  {}  since {issued_at}, {end}", kind.as_str())
}
