//! The requests of the server: reading one from a connection.

use std::io::{self, Read};

/// The longest head of a request in bytes. Browsers send a few hundred bytes, and the cookies that any server
/// on this computer has set, at any port: up to 180 cookies of 4 kB per host.
pub(super) const LONGEST_HEAD: usize = 1 << 20;
/// The longest body of a request in bytes: a program.
pub(super) const LONGEST_BODY: usize = 2 << 20;

/// The head of a request.
pub(super) struct Request<'h> {
    pub method: &'h str,
    pub path: &'h str,
    /// The part of the target after `?`.
    pub query: &'h str,
    fields: Vec<(&'h str, &'h str)>,
}

impl<'h> Request<'h> {
    /// Reads the lines of a head. `None` if it is not the head of an HTTP/1 request.
    pub(super) fn parse(head: &'h [u8]) -> Option<Request<'h>> {
        let head = std::str::from_utf8(head).ok()?;
        let mut lines = head.split("\r\n");
        let request: Vec<&str> = lines.next().unwrap_or_default().split(' ').collect();
        let [method, target, "HTTP/1.1" | "HTTP/1.0"] = request[..] else { return None };
        let fields = lines.take_while(|line| !line.is_empty()).map(|line| line.split_once(':')).collect::<Option<_>>()?;
        let target = target.split('#').next().unwrap_or_default();
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        Some(Request { method, path, query, fields })
    }

    /// The values of a field, in order.
    pub(super) fn all<'r>(&'r self, name: &'r str) -> impl Iterator<Item = &'h str> + 'r {
        self.fields.iter().filter(move |(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    }

    /// The value of a field that may be there once. `None` if it is there twice, or not at all.
    pub(super) fn only(&self, name: &str) -> Option<&'h str> {
        let mut values = self.all(name);
        values.next().filter(|_| values.next().is_none())
    }

    /// A parameter of the query, decoded.
    pub(super) fn parameter(&self, name: &str) -> Option<String> {
        let given = self.query.split('&').find_map(|pair| pair.split_once('=').filter(|(own, _)| *own == name))?;
        Some(decoded(given.1))
    }
}

/// Text in which bytes are written as `%` and two hexadecimal digits.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let digits = after.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()).filter(|_| *first == b'%') {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Reads a request up to the empty line that ends its head, or up to the end of the input. Returns the head,
/// and what was read after it. Returns `None` if the head is too long.
pub(super) fn read_head(stream: &mut impl Read) -> io::Result<Option<(Vec<u8>, Vec<u8>)>> {
    const END: &[u8] = b"\r\n\r\n";
    let mut head = Vec::new();
    let mut chunk = [0; 4096];
    let mut searched = 0;
    loop {
        if let Some(at) = head[searched..].windows(END.len()).position(|window| window == END) {
            let rest = head.split_off(searched + at + END.len());
            return Ok(Some((head, rest)));
        }
        if head.len() > LONGEST_HEAD {
            return Ok(None);
        }
        // The end may begin in the last bytes already read.
        searched = head.len().saturating_sub(END.len() - 1);
        match stream.read(&mut chunk)? {
            0 => return Ok(Some((head, Vec::new()))),
            count => head.extend_from_slice(&chunk[..count]),
        }
    }
}

/// Reads the rest of a body of this length.
///
/// # Errors
/// If the connection ends before.
pub(super) fn read_body(stream: &mut impl Read, mut begun: Vec<u8>, length: usize) -> io::Result<Vec<u8>> {
    begun.truncate(length);
    let missing = length - begun.len();
    stream.take(missing as u64).read_to_end(&mut begun)?;
    if begun.len() == length { Ok(begun) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_decoded() {
        for (given, is) in [("a%20b.wat", "a b.wat"), ("%", "%"), ("%4", "%4"), ("%zz", "%zz"), ("%c3%a9", "é"), ("", "")] {
            let head = format!("POST /program?x=1&name={given} HTTP/1.1\r\n\r\n");
            assert_eq!(Request::parse(head.as_bytes()).unwrap().parameter("name").unwrap(), is);
        }
    }

    #[test]
    fn a_head_is_parted_from_what_follows_wherever_the_reads_end() {
        let request = b"GET / HTTP/1.1\r\nHost: a\r\n\r\nbody";
        for cut in 0..=request.len() {
            let mut parts = request[..cut].chain(&request[cut..]);
            let (head, rest) = read_head(&mut parts).unwrap().unwrap();
            assert!(head.ends_with(b"\r\n\r\n"));
            assert_eq!(read_body(&mut parts, rest, 4).unwrap(), b"body");
        }
    }
}
