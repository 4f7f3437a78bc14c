//! A web server for the studio's files: GET and HEAD, from a fixed table, on 127.0.0.1; and one POST, which
//! turns a `.wat` or `.wasm` file into a prompt.
//!
//! The server uses only `std::net` because it needs little: no path reaches the file system, nothing that a
//! request brings is kept, and a connection carries one request. A request whose Host field names another
//! host than this computer is refused. So a foreign page whose name resolves to this computer ("DNS
//! rebinding") can read nothing. The Host field may name any port: a page cannot choose the Host field that
//! its browser sends, and a forwarded port may have another number.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock, Mutex, TryLockError};
use std::thread;
use std::time::{Duration, Instant};

use super::connections::Connections;
use super::program::{Question, answer};
use super::request::{LONGEST_BODY, LONGEST_HEAD, Request, read_body, read_head};
use super::site::{FULL, File, full_files};
use crate::load::LanguageName;

/// The time limit for a request to arrive, for an answer to make no progress, and for the client to close the
/// connection after the answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// The time limit for a body to arrive and for sending an answer: over a slow forwarded connection, sending
/// the weights takes long.
const DELIVERY: Duration = Duration::from_secs(60);
/// The number of programs that are read at the same time.
const READERS: usize = 4;
/// The path that turns a program into a prompt.
const PROGRAM: &str = "/program";
/// The media type of a program. A page of another origin cannot send it without asking first.
const PROGRAM_TYPE: &str = "application/octet-stream";
/// Pages may load from this server only, and no page may frame them.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/// The answer to a request whose Host field names another host than this computer.
const ELSEWHERE: &str = "this server answers to the names 127.0.0.1 and localhost only, at any port: to come from another machine, \
                         forward a port to it (ssh -L PORT:localhost:8024 HOST) and open http://localhost:PORT/";

/// A file, and a tag that is another one if the file is another one: a browser that has the file asks whether
/// the tag is still the same.
struct Served {
    file: File,
    tag: String,
}

/// A server that listens, and answers while [`Server::serve`] runs.
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    files: BTreeMap<String, Served>,
    /// The files of the full machine, made when they are first asked for.
    full: LazyLock<BTreeMap<String, Served>>,
    stopped: AtomicBool,
    connections: Connections,
    /// One place for each program that may be read at the same time.
    readers: [Mutex<()>; READERS],
}

