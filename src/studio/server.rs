//! A web server for the studio's files: GET and HEAD, from a fixed table, on 127.0.0.1.
//!
//! The server uses only `std::net` because it needs little: no path reaches the file system, no request has a
//! body, and a connection carries one request. A request whose Host field names another host than this
//! computer is refused. So a foreign page whose name resolves to this computer ("DNS rebinding") can read
//! nothing. The Host field may name any port: a page cannot choose the Host field that its browser sends, and
//! a forwarded port may have another number.

use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::site::File;

/// The longest request in bytes. Browsers send a few hundred bytes, and the cookies that any server on this
/// computer has set, at any port: up to 180 cookies of 4 kB per host.
const LONGEST_REQUEST: usize = 1 << 20;
/// The time limit for a request to arrive, for an answer to make no progress, and for the client to close the
/// connection after the answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// The time limit for sending an answer: over a slow forwarded connection, sending the weights takes long.
const DELIVERY: Duration = Duration::from_secs(60);
/// The number of connections answered at the same time; a browser opens six.
const CONNECTIONS: usize = 64;
/// Pages may load from this server only, and no page may frame them.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/// The answer to a request whose Host field names another host than this computer.
const ELSEWHERE: &str = "this server answers to the names 127.0.0.1 and localhost only, at any port: to come from another machine, \
                         forward a port to it (ssh -L PORT:localhost:8024 HOST) and open http://localhost:PORT/";

/// A server that listens, and answers while [`Server::serve`] runs.
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    files: BTreeMap<String, File>,
    stopped: AtomicBool,
    connections: AtomicUsize,
}

impl Server {
    /// Listens on a port of 127.0.0.1; port 0 stands for any free port.
    ///
    /// # Errors
    /// If the port is not available.
    pub fn bind(port: u16, files: Vec<File>) -> io::Result<Arc<Server>> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
        let address = listener.local_addr()?;
        let files = files.into_iter().map(|file| (format!("/{}", file.path), file)).collect();
        Ok(Arc::new(Server { listener, address, files, stopped: AtomicBool::new(false), connections: AtomicUsize::new(0) }))
    }

    /// The address on which the server listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers requests until it is stopped.
    pub fn serve(self: &Arc<Server>) {
        while !self.stopped.load(Ordering::SeqCst) {
            let Ok((stream, _)) = self.listener.accept() else {
                // There are no descriptors left, or the peer is gone already. Neither may end the server.
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
        // Wakes `serve`, if it waits for a connection.
        let _ = TcpStream::connect_timeout(&self.address, PATIENCE);
    }

    fn answer(&self, stream: &TcpStream) -> io::Result<()> {
        let answer = match read_head(&mut Within::new(stream, PATIENCE))? {
            Some(head) => self.respond(&head),
            None => Answer::refusal("431 Request Header Fields Too Large", "the request is too long"),
        };
        answer.send(&mut Within::new(stream, DELIVERY))?;
        // The rest of the request is read because unread bytes would reset the connection before the answer
        // has arrived.
        stream.shutdown(Shutdown::Write)?;
        io::copy(&mut Within::new(stream, PATIENCE).take(LONGEST_REQUEST as u64), &mut io::sink()).map(drop)
    }

    /// The answer to the head of a request.
    fn respond(&self, head: &[u8]) -> Answer<'_> {
        let bad = || Answer::refusal("400 Bad Request", "this is not an HTTP/1 request");
        let Ok(head) = std::str::from_utf8(head) else { return bad() };
        let mut lines = head.split("\r\n");
        let request: Vec<&str> = lines.next().unwrap_or_default().split(' ').collect();
        let [method, target, "HTTP/1.1" | "HTTP/1.0"] = request[..] else { return bad() };
        let fields: Option<Vec<(&str, &str)>> = lines.take_while(|line| !line.is_empty()).map(|line| line.split_once(':')).collect();
        let Some(fields) = fields else { return bad() };
        let mut hosts = fields.iter().filter(|(name, _)| name.eq_ignore_ascii_case("host")).map(|(_, host)| host.trim());
        match (hosts.next(), hosts.next()) {
            (Some(host), None) if is_this_machine(host) => {}
            (_, Some(_)) => return bad(),
            _ => return Answer::refusal("403 Forbidden", ELSEWHERE),
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
}

/// Whether a Host field names this machine by its loopback address.
fn is_this_machine(host: &str) -> bool {
    let (name, port) = host.split_once(':').unwrap_or((host, "80"));
    ["127.0.0.1", "localhost"].iter().any(|own| name.eq_ignore_ascii_case(own)) && port.parse::<u16>().is_ok()
}

/// A connection that ends at a deadline, even if its peer keeps sending or receiving.
struct Within<'s> {
    stream: &'s TcpStream,
    deadline: Instant,
}

impl Within<'_> {
    fn new(stream: &TcpStream, time: Duration) -> Within<'_> {
        Within { stream, deadline: Instant::now() + time }
    }

    /// How long the next read or write may take.
    fn patience(&self) -> io::Result<Option<Duration>> {
        match self.deadline.saturating_duration_since(Instant::now()) {
            Duration::ZERO => Err(io::ErrorKind::TimedOut.into()),
            left => Ok(Some(left.min(PATIENCE))),
        }
    }
}

impl Read for Within<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.stream.set_read_timeout(self.patience()?)?;
        self.stream.read(into)
    }
}

impl Write for Within<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.stream.set_write_timeout(self.patience()?)?;
        self.stream.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

/// Reads a request up to the empty line that ends its head, or up to the end of the input. Returns `None` if
/// the head is too long.
fn read_head(stream: &mut impl Read) -> io::Result<Option<Vec<u8>>> {
    const END: &[u8] = b"\r\n\r\n";
    let mut head = Vec::new();
    let mut chunk = [0; 4096];
    let mut searched = 0;
    while !head[searched..].windows(END.len()).any(|window| window == END) {
        if head.len() > LONGEST_REQUEST {
            return Ok(None);
        }
        // The end may begin in the last bytes already read.
        searched = head.len().saturating_sub(END.len() - 1);
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
