//! What a request asks: the members of the only child of its Body.

use roxmltree::Node;

use super::faults::{FaultCode, Refusal};
use super::message::Tree;
use crate::trembita::services::{Form, NAMESPACE, PURPOSE, Service};
use crate::trembita::shapes::Shapes;
use crate::trembita::xml::{elements, standing_alone, text_of};

// The messages that stand within a question as they are.
use kordon_schemas::xml::NAMESPACE as MESSAGES;

/// What was asked of a service.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Question {
    /// The parameters by name, in their order, without the white space around them.
    pub parameters: Vec<(&'static str, String)>,
    /// Why, as Trembita's services are told it: in the message.
    pub purpose: Option<String>,
    /// The message within.
    pub message: Option<Content>,
}

/// A message that stood within a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// As a document of its own whose lines and columns are those of the whole.
    Xml(String),
    /// As JSON.
    Json(String),
}

impl Question {
    /// Reads what the message with that tree asks of `service`.
    ///
    /// # Errors
    /// [`FaultCode::InvalidRequest`] with what is not as the WSDL has it.
    pub fn read(tree: &Tree<'_>, service: &Service, shapes: &Shapes) -> Result<Self, Refusal> {
        let wrapper = tree
            .root_element()
            .children()
            .rfind(Node::is_element)
            .and_then(|body| elements(body).next())
            .ok_or_else(|| refused("the Body is empty"))?;
        let name = wrapper.tag_name();
        let is_named =
            name.name() == service.code || name.name().strip_suffix("Request") == Some(service.code);
        if !is_named || name.namespace() != Some(NAMESPACE) {
            return Err(refused(format!("the Body holds {} of the namespace {NAMESPACE}", service.code)));
        }
        let mut question = Self::default();
        for child in wrapper.children() {
            if child.is_text() && child.text().is_some_and(|text| !text.trim().is_empty()) {
                return Err(refused("text stands between the members of the question"));
            }
            if child.is_element() {
                question.take(service, shapes, child, tree.input_text())?;
            }
        }
        for parameter in service.parameters.iter().filter(|parameter| parameter.is_needed) {
            if !question.parameters.iter().any(|(name, _)| *name == parameter.name) {
                return Err(refused(format!("{} is missing", parameter.name)));
            }
        }
        match (service.message, &question.message) {
            (Some(missing), None) => {
                let namespace = if missing.shape().is_some() { NAMESPACE } else { MESSAGES };
                Err(refused(format!("{} of the namespace {namespace} is missing", missing.element())))
            }
            (Some(_), Some(_)) | (None, _) => Ok(question),
        }
    }

    fn take(
        &mut self,
        service: &Service,
        shapes: &Shapes,
        member: Node<'_, '_>,
        text: &str,
    ) -> Result<(), Refusal> {
        let (namespace, name) = (member.tag_name().namespace(), member.tag_name().name());
        let twice = || refused(format!("{name} stands twice"));
        let content = match service.message {
            Some(Form::Xml(element)) if namespace == Some(MESSAGES) && name == element => {
                let alone =
                    standing_alone(member, text).ok_or_else(|| refused(format!("{name} cannot be read")))?;
                Some(Content::Xml(alone))
            }
            Some(Form::Json { element, shape }) if namespace == Some(NAMESPACE) && name == element => {
                Some(Content::Json(shapes.json_of(shape, member)?.to_string()))
            }
            Some(Form::Xml(_) | Form::Json { .. }) | None => None,
        };
        if let Some(content) = content {
            return if self.message.replace(content).is_some() { Err(twice()) } else { Ok(()) };
        }
        if namespace != Some(NAMESPACE) {
            return Err(refused(format!("{name} is not known here")));
        }
        let value = text_of(member).ok_or_else(|| refused(format!("{name} holds text only")))?;
        let value = value.trim().to_owned();
        if name == PURPOSE {
            return if self.purpose.replace(value).is_some() { Err(twice()) } else { Ok(()) };
        }
        let parameter = service
            .parameters
            .iter()
            .find(|parameter| parameter.name == name)
            .ok_or_else(|| refused(format!("{name} is not known here")))?;
        if self.parameters.iter().any(|(own, _)| *own == parameter.name) {
            return Err(twice());
        }
        self.parameters.push((parameter.name, value));
        Ok(())
    }
}

fn refused(text: impl std::fmt::Display) -> Refusal {
    Refusal::new(FaultCode::InvalidRequest, text)
}