impl Server {
    /// Listens on a port of 127.0.0.1; port 0 stands for any free port.
    ///
    /// # Errors
    /// If the port is not available.
    pub fn bind(port: u16, files: Vec<File>) -> io::Result<Arc<Server>> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
        let address = listener.local_addr()?;
        Ok(Arc::new(Server {
            listener,
            address,
            files: by_path(files),
            full: LazyLock::new(|| by_path(full_files())),
            stopped: AtomicBool::new(false),
            connections: Connections::default(),
            readers: Default::default(),
        }))
    }

    /// The address on which the server listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Makes the files of the full machine, so that the first request for them does not have to wait.
    pub fn prepare(&self) {
        LazyLock::force(&self.full);
    }

    /// Answers requests until it is stopped.
    pub fn serve(self: &Arc<Server>) {
        while !self.stopped.load(Ordering::SeqCst) {
            let Ok((stream, _)) = self.listener.accept() else {
                // There are no descriptors left, or the peer is gone already. Neither may end the server.
                thread::sleep(Duration::from_millis(10));
                continue;
            };
            let Ok(Some(place)) = self.connections.enter(&stream) else { continue };
            let server = Arc::clone(self);
            let answer = move || {
                let _ = server.answer(&stream);
                server.connections.leave(place);
            };
            if thread::Builder::new().spawn(answer).is_err() {
                self.connections.leave(place);
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
            Some((head, rest)) => self.respond(&head, |length| read_body(&mut Within::new(stream, DELIVERY), rest, length))?,
            None => Answer::refusal("431 Request Header Fields Too Large", "the request is too long"),
        };
        answer.send(&mut Within::new(stream, DELIVERY))?;
        // The rest of the request is read because unread bytes would reset the connection before the answer
        // has arrived.
        stream.shutdown(Shutdown::Write)?;
        io::copy(&mut Within::new(stream, PATIENCE).take(LONGEST_HEAD as u64), &mut io::sink()).map(drop)
    }

    /// The answer to a request with this head. `body` reads a body of a length.
    ///
    /// # Errors
    /// If the body cannot be read.
    fn respond(&self, head: &[u8], body: impl FnOnce(usize) -> io::Result<Vec<u8>>) -> io::Result<Answer<'_>> {
        let Some(request) = Request::parse(head) else {
            return Ok(Answer::refusal("400 Bad Request", "this is not an HTTP/1 request"));
        };
        match (request.only("host"), request.all("host").count()) {
            (Some(host), _) if is_this_machine(host) => {}
            (None, 2..) => return Ok(Answer::refusal("400 Bad Request", "a request has one Host field")),
            _ => return Ok(Answer::refusal("403 Forbidden", ELSEWHERE)),
        }
        if request.method == "POST" && request.path == PROGRAM {
            return self.program(&request, body);
        }
        if !matches!(request.method, "GET" | "HEAD") {
            return Ok(Answer::refusal("405 Method Not Allowed", "only GET and HEAD are answered, and POST of a program"));
        }
        let path = if request.path == "/" { "/index.html" } else { request.path };
        let is_of_full = path.strip_prefix('/').is_some_and(|path| path.starts_with(FULL));
        let files = if is_of_full { &*self.full } else { &self.files };
        let head_only = request.method == "HEAD";
        Ok(match files.get(path) {
            Some(Served { file, tag }) => {
                let (media_type, tag) = (file.media_type(), Some(&tag[..]));
                // An answer without a body has the length of the file all the same, as that to HEAD.
                let is_known = request.all("if-none-match").flat_map(|tags| tags.split(',')).any(|known| Some(known.trim()) == tag);
                let status = if is_known { "304 Not Modified" } else { "200 OK" };
                Answer { status, media_type, body: Cow::Borrowed(&file.contents), head_only: head_only || is_known, tag }
            }
            None => Answer { head_only, ..Answer::refusal("404 Not Found", "there is no such file") },
        })
    }

    /// Turns the program in a request's body into a prompt. Only a page of this server can ask for it: the
    /// media type is one that a browser sends to another origin only after a question, which is refused.
    fn program(&self, request: &Request<'_>, body: impl FnOnce(usize) -> io::Result<Vec<u8>>) -> io::Result<Answer<'_>> {
        let is_own =
            request.all("origin").all(|origin| origin.split_once("://").is_some_and(|(_, host)| request.only("host") == Some(host)));
        if !is_own {
            return Ok(Answer::refusal("403 Forbidden", "only a page of this server may ask for a program"));
        }
        if request.only("content-type") != Some(PROGRAM_TYPE) {
            return Ok(Answer::refusal("415 Unsupported Media Type", "a program is sent as application/octet-stream"));
        }
        let Some(length) = request.only("content-length").and_then(|length| length.parse::<usize>().ok()) else {
            return Ok(Answer::refusal("411 Length Required", "a program is sent with its length"));
        };
        if length > LONGEST_BODY {
            return Ok(Answer::refusal(
                "413 Content Too Large",
                "the studio reads programs of at most 2 MiB; the command reads larger ones",
            ));
        }
        let question = Question {
            name: request.parameter("name").unwrap_or_default(),
            language: match request.parameter("machine").as_deref() {
                Some("byte") => Some(LanguageName::Byte),
                Some("full") => Some(LanguageName::Full),
                _ => None,
            },
            is_fused: request.parameter("form").as_deref() == Some("fused"),
            is_run: request.parameter("run").as_deref() == Some("1"),
        };
        let file = body(length)?;
        let Some(_place) = self.readers.iter().find_map(|reader| match reader.try_lock() {
            Ok(place) => Some(place),
            Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }) else {
            return Ok(Answer::refusal("503 Service Unavailable", "other programs are being read; try again"));
        };
        let answered = answer(&question, file);
        let status = if answered.get("error").is_some() { "422 Unprocessable Content" } else { "200 OK" };
        let body = Cow::Owned(answered.to_string().into_bytes());
        Ok(Answer { status, media_type: "application/json", body, head_only: false, tag: None })
    }
}

fn by_path(files: Vec<File>) -> BTreeMap<String, Served> {
    let served = |file: File| {
        let mut hasher = DefaultHasher::new();
        file.contents.hash(&mut hasher);
        (format!("/{}", file.path), Served { tag: format!("\"{:016x}\"", hasher.finish()), file })
    };
    files.into_iter().map(served).collect()
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

struct Answer<'f> {
    status: &'static str,
    media_type: &'static str,
    body: Cow<'f, [u8]>,
    head_only: bool,
    /// The tag of the file that is sent.
    tag: Option<&'f str>,
}

impl Answer<'_> {
    fn refusal(status: &'static str, reason: &'static str) -> Answer<'static> {
        Answer { status, media_type: "text/plain; charset=utf-8", body: Cow::Borrowed(reason.as_bytes()), head_only: false, tag: None }
    }

    fn send(&self, stream: &mut impl Write) -> io::Result<()> {
        let Answer { status, media_type, body, head_only, tag } = self;
        let tag = tag.map(|tag| format!("ETag: {tag}\r\n")).unwrap_or_default();
        let head = format!(
            "HTTP/1.1 {status}\r\nContent-Type: {media_type}\r\nContent-Length: {}\r\nContent-Security-Policy: {POLICY}\r\n\
             X-Content-Type-Options: nosniff\r\nCross-Origin-Resource-Policy: same-origin\r\nReferrer-Policy: no-referrer\r\n\
             Cache-Control: no-cache\r\n{tag}Connection: close\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes())?;
        if !head_only {
            stream.write_all(body)?;
        }
        stream.flush()
    }
}
