//! HTML as lines, as a reader sees it: `mail-parser` begins a new line only at `<br>` and `</p>`, and knows no quotations. What a mail
//! quotes is marked as in plain text, so whoever reads contact data tells it from what was written now. One pass; nothing is
//! matched with its end.

use mail_parser::decoders::html::html_to_text;

/// Whether an element begins and ends a line.
fn is_block(name: &str) -> bool {
    let is_heading = matches!(name.as_bytes(), [b'h', b'1'..=b'6']);
    is_heading
        || matches!(
            name,
            "p" | "div" | "tr" | "li" | "table" | "blockquote" | "ul" | "ol" | "dl" | "dt" | "dd"
        )
}

/// The text of HTML, without its formatting.
pub(super) fn text_of_html(html: &str) -> String {
    html_to_text(&in_lines(html))
}

/// The same HTML with a `<br>` wherever a block begins or ends a line, `>` before each quoted line, and a line of dashes for a rule.
fn in_lines(html: &str) -> String {
    let mut lines = Lines { made: String::with_capacity(html.len()), quoted: 0, begun: false };
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        let (text, from_tag) = rest.split_at(at);
        lines.text(text);
        let Some((length, what)) = begun_by(from_tag) else {
            rest = from_tag;
            break;
        };
        let (begun, behind) = from_tag.split_at(length);
        if what == What::Tag {
            lines.tag(begun);
        } else {
            lines.made.push_str(begun);
        }
        rest = behind;
    }
    lines.text(rest);
    lines.made
}

/// What a `<` begins.
#[derive(PartialEq, Eq)]
enum What {
    Tag,
    Comment,
    /// Another `<` comes before any `>`.
    Nothing,
}

/// How long it is and what; `None` when it has no end: then nothing behind it is a tag.
fn begun_by(from_tag: &str) -> Option<(usize, What)> {
    if from_tag.starts_with("<!--") {
        return from_tag.find("-->").map(|at| (at + 3, What::Comment));
    }
    let (at, end) = from_tag.char_indices().skip(1).find(|(_, of)| ['<', '>'].contains(of))?;
    Some(if end == '<' { (at, What::Nothing) } else { (at + 1, What::Tag) })
}

struct Lines {
    made: String,
    /// How many quotations are open.
    quoted: usize,
    /// Whether anything stands in the line yet.
    begun: bool,
}

impl Lines {
    fn text(&mut self, text: &str) {
        self.made.push_str(text);
        self.begun |= !text.trim().is_empty();
    }

    fn tag(&mut self, tag: &str) {
        let inner = tag.trim_start_matches('<').trim_start();
        let (is_end, inner) = inner.strip_prefix('/').map_or((false, inner), |inner| (true, inner));
        let length = inner.find(|of: char| !of.is_ascii_alphanumeric()).unwrap_or(inner.len());
        let name = inner.get(..length).unwrap_or_default().to_ascii_lowercase();
        match (name.as_str(), is_end) {
            // The library does not know one with attributes.
            ("br", _) => self.new_line(),
            ("hr", false) => {
                self.end_line();
                self.made.push_str("-----");
                self.new_line();
            }
            ("blockquote", false) => {
                self.end_line();
                self.quoted = self.quoted.saturating_add(1);
                self.mark();
            }
            ("blockquote", true) => {
                self.quoted = self.quoted.saturating_sub(1);
                self.new_line();
            }
            // Here the library begins a line by itself.
            ("p", true) => {
                self.made.push_str("</p>");
                self.begun = false;
                self.mark();
            }
            (name, _) if is_block(name) => self.end_line(),
            _ => self.made.push_str(tag),
        }
    }

    /// Ends the line if anything stands in it.
    fn end_line(&mut self) {
        if self.begun {
            self.new_line();
        }
    }

    fn new_line(&mut self) {
        self.made.push_str("<br>");
        self.begun = false;
        self.mark();
    }

    /// Marks a new line as quoted if it is.
    fn mark(&mut self) {
        if self.quoted > 0 {
            self.made.push_str("&gt; ");
        }
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
        for part in ["<", "<br", "<!--", "</blockquote", "<blockquote>", "<div>x", "&", "<!-- -->"] {
            let html = part.repeat(1_000_000 / part.len());
            let began = std::time::Instant::now();
            drop(text_of_html(&html));
            assert!(began.elapsed().as_secs() < 20, "{part}: {:?}", began.elapsed());
        }
        assert_eq!(text_of_html("а < б"), "а");
        assert_eq!(lines_of("1 < 2<div>а</div>б"), ["1", "а", "б"]);
    }
}
