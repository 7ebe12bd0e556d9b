//! HTML as lines, as a reader sees it. What a mail quotes is marked as in plain text, so whoever reads
//! contact data tells it from what was written now (Order 926, section III, clause 7).
//!
//! `html5gum` says what is a tag, a comment, a script or a text, as browsers do. It builds no tree and keeps
//! no attributes, so what a stranger sends takes no longer than it is long; where lines begin and end is
//! decided here.

use std::convert::Infallible;

use html5gum::emitters::callback::{CallbackEmitter, CallbackEvent};
use html5gum::{Span, Tokenizer};

/// Whether an element begins and ends a line.
fn is_block(name: &[u8]) -> bool {
    matches!(
        name,
        b"p" | b"div"
            | b"tr"
            | b"li"
            | b"table"
            | b"caption"
            | b"ul"
            | b"ol"
            | b"dl"
            | b"dt"
            | b"dd"
            | b"h1"
            | b"h2"
            | b"h3"
            | b"h4"
            | b"h5"
            | b"h6"
            | b"pre"
            | b"center"
            | b"address"
            | b"article"
            | b"section"
            | b"header"
            | b"footer"
            | b"form"
            | b"fieldset"
    )
}

/// Whether no reader sees what an element holds.
fn is_unseen(name: &[u8]) -> bool {
    matches!(name, b"title" | b"style" | b"script" | b"template")
}

/// The text of HTML, without its formatting.
pub(super) fn text_of_html(html: &str) -> String {
    let mut lines = Lines::default();
    let mut emitter = CallbackEmitter::new(|event: CallbackEvent<'_>, _: Span<()>| -> Option<Infallible> {
        lines.take(event);
        None
    });
    // What stands in a script or a style is no tag.
    emitter.naively_switch_states(true);
    let Ok(()) = Tokenizer::new_with_emitter(html, emitter).finish();
    lines.made
}

/// The lines that were made so far.
#[derive(Default)]
struct Lines {
    made: String,
    /// Whether anything stands in the line yet.
    begun: bool,
    /// Whether white space stands before what comes next.
    spaced: bool,
    /// How many quotations are open.
    quoted: usize,
    /// How many elements are open that keep their line ends.
    as_written: usize,
    /// The element that is open and that no reader sees.
    unseen: Option<Vec<u8>>,
}

impl Lines {
    fn take(&mut self, event: CallbackEvent<'_>) {
        match event {
            CallbackEvent::OpenStartTag { name } => self.begin(name),
            CallbackEvent::CloseStartTag { self_closing: true } => self.unseen = None,
            CallbackEvent::EndTag { name } => self.end(name),
            CallbackEvent::String { value } => {
                if self.unseen.is_none() {
                    String::from_utf8_lossy(value).chars().for_each(|character| self.character(character));
                }
            }
            CallbackEvent::CloseStartTag { self_closing: false }
            | CallbackEvent::AttributeName { .. }
            | CallbackEvent::AttributeValue { .. }
            | CallbackEvent::Comment { .. }
            | CallbackEvent::Doctype { .. }
            | CallbackEvent::Error(_) => {}
        }
    }

    fn begin(&mut self, name: &[u8]) {
        if is_unseen(name) {
            self.unseen = Some(name.to_vec());
        }
        match name {
            b"br" => self.new_line(),
            b"hr" => {
                self.end_line();
                "-----".chars().for_each(|character| self.character(character));
                self.new_line();
            }
            b"td" | b"th" => self.spaced = true,
            b"blockquote" => {
                self.end_line();
                self.quoted = self.quoted.saturating_add(1);
            }
            name if is_block(name) => self.end_line(),
            _ => {}
        }
        if name == b"pre" {
            self.as_written = self.as_written.saturating_add(1);
        }
    }

    fn end(&mut self, name: &[u8]) {
        if self.unseen.as_deref() == Some(name) {
            self.unseen = None;
        }
        match name {
            // As browsers take it.
            b"br" => self.new_line(),
            b"blockquote" => {
                self.end_line();
                self.quoted = self.quoted.saturating_sub(1);
            }
            name if is_block(name) => self.end_line(),
            _ => {}
        }
        if name == b"pre" {
            self.as_written = self.as_written.saturating_sub(1);
        }
    }

