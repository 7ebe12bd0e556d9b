//! Text whose lines flow (RFC 3676): a line that ends in a space goes on in the next. Read line by line, the
//! name of an organisation that is longer than a line would be registered by half (Order 926, section III,
//! clause 7).

/// The text with its lines whole. `keeps_spaces`: the space at the end of a line stands between words; with
/// `delsp=yes` it does not.
pub(super) fn unflowed(text: &str, keeps_spaces: bool) -> String {
    let mut lines: Vec<String> = Vec::new();
    // How deep the line before is quoted, if it goes on.
    let mut goes_on: Option<usize> = None;
    for line in text.lines() {
        let depth = line.bytes().take_while(|byte| *byte == b'>').count();
        let own = line.get(depth..).unwrap_or_default();
        let own = own.strip_prefix(' ').unwrap_or(own);
        let is_signature = own == "-- ";
        match lines.last_mut().filter(|_| goes_on == Some(depth) && !is_signature) {
            Some(last) => {
                if !keeps_spaces {
                    last.pop();
                }
                last.push_str(own);
            }
            None if depth > 0 => lines.push(format!("{} {own}", ">".repeat(depth))),
            None => lines.push(own.to_owned()),
        }
        goes_on = (own.ends_with(' ') && !is_signature).then_some(depth);
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_ends_in_a_space_goes_on() {
        let written = "Назва: Товариство \r\n«Контора»\r\nЄДРПОУ: 1\r\n\r\nСуть \r\n далі";
        assert_eq!(unflowed(written, true), "Назва: Товариство «Контора»\nЄДРПОУ: 1\n\nСуть далі");
        assert_eq!(unflowed("Това \nриство", false), "Товариство");
    }

    #[test]
    fn what_is_quoted_goes_on_in_its_own_depth_and_a_signature_is_a_line() {
        let written = "> а \n> б\nв \n>> г\n-- \nІван";
        assert_eq!(unflowed(written, true), "> а б\nв \n>> г\n-- \nІван");
    }
}
