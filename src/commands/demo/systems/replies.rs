//! Answers as the systems read them, JSON and XML, and whether both say the same.

use anyhow::Context;
use kordon_schemas::ProblemCode;
use kordon_schemas::events::Outcome;
use roxmltree::{Document, Node};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::commands::demo::day::{Form, Manner};

/// What was answered to one event.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "JsonAnswer")]
pub(crate) struct Answer {
    pub(crate) id: Option<String>,
    pub(crate) outcome: Outcome,
    pub(crate) position: Option<i64>,
    pub(crate) crossing: Option<Uuid>,
    /// Why it was refused.
    pub(crate) code: Option<ProblemCode>,
}

#[derive(Deserialize)]
struct JsonAnswer {
    id: Option<String>,
    outcome: Outcome,
    position: Option<i64>,
    crossing: Option<Uuid>,
    problem: Option<JsonProblem>,
}

#[derive(Deserialize)]
struct JsonProblem {
    code: ProblemCode,
}

#[derive(Deserialize)]
struct JsonAnswers {
    items: Vec<Answer>,
}

impl From<JsonAnswer> for Answer {
    fn from(answer: JsonAnswer) -> Self {
        let JsonAnswer { id, outcome, position, crossing, problem } = answer;
        Self { id, outcome, position, crossing, code: problem.map(|problem| problem.code) }
    }
}

/// Reads what was answered to a request that states events: a list, one answer, or a problem.
pub(crate) fn read_answers(
    form: Form,
    manner: Manner,
    status: u16,
    bytes: &[u8],
) -> anyhow::Result<Vec<Answer>> {
    if status >= 400 {
        let code = Some(read_problem(bytes)?);
        let refused = Answer { id: None, outcome: Outcome::Refused, position: None, crossing: None, code };
        return Ok(vec![refused]);
    }
    match (form, manner) {
        (Form::Json, Manner::List) => Ok(serde_json::from_slice::<JsonAnswers>(bytes)?.items),
        (Form::Json, Manner::Single | Manner::Twice) => Ok(vec![serde_json::from_slice(bytes)?]),
        (Form::Xml | Form::XmlWindows1251, _) => {
            let text = std::str::from_utf8(bytes)?;
            let document = Document::parse(text)?;
            let root = document.root_element();
            let answers =
                |parent: Node<'_, '_>| parent.children().filter(Node::is_element).map(xml_answer).collect();
            match manner {
                Manner::List => child(root, "items").map(answers).context("the answer has no `items`")?,
                Manner::Single | Manner::Twice => Ok(vec![xml_answer(root)?]),
            }
        }
    }
}

fn xml_answer(node: Node<'_, '_>) -> anyhow::Result<Answer> {
    let text = |name| child(node, name).and_then(|node| node.text());
    let outcome = text("outcome").context("an answer has no `outcome`")?;
    let problem = node.children().find(|child| child.tag_name().name() == "problem");
    Ok(Answer {
        id: text("id").map(str::to_owned),
        outcome: serde_json::from_value(json!(outcome))?,
        position: text("position").map(str::parse).transpose()?,
        crossing: text("crossing").map(str::parse).transpose()?,
        code: problem.map(xml_problem).transpose()?,
    })
}

fn xml_problem(node: Node<'_, '_>) -> anyhow::Result<ProblemCode> {
    let code = child(node, "code").and_then(|node| node.text()).context("a problem has no `code`")?;
    Ok(serde_json::from_value(json!(code))?)
}

/// Reads the code of a problem in either form.
pub(crate) fn read_problem(bytes: &[u8]) -> anyhow::Result<ProblemCode> {
    let text = std::str::from_utf8(bytes)?;
    if text.starts_with('<') {
        let document = Document::parse(text)?;
        xml_problem(document.root_element())
    } else {
        Ok(serde_json::from_str::<JsonProblem>(text).with_context(|| format!("no problem: {text}"))?.code)
    }
}

fn child<'a, 'input>(node: Node<'a, 'input>, name: &str) -> Option<Node<'a, 'input>> {
    node.children().find(|child| child.is_element() && child.tag_name().name() == name)
}

/// Where an XML answer says something else than the JSON answer; nothing if they say the same.
pub(crate) fn difference(xml: &str, json: &Value) -> anyhow::Result<Option<String>> {
    let document = Document::parse(xml)?;
    Ok(differing(document.root_element(), json, "/"))
}

fn differing(node: Node<'_, '_>, json: &Value, path: &str) -> Option<String> {
    let children: Vec<Node<'_, '_>> = node.children().filter(Node::is_element).collect();
    match json {
        Value::Object(members) => {
            if children.len() != members.len() {
                return Some(format!(
                    "{path} has {} members in XML, {} in JSON",
                    children.len(),
                    members.len()
                ));
            }
            members.iter().find_map(|(name, value)| {
                let path = format!("{path}{name}/");
                child(node, name).map_or_else(
                    || Some(format!("{path} is in JSON only")),
                    |child| differing(child, value, &path),
                )
            })
        }
        Value::Array(items) if children.len() != items.len() => {
            Some(format!("{path} has {} entries in XML, {} in JSON", children.len(), items.len()))
        }
        Value::Array(items) => {
            (0..).zip(children.into_iter().zip(items)).find_map(|(place, (child, item)): (usize, _)| {
                differing(child, item, &format!("{path}{place}/"))
            })
        }
        Value::String(text) => differing_text(node, text, path),
        Value::Null | Value::Bool(_) | Value::Number(_) => differing_text(node, &json.to_string(), path),
    }
}

fn differing_text(node: Node<'_, '_>, json: &str, path: &str) -> Option<String> {
    let xml = node.text().unwrap_or_default();
    (xml != json).then(|| format!("{path} is `{xml}` in XML, `{json}` in JSON"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_between_the_forms_is_named() {
        let json = json!({"waiting": 2, "entries": [{"place": 1, "plate": "BC 1234 KA"}]});
        let xml = |plate: &str| {
            format!(
                "<queue><waiting>2</waiting><entries><queue_entry><place>1</place><plate>{plate}</plate>\
                 </queue_entry></entries></queue>"
            )
        };
        assert_eq!(difference(&xml("BC 1234 KA"), &json).unwrap(), None);
        assert_eq!(
            difference(&xml("BC 1235 KA"), &json).unwrap().unwrap(),
            "/entries/0/plate/ is `BC 1235 KA` in XML, `BC 1234 KA` in JSON"
        );
    }
}