    fn character(&mut self, character: char) {
        match character {
            '\n' if self.as_written > 0 => self.new_line(),
            ' ' | '\t' | '\n' | '\r' | '\u{c}' => self.spaced = true,
            character => {
                if !self.begun && self.quoted > 0 {
                    self.made.push_str("> ");
                }
                if self.begun && self.spaced {
                    self.made.push(' ');
                }
                (self.begun, self.spaced) = (true, false);
                // A space all the same, that only did not let a line end.
                self.made.push(if character == '\u{a0}' { ' ' } else { character });
            }
        }
    }

    /// Ends the line if anything stands in it.
    fn end_line(&mut self) {
        if self.begun {
            self.new_line();
        }
    }

    fn new_line(&mut self) {
        self.made.push('\n');
        (self.begun, self.spaced) = (false, false);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines_of(html: &str) -> Vec<String> {
        text_of_html(html)
            .lines()
            .map(|line| line.trim().to_owned())
            .filter(|line| !line.is_empty())
            .collect()
    }

    #[test]
    fn every_block_is_a_line() {
        for html in [
            "<div>ЄДРПОУ: 1</div><div>Назва: А</div>",
            "ЄДРПОУ: 1<div>Назва: А</div>",
            "<table><tr><td>ЄДРПОУ:</td> <td>1</td></tr><tr><td>Назва: А</td></tr></table>",
            "<ul><li>ЄДРПОУ: 1<li>Назва: А</ul>",
            "<H1>ЄДРПОУ: 1</H1><p class=x>Назва: А</P>",
            "<DIV dir='ltr'>ЄДРПОУ: 1<br clear=\"all\">Назва: А</DIV>",
            "<!-- <div> <blockquote> -->ЄДРПОУ: 1<p>Назва: А",
            "<!-- header ---><p>ЄДРПОУ: 1<!----- x -----><p>Назва: А",
            "<html><head><title>x</title><body>ЄДРПОУ: 1<p>Назва: А",
            "<style type='text/css'>p > a {color: red}</style>ЄДРПОУ:\n 1<script>if (a<b) {}</script><p>Назва: А",
            "<pre>ЄДРПОУ: 1\nНазва: А</pre>",
            "<p title='a > b'>ЄДРПОУ:&nbsp;1</p><p>Назва: А",
            "<table><tr><td>ЄДРПОУ:</td><td>1</td></tr><tr><td>Назва: А</td></tr></table>",
        ] {
            assert_eq!(lines_of(html), ["ЄДРПОУ: 1", "Назва: А"], "{html}");
        }
        let blank = "<div>а</div><div><br></div><div>б</div>";
        assert_eq!(text_of_html(blank), "а\n\nб\n", "an empty line stays one");
    }

    #[test]
    fn what_is_quoted_is_marked_and_what_follows_is_not() {
        let html = "<div>Пише:</div><blockquote type=cite><div>а</div><p>б</p><blockquote>в</blockquote>г<br>ґ</blockquote>Своє<hr width=1>Чуже";
        let lines = lines_of(html);
        let marks: Vec<bool> = lines.iter().map(|line| line.starts_with('>')).collect();
        assert_eq!(lines.first().map(String::as_str), Some("Пише:"));
        assert_eq!(lines.get(lines.len() - 3..).unwrap(), ["Своє", "-----", "Чуже"]);
        assert!(marks.get(1..lines.len() - 3).unwrap().iter().all(|marked| *marked), "{lines:?}");
    }

    #[test]
    fn what_has_no_end_takes_no_longer() {
        let attributes: String = (0..200_000).map(|number| format!(" a{number}=1")).collect();
        let parts = [
            "<",
            "<br",
            "<!--",
            "</blockquote",
            "<blockquote>",
            "<div>x",
            "&",
            "<!-- -->",
            "<a x=",
            "<pre>",
            "<title>",
        ];
        for part in parts.into_iter().chain([format!("<p{attributes}>").as_str()]) {
            let html = part.repeat(1_000_000 / part.len());
            let began = std::time::Instant::now();
            drop(text_of_html(&html));
            assert!(began.elapsed().as_secs() < 20, "{part}: {:?}", began.elapsed());
        }
        assert_eq!(text_of_html("а < б"), "а < б");
        assert_eq!(lines_of("1 < 2<div>а</div>б"), ["1 < 2", "а", "б"]);
    }
}
