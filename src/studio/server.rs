//! A web server for the studio's files: GET and HEAD, from a fixed table, on 127.0.0.1.
//!
//! It is written on `std::net` because it needs so little: no path ever reaches the file system, no request
//! has a body, and every connection answers once. A request that names another host than this machine is refused,
//! so that a page from elsewhere whose name is made to point here ("DNS rebinding") reads nothing.

use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::site::File;

/// The longest request; browsers send a few hundred bytes.
const LONGEST_REQUEST: usize = 16 << 10;
/// How long a request may take to arrive, and an answer to leave.
const PATIENCE: Duration = Duration::from_secs(5);
/// Connections answered at a time; a browser opens six.
const CONNECTIONS: usize = 64;
/// Pages may load from this server only, and be framed by none.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// A server that listens, and does not answer yet.
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    files: BTreeMap<String, File>,
    stopped: AtomicBool,
    connections: AtomicUsize,
}

impl Server {
    /// Listens on a port of 127.0.0.1; on any free one for port 0.
    ///
    /// # Errors
    /// Where the port cannot be had.
    pub fn bind(port: u16, files: Vec<File>) -> io::Result<Arc<Server>> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
        let address = listener.local_addr()?;
        let files = files.into_iter().map(|file| (format!("/{}", file.path), file)).collect();
        Ok(Arc::new(Server { listener, address, files, stopped: AtomicBool::new(false), connections: AtomicUsize::new(0) }))
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers requests until it is stopped.
    pub fn serve(self: &Arc<Server>) {
        while !self.stopped.load(Ordering::SeqCst) {
            let Ok((stream, _)) = self.listener.accept() else {
                // Out of descriptors, or the peer is gone already: neither may end the server.
                thread::sleep(Duration::from_millis(10));
                continue;
            };
            if self.connections.fetch_add(1, Ordering::SeqCst) >= CONNECTIONS {
                self.connections.fetch_sub(1, Ordering::SeqCst);
                continue;
            }
            let server = Arc::clone(self);
            let answer = move || {
                let _ = server.answer(&stream);
                server.connections.fetch_sub(1, Ordering::SeqCst);
            };
            if thread::Builder::new().spawn(answer).is_err() {
                self.connections.fetch_sub(1, Ordering::SeqCst);
            }
        }
    }

    /// Makes [`Server::serve`] return.
    pub fn stop(&self) {
        self.stopped.store(true, Ordering::SeqCst);
        // Wakes it, if it waits for a connection.
        let _ = TcpStream::connect_timeout(&self.address, PATIENCE);
    }

    fn answer(&self, mut stream: &TcpStream) -> io::Result<()> {
        stream.set_write_timeout(Some(PATIENCE))?;
        let answer = match read_head(stream)? {
            Some(head) => self.respond(&head),
            None => Answer::refusal("431 Request Header Fields Too Large", "the request is too long"),
        };
        answer.send(&mut stream)?;
        // What was not read would reset the connection before the answer has arrived.
        stream.shutdown(Shutdown::Write)?;
        io::copy(&mut stream.take(LONGEST_REQUEST as u64), &mut io::sink()).map(drop)
    }

    /// The answer to the head of a request.
    fn respond(&self, head: &[u8]) -> Answer<'_> {
        let bad = || Answer::refusal("400 Bad Request", "this is no HTTP/1 request");
        let Ok(head) = std::str::from_utf8(head) else { return bad() };
        let mut lines = head.split("\r\n");
        let request: Vec<&str> = lines.next().unwrap_or_default().split(' ').collect();
        let [method, target, "HTTP/1.1" | "HTTP/1.0"] = request[..] else { return bad() };
        let fields: Option<Vec<(&str, &str)>> = lines.take_while(|line| !line.is_empty()).map(|line| line.split_once(':')).collect();
        let Some(fields) = fields else { return bad() };
        let mut hosts = fields.iter().filter(|(name, _)| name.eq_ignore_ascii_case("host")).map(|(_, host)| host.trim());
        match (hosts.next(), hosts.next()) {
            (Some(host), None) if self.is_named(host) => {}
            (_, Some(_)) => return bad(),
            _ => return Answer::refusal("403 Forbidden", "this server answers to 127.0.0.1 and localhost only"),
        }
        if !matches!(method, "GET" | "HEAD") {
            return Answer::refusal("405 Method Not Allowed", "only GET and HEAD are answered");
        }
        let path = target.split(['?', '#']).next().unwrap_or_default();
        let path = if path == "/" { "/index.html" } else { path };
        match self.files.get(path) {
            Some(file) => Answer { status: "200 OK", media_type: file.media_type(), body: &file.contents, head_only: method == "HEAD" },
            None => Answer { head_only: method == "HEAD", ..Answer::refusal("404 Not Found", "there is no such file") },
        }
    }

    /// Whether a Host field names this server by its loopback address.
    fn is_named(&self, host: &str) -> bool {
        let port = self.address.port();
        let names = ["127.0.0.1", "localhost"];
        names.iter().any(|name| host.eq_ignore_ascii_case(&format!("{name}:{port}")) || (port == 80 && host.eq_ignore_ascii_case(name)))
    }
}

/// Reads a request up to the empty line that ends its head, or as much as comes; `None` if it is too long.
fn read_head(mut stream: &TcpStream) -> io::Result<Option<Vec<u8>>> {
    let deadline = Instant::now() + PATIENCE;
    let mut head = Vec::new();
    let mut chunk = [0; 1024];
    while !head.windows(4).any(|window| window == b"\r\n\r\n") {
        if head.len() > LONGEST_REQUEST {
            return Ok(None);
        }
        let left = deadline.checked_duration_since(Instant::now()).filter(|left| !left.is_zero());
        stream.set_read_timeout(Some(left.ok_or(io::ErrorKind::TimedOut)?))?;
        match stream.read(&mut chunk)? {
            0 => break,
            count => head.extend_from_slice(&chunk[..count]),
        }
    }
    Ok(Some(head))
}

struct Answer<'f> {
    status: &'static str,
    media_type: &'static str,
    body: &'f [u8],
    head_only: bool,
}

impl Answer<'_> {
    fn refusal(status: &'static str, reason: &'static str) -> Answer<'static> {
        Answer { status, media_type: "text/plain; charset=utf-8", body: reason.as_bytes(), head_only: false }
    }

    fn send(&self, stream: &mut impl Write) -> io::Result<()> {
        let Answer { status, media_type, body, head_only } = self;
        let head = format!(
            "HTTP/1.1 {status}\r\nContent-Type: {media_type}\r\nContent-Length: {}\r\nContent-Security-Policy: {POLICY}\r\n\
             X-Content-Type-Options: nosniff\r\nCross-Origin-Resource-Policy: same-origin\r\nReferrer-Policy: no-referrer\r\n\
             Cache-Control: no-cache\r\nConnection: close\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes())?;
        if !head_only {
            stream.write_all(body)?;
        }
        stream.flush()
    }
}
