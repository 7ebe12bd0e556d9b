//! What a booking must hold, by the JSON Schema (2020-12) of its checkpoint (clauses 11, 22). Nothing is
//! fetched to judge it.

use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use jsonschema::error::ValidationErrorKind as Kind;
use jsonschema::{PatternOptions, ValidationError, Validator};
use kordon_schemas::Fault;
use serde_json::Value;

use crate::error::{Error, Result};

/// How many compiled schemas are kept: more than checkpoints have rules in force.
const MOST_KEPT: usize = 200;

/// The most faults that are told of one booking.
const MOST_FAULTS: usize = 100;

/// By the digest of the schema: two checkpoints, or two versions, with the same schema share it.
type Compiled = Vec<([u8; 32], Arc<Validator>)>;

static COMPILED: LazyLock<Mutex<Compiled>> = LazyLock::new(|| Mutex::new(Vec::new()));

/// Compiles a schema. Patterns are matched in linear time; formats count; no reference outside is followed.
///
/// # Errors
/// Where the schema is none.
pub(super) fn compile(schema: &Value) -> Result<Validator, Fault> {
    jsonschema::draft202012::options()
        .offline()
        .should_validate_formats(true)
        .with_pattern_options(PatternOptions::regex())
        .build(schema)
        .map_err(|error| {
            Fault::new(error.instance_path().as_str(), format!("is no JSON Schema: {}", error.masked()))
        })
}

/// Checks the data of a booking, and names every place that breaks the schema, as seen from the booking.
///
/// # Errors
/// [`Error::Invalid`] with every place; [`Error::Internal`] for a schema that was stored and cannot be
/// compiled.
pub fn check(schema: Option<&Value>, data: Option<&Value>) -> Result<Vec<Fault>> {
    let Some(schema) = schema else {
        let unasked = |_| Fault::new("/data", "is not asked for by the rules of this checkpoint");
        return Ok(data.map(unasked).into_iter().collect());
    };
    let empty = Value::Object(serde_json::Map::new());
    let validator = compiled(schema)?;
    let mut faults: Vec<Fault> = validator
        .iter_errors(data.unwrap_or(&empty))
        .flat_map(|error| told(&error))
        .take(MOST_FAULTS)
        .collect();
    faults.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(faults)
}

fn compiled(schema: &Value) -> Result<Arc<Validator>> {
    let digest = openssl::sha::sha256(schema.to_string().as_bytes());
    let mut kept = COMPILED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, validator)) = kept.iter().find(|(known, _)| *known == digest) {
        return Ok(Arc::clone(validator));
    }
    let validator = compile(schema).map_err(|fault| {
        Error::stored_badly("a data schema", format_args!("{} {}", fault.path, fault.detail))
    })?;
    let validator = Arc::new(validator);
    if kept.len() >= MOST_KEPT {
        kept.remove(0);
    }
    kept.push((digest, Arc::clone(&validator)));
    Ok(validator)
}

/// The faults that an error stands for, at the member that is meant. What was sent is not repeated: it may be
/// of a person.
fn told(error: &ValidationError<'_>) -> Vec<Fault> {
    let at = format!("/data{}", error.instance_path().as_str());
    let member = |name: &str| format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"));
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "the others say themselves what is wrong, at their place"
    )]
    match error.kind() {
        Kind::Required { property } => {
            vec![Fault::new(member(property.as_str().unwrap_or_default()), "is missing")]
        }
        Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } => unexpected
            .iter()
            .map(|name| Fault::new(member(name), "is not asked for by the rules of this checkpoint"))
            .collect(),
        _ => vec![Fault::new(at, error.masked_with("the value").to_string())],
    }
}

#[cfg(test)]
mod tests;
