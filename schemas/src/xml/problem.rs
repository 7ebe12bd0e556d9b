//! Problems, in the XML form of RFC 9457, appendix B: entries of a list are `<i>`.

use std::borrow::Cow;

use super::{Elements, PROBLEM_NAMESPACE, ToXml, XmlText};
use crate::problem::{Fault, Problem, ProblemCode};

impl XmlText for ProblemCode {
    fn xml_text(&self) -> Cow<'_, str> {
        Cow::Borrowed(self.as_str())
    }
}

impl ToXml for Problem {
    fn element(&self) -> &'static str {
        "problem"
    }

    fn namespace(&self) -> &'static str {
        PROBLEM_NAMESPACE
    }

    fn write_members(&self, elements: &mut Elements) {
        let Self { type_, title, status, code, detail, request_id, faults } = self;
        elements.value("type", type_);
        elements.value("title", title);
        elements.value("status", status);
        elements.value("code", code);
        elements.value("detail", detail);
        elements.optional("request_id", request_id.as_ref());
        if !faults.is_empty() {
            elements.parts("faults", faults);
        }
    }
}

impl ToXml for Fault {
    fn element(&self) -> &'static str {
        "i"
    }

    fn namespace(&self) -> &'static str {
        PROBLEM_NAMESPACE
    }

    fn write_members(&self, elements: &mut Elements) {
        let Self { path, detail } = self;
        elements.value("path", path);
        elements.value("detail", detail);
    }
}
