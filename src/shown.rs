//! Foreign text, escaped so that it can be printed: names in modules, messages of engines, names of files.
//!
//! Printed without escapes, such text could end a line and forge the next line, clear a terminal, or fill a
//! page.

use std::fmt::{self, Write};

/// The largest number of characters shown of a name.
const NAME: usize = 200;
/// The largest number of characters shown of a message, which may contain names and a list of alternatives.
const MESSAGE: usize = 2000;

/// A name or a few words of foreign text, on one line and not too long.
pub(crate) fn shown(text: &str) -> String {
    escaped(text, NAME)
}

/// A whole message that contains foreign text, on one line.
pub(crate) fn message(text: &str) -> String {
    escaped(text, MESSAGE)
}

/// Several lines that may contain foreign text. Line ends in the foreign text must be removed before.
#[cfg(any(feature = "cli", test))]
pub(crate) fn lines(text: &str) -> String {
    text.split('\n').map(|line| escaped(line, usize::MAX)).collect::<Vec<_>>().join("\n")
}

/// The name of a file, not shortened, so that a reader can find the file.
pub(crate) fn path(path: &std::path::Path) -> String {
    escaped(&path.display().to_string(), usize::MAX)
}

/// At most `most` of some names, quoted and separated by commas, and the number of the other names.
pub(crate) fn list<'n>(names: impl Iterator<Item = &'n str>, most: usize) -> String {
    let mut names = names.map(|name| format!("\"{}\"", shown(name)));
    let first = names.by_ref().take(most).collect::<Vec<_>>().join(", ");
    match names.count() {
        0 => first,
        more => format!("{first} and {more} more"),
    }
}

fn escaped(text: &str, most: usize) -> String {
    let mut shown = String::new();
    for c in text.chars().take(most) {
        if is_hidden(c) {
            let _ = write!(shown, "{}", c.escape_default());
        } else {
            shown.push(c);
        }
    }
    match text.chars().skip(most).count() {
        0 => shown,
        more => format!("{shown}… ({more} characters more)"),
    }
}

/// Whether a character is not a visible one: a control, a line end, a mark that changes the direction of text
/// or has no width.
pub(crate) fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
        || matches!(c, '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Bytes as numbers between brackets, followed by the bytes as text if all are printable ASCII.
pub fn bytes(bytes: &[u8]) -> String {
    let numbers = bytes.iter().map(u8::to_string).collect::<Vec<_>>().join(" ");
    let printable = !bytes.is_empty() && bytes.iter().all(|b| b.is_ascii_graphic() || *b == b' ');
    match printable {
        true => format!("[{numbers}] {:?}", String::from_utf8_lossy(bytes)),
        false => format!("[{numbers}]"),
    }
}

/// The texts of two different values. If the texts are equal, the values' types are added.
pub fn apart(expected: &impl fmt::Display, actual: &impl fmt::Display) -> (String, String) {
    let (plain, other) = (expected.to_string(), actual.to_string());
    if plain == other { (format!("{expected:#}"), format!("{actual:#}")) } else { (plain, other) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_others_stays_on_its_line_and_within_its_length() {
        assert_eq!(shown("plain, ünï → 日本 \\ \"q\""), "plain, ünï → 日本 \\ \"q\"");
        assert_eq!(shown("a\n\u{1b}[2J\r\t\u{7}\u{9b}\u{202e}"), "a\\n\\u{1b}[2J\\r\\t\\u{7}\\u{9b}\\u{202e}");
        assert_eq!(shown(&"x".repeat(203)), format!("{}… (3 characters more)", "x".repeat(200)));
        assert_eq!(list(["a", "b\n", "c"].into_iter(), 2), "\"a\", \"b\\n\" and 1 more");
        assert_eq!(list(["a"].into_iter(), 2), "\"a\"");
    }
}
