//! The JSON Schema of a booking's data has to be closed: what it does not name must not come in, or more
//! would be stored than the rules ask for (clause 22). That can only be seen where every value has a type and
//! every object refuses other members.

use serde_json::{Map, Value};

use super::Faults;
use crate::checkpoints::rules::data_schema;

/// The largest schema, in bytes of compact JSON.
const LARGEST: usize = 65_536;

/// The deepest schema. A request has 32 levels, and the rules take some of them.
const DEEPEST: usize = 24;

/// The one dialect.
const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// Members that name a place outside of the schema or move the meaning of a place within.
const FOREIGN: [&str; 6] =
    ["$id", "$anchor", "$dynamicRef", "$dynamicAnchor", "$recursiveRef", "$vocabulary"];

/// Members whose value is a schema that only judges the value at hand, and lists of such.
const JUDGING: [&str; 6] = ["not", "if", "then", "else", "contains", "propertyNames"];
const JUDGING_LISTS: [&str; 3] = ["allOf", "anyOf", "oneOf"];

pub(super) fn check(faults: &mut Faults, path: &str, schema: &Value) {
    let size = schema.to_string().len();
    if size > LARGEST {
        return faults.add(path, format!("has {size} bytes; at most {LARGEST} are taken"));
    }
    let before = faults.0.len();
    if schema.get("type").and_then(Value::as_str) != Some("object") {
        faults.add(path, "describes an object: its `type` is `object`");
    }
    let mut walk = Walk { faults, root: schema };
    walk.value(path, schema, 0);
    if faults.0.len() == before
        && let Err(fault) = data_schema::compile(schema)
    {
        faults.add(format!("{path}{}", fault.path), fault.detail);
    }
}

struct Walk<'a> {
    faults: &'a mut Faults,
    root: &'a Value,
}

impl Walk<'_> {
    /// A schema of a value that would be stored: it has to say what may stand there.
    fn value(&mut self, path: &str, schema: &Value, depth: usize) {
        let Some(members) = self.members(path, schema) else { return };
        let said = ["type", "const", "enum", "$ref"].iter().any(|member| members.contains_key(*member));
        if !said {
            self.faults.add(path, "says no `type`, `const`, `enum` or `$ref`: anything would be taken");
        }
        let takes = |kind: &str| match members.get("type") {
            Some(Value::String(one)) => one == kind,
            Some(Value::Array(several)) => several.iter().any(|one| one == kind),
            _ => false,
        };
        let listed = members.contains_key("const") || members.contains_key("enum");
        let refuses = |member: &str| members.get(member) == Some(&Value::Bool(false));
        if takes("object") && !listed && !refuses("additionalProperties") && !refuses("unevaluatedProperties")
        {
            let detail = "takes members that it does not name: add `\"additionalProperties\": false`, or \
                          `\"unevaluatedProperties\": false`";
            self.faults.add(path, detail);
        }
        if takes("array") && !listed && !members.contains_key("items") && !refuses("unevaluatedItems") {
            self.faults.add(path, "does not say by `items` what its list holds");
        }
        self.parts(path, members, depth);
    }

    /// A schema that only judges: what it names within is a value all the same.
    fn judging(&mut self, path: &str, schema: &Value, depth: usize) {
        if let Value::Bool(_) = schema {
            return;
        }
        if let Some(members) = self.members(path, schema) {
            self.parts(path, members, depth);
        }
    }

    fn members<'s>(&mut self, path: &str, schema: &'s Value) -> Option<&'s Map<String, Value>> {
        match schema {
            Value::Object(members) => Some(members),
            Value::Bool(false) => None,
            Value::Bool(true) => {
                self.faults.add(path, "`true` takes anything");
                None
            }
            Value::Null | Value::Number(_) | Value::String(_) | Value::Array(_) => {
                self.faults.add(path, "is no schema: a schema is an object, or `false`");
                None
            }
        }
    }

    fn parts(&mut self, path: &str, members: &Map<String, Value>, depth: usize) {
        if depth >= DEEPEST {
            return self.faults.add(path, format!("is nested more than {DEEPEST} levels deep"));
        }
        let depth = depth + 1;
        for (name, part) in members {
            let at = format!("{path}/{}", token(name));
            match name.as_str() {
                "$schema" if part.as_str() != Some(DIALECT) => {
                    self.faults.add(at, format!("is {DIALECT}"));
                }
                "$ref" => self.reference(&at, part),
                foreign if FOREIGN.contains(&foreign) => {
                    self.faults.add(
                        at,
                        "is not taken: a schema stands by itself and is referred to within by `$ref` alone",
                    );
                }
                "properties" | "patternProperties" | "$defs" | "definitions" => {
                    self.each(&at, part, depth, Self::value);
                }
                "dependentSchemas" => self.each(&at, part, depth, Self::judging),
                "prefixItems" => self.list(&at, part, depth, Self::value),
                "items" | "additionalProperties" | "unevaluatedProperties" | "unevaluatedItems" => {
                    self.value(&at, part, depth);
                }
                judging if JUDGING.contains(&judging) => self.judging(&at, part, depth),
                lists if JUDGING_LISTS.contains(&lists) => self.list(&at, part, depth, Self::judging),
                _ => {}
            }
        }
    }

    fn each(&mut self, path: &str, parts: &Value, depth: usize, check: fn(&mut Self, &str, &Value, usize)) {
        for (name, part) in parts.as_object().into_iter().flatten() {
            check(self, &format!("{path}/{}", token(name)), part, depth);
        }
    }

    fn list(&mut self, path: &str, parts: &Value, depth: usize, check: fn(&mut Self, &str, &Value, usize)) {
        for (index, part) in parts.as_array().into_iter().flatten().enumerate() {
            check(self, &format!("{path}/{index}"), part, depth);
        }
    }

    /// A reference leads to a definition of this schema: such are checked where they stand.
    fn reference(&mut self, path: &str, target: &Value) {
        let target = target.as_str().unwrap_or_default();
        let defined = target
            .strip_prefix('#')
            .filter(|pointer| pointer.starts_with("/$defs/") && pointer.matches('/').count() == 2)
            .is_some_and(|pointer| self.root.pointer(pointer).is_some());
        if !defined {
            self.faults.add(
                path,
                "refers to a definition of this schema, as `#/$defs/name`, and to nothing outside",
            );
        }
    }
}

/// A name as a token of a JSON Pointer.
fn token(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}
