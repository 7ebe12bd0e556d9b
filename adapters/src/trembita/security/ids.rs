//! What an Id points to. An attribute of any namespace that looks like an id counts when it is asked whether
//! an Id stands once, because other readers take other attributes for ids; but only `wsu:Id` is pointed to.

use std::collections::{HashMap, HashSet};

use roxmltree::{Node, NodeId};

use super::WSU;
use super::refusal::{Reason, Refusal};

/// The ids of a document.
pub(super) struct Ids<'a> {
    first: HashMap<&'a str, NodeId>,
    doubled: HashSet<&'a str>,
}

impl<'a> Ids<'a> {
    /// Reads all ids.
    pub(super) fn of(root: Node<'a, '_>) -> Self {
        let mut ids = Self { first: HashMap::new(), doubled: HashSet::new() };
        for element in root.descendants().filter(Node::is_element) {
            for attribute in element.attributes().filter(|own| own.name().eq_ignore_ascii_case("id")) {
                let known = *ids.first.entry(attribute.value()).or_insert(element.id());
                if known != element.id() {
                    ids.doubled.insert(attribute.value());
                }
            }
        }
        ids
    }

    /// The only element with that `wsu:Id`.
    pub(super) fn resolve<'input>(
        &self,
        uri: &str,
        root: Node<'a, 'input>,
    ) -> Result<Node<'a, 'input>, Refusal> {
        let refused = |text: &str| Refusal::new(Reason::Reference, format!("the reference {uri:?} {text}"));
        let id = uri.strip_prefix('#').ok_or_else(|| refused("is not to an Id of this message"))?;
        if id.is_empty() || id.contains(['(', ')', '\'', '"', ' ']) {
            return Err(refused("is no bare name"));
        }
        if self.doubled.contains(id) {
            return Err(Refusal::new(Reason::Ambiguous, format!("the Id {id:?} stands twice")));
        }
        let node = self.first.get(id).and_then(|found| root.document().get_node(*found));
        let node = node.ok_or_else(|| refused("is to no element of this message"))?;
        if node.attribute((WSU, "Id")) != Some(id) {
            return Err(refused("is to an element whose wsu:Id is another"));
        }
        Ok(node)
    }
}
