//! The studio's server: the requests that it answers, the files that it serves, and that no input can end it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use tempfile::tempdir;
use wasmformer::byte::program::listing::{parse_line, so_far};
use wasmformer::byte::trace::Token;
use wasmformer::harness::Byte;
use wasmformer::harness::byte::Case;
use wasmformer::harness::{VmEngine, record};
use wasmformer::studio::server::Server;
use wasmformer::studio::site::{self, File};
use wasmformer::studio::xray::{Examiner, XRay};

use crate::common::Random;
use crate::common::command::BINARY;

/// A server of two files, stopped when dropped.
struct Served(Arc<Server>, Option<thread::JoinHandle<()>>);

impl Served {
    fn start() -> Served {
        let file = |path: &str, contents: &str| File { path: path.to_string(), contents: contents.as_bytes().to_vec() };
        Served::with(vec![file("index.html", "<p>home"), file("js/a.js", "1")])
    }

    fn with(files: Vec<File>) -> Served {
        let server = Server::bind(0, files).unwrap();
        let serving = Arc::clone(&server);
        Served(server, Some(thread::spawn(move || serving.serve())))
    }

    fn address(&self) -> SocketAddr {
        self.0.address()
    }

    /// The answer to these bytes; the connection is closed for writing after them.
    fn ask(&self, request: &[u8]) -> String {
        let mut stream = TcpStream::connect(self.address()).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        // A server that has refused the request already may have stopped reading.
        let _ = stream.write_all(request);
        let _ = stream.shutdown(Shutdown::Write);
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        String::from_utf8_lossy(&answer).into_owned()
    }

    fn get(&self, target: &str) -> String {
        self.ask(format!("GET {target} HTTP/1.1\r\nHost: {}\r\n\r\n", self.address()).as_bytes())
    }

    fn status(&self, request: &str) -> String {
        let request = request.replace("PORT", &self.address().port().to_string());
        self.ask(request.as_bytes()).lines().next().unwrap_or_default().to_string()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.0.stop();
        self.1.take().unwrap().join().unwrap();
    }
}

#[test]
fn serves_its_files_and_their_types() {
    let served = Served::start();
    let home = served.get("/");
    assert!(home.starts_with("HTTP/1.1 200 OK\r\n") && home.ends_with("\r\n\r\n<p>home"), "{home}");
    assert!(home.contains("Content-Type: text/html") && home.contains("default-src 'none'") && home.contains("nosniff"), "{home}");
    assert!(served.get("/js/a.js?v=1").contains("Content-Type: text/javascript"));
    let head = served.ask(format!("HEAD / HTTP/1.1\r\nHost: {}\r\n\r\n", served.address()).as_bytes());
    assert!(head.contains("Content-Length: 7") && head.ends_with("\r\n\r\n"), "{head}");
}

#[test]
fn answers_only_to_the_names_of_this_machine_at_any_port() {
    let served = Served::start();
    let own = [
        "127.0.0.1:PORT",
        "localhost:PORT",
        "LOCALHOST:PORT",
        " 127.0.0.1:PORT ",
        "localhost:9000", // forwarded by `ssh -L 9000:localhost:PORT`, or by an editor
        "127.0.0.1:1",
        "127.0.0.1",
    ];
    for host in own {
        assert_eq!(served.status(&format!("GET / HTTP/1.1\r\nHost:{host}\r\n\r\n")), "HTTP/1.1 200 OK", "{host}");
    }
    let foreign = [
        "attacker.example",
        "attacker.example:PORT",
        "127.0.0.1.attacker.example:PORT",
        "localhost.attacker.example:PORT",
        "attacker.example:localhost:PORT",
        "localhost:PORT:PORT",
        "localhost:",
        "localhost:65536",
        "localhost:x",
        "localhost.:PORT",
        "user@localhost:PORT",
        "",
        "0:PORT",
    ];
    for host in foreign {
        assert_eq!(served.status(&format!("GET / HTTP/1.1\r\nHost: {host}\r\n\r\n")), "HTTP/1.1 403 Forbidden", "{host}");
    }
    let told = served.ask(b"GET / HTTP/1.1\r\nHost: workstation:8024\r\n\r\n");
    assert!(told.contains("localhost only, at any port") && told.contains("open http://localhost:PORT/"), "{told}");
    assert_eq!(served.status("GET / HTTP/1.1\r\n\r\n"), "HTTP/1.1 403 Forbidden");
    let both = "GET / HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nHost: attacker.example\r\n\r\n";
    assert_eq!(served.status(both), "HTTP/1.1 400 Bad Request");
    assert!(served.address().ip().is_loopback());
}

#[test]
fn no_path_escapes() {
    let served = Served::start();
    let paths = [
        "/../Cargo.toml",
        "/js/../index.html",
        "/%2e%2e/Cargo.toml",
        "//etc/passwd",
        "/etc/passwd",
        "/js",
        "/js/",
        "/./index.html",
        "index.html",
        "/index.html/",
        "/index.html%00",
        "/..\\Cargo.toml",
        "http://127.0.0.1/",
        "*",
        "/js/a.js/../../../../../../etc/passwd",
    ];
    for path in paths {
        let answer = served.get(path);
        assert!(answer.starts_with("HTTP/1.1 404 Not Found\r\n"), "{path}: {answer}");
    }
}

#[test]
fn other_methods_are_refused() {
    let served = Served::start();
    for method in ["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "get"] {
        let answer = served.status(&format!("{method} / HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nContent-Length: 3\r\n\r\nabc"));
        assert_eq!(answer, "HTTP/1.1 405 Method Not Allowed", "{method}");
    }
}

#[test]
fn survives_garbage() {
    let served = Served::start();
    let mut garbage: Vec<Vec<u8>> = [
        "",
        "\r\n\r\n",
        "GET",
        "GET /",
        "GET / HTTP/1.1",
        "GET  / HTTP/1.1\r\n\r\n",
        "GET / HTTP/2.0\r\n\r\n",
        "GET / HTTP/1.1\r\nno colon\r\n\r\n",
        "\u{0}\u{0}\u{0}\r\n\r\n",
        "GET /\u{7f}é HTTP/1.1\r\n\r\n",
    ]
    .map(|text| text.as_bytes().to_vec())
    .into();
    garbage.push(vec![0xff; 4000]);
    garbage.push(vec![b'A'; 1 << 20]);
    garbage.push([b"GET / HTTP/1.1\r\n".to_vec(), b"X: y\r\n".repeat(100_000)].concat());
    let mut random = Random::new(1);
    garbage.extend((0..200).map(|length| (0..length).map(|_| random.below(256) as u8).collect()));
    for request in &garbage {
        let answer = served.ask(request);
        assert!(!answer.starts_with("HTTP/1.1 200"), "{request:?}: {answer}");
    }
    let too_long = served.ask(&vec![b'A'; 2 << 20]);
    assert!(too_long.is_empty() || too_long.starts_with("HTTP/1.1 431"), "{too_long}");
    assert!(served.get("/").contains("200 OK"));
}

#[test]
fn idle_connections_do_not_hold_it_up() {
    let served = Served::start();
    let idle: Vec<TcpStream> = (0..40).map(|_| TcpStream::connect(served.address()).unwrap()).collect();
    assert!(served.get("/").contains("200 OK"));
    drop(idle);
}

/// Another port of this machine may be forwarded to the server's.
#[test]
fn a_forwarded_port_is_answered_and_another_name_is_told_how() {
    let served = Served::start();
    for host in ["localhost:9000", "127.0.0.1:1", "LOCALHOST", "localhost"] {
        let answer = served.ask(format!("GET / HTTP/1.1\r\nHost: {host}\r\n\r\n").as_bytes());
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{host}: {answer}");
    }
    for host in ["example.org:8024", "localhost.example.org", "localhost:", "localhost:99999", "192.168.0.7:8024"] {
        let answer = served.ask(format!("GET / HTTP/1.1\r\nHost: {host}\r\n\r\n").as_bytes());
        assert!(answer.starts_with("HTTP/1.1 403") && answer.contains("ssh -L PORT:localhost:8024 HOST"), "{host}: {answer}");
    }
}

#[test]
fn a_file_that_the_browser_has_is_not_sent_again() {
    let served = Served::start();
    let (head, _) = served.get("/js/a.js").split_once("\r\n\r\n").map(|(head, body)| (head.to_string(), body.len())).unwrap();
    let tag = head.lines().find_map(|line| line.strip_prefix("ETag: ")).unwrap().to_string();
    let ask =
        |path: &str, tags: &str| served.ask(format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nIf-None-Match: {tags}\r\n\r\n").as_bytes());
    for tags in [tag.clone(), format!("\"other\", {tag}")] {
        let answer = ask("/js/a.js", &tags);
        assert!(answer.starts_with("HTTP/1.1 304 Not Modified\r\n") && answer.ends_with("\r\n\r\n"), "{answer}");
    }
    assert!(ask("/js/a.js", "\"other\"").starts_with("HTTP/1.1 200 OK\r\n"));
    assert!(ask("/index.html", &tag).starts_with("HTTP/1.1 200 OK\r\n"), "the tag is of another file");
}

/// Cookies of localhost are shared by all its ports.
#[test]
fn cookies_of_other_servers_do_not_lock_the_page_out() {
    let served = Served::start();
    let cookies = format!("Cookie: session={}\r\n", "x".repeat(4000)).repeat(180);
    let answer = served.ask(format!("GET / HTTP/1.1\r\nHost: localhost:8888\r\n{cookies}\r\n").as_bytes());
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
}

#[test]
fn connections_that_send_on_after_their_answer_do_not_keep_others_out() {
    let served = Served::start();
    let request = format!("GET / HTTP/1.1\r\nHost: {}\r\n\r\n", served.address());
    let sending: Vec<TcpStream> = (0..64)
        .map(|_| {
            let mut stream = TcpStream::connect(served.address()).unwrap();
            stream.write_all(request.as_bytes()).unwrap();
            stream
        })
        .collect();
    // Each connection sends a byte from time to time, within the server's time limit for a single read.
    let mut answered = (0..60).map(|_| {
        thread::sleep(Duration::from_millis(500));
        sending.iter().for_each(|mut stream| drop(stream.write(b"x")));
        served.get("/").contains("200 OK")
    });
    assert!(answered.any(|answered| answered), "the server waits for them for ever");
}

/// Each of them takes a few bytes of its answer from time to time, so the server's patience never ends.
#[test]
fn connections_that_read_slowly_do_not_keep_others_out() {
    let served = Served::with(vec![File { path: "large".to_string(), contents: vec![b'x'; 64 << 20] }]);
    let request = format!("GET /large HTTP/1.1\r\nHost: {}\r\n\r\n", served.address());
    let slow: Vec<TcpStream> = (0..64)
        .map(|_| {
            let mut stream = TcpStream::connect(served.address()).unwrap();
            stream.write_all(request.as_bytes()).unwrap();
            stream
        })
        .collect();
    // Far fewer rounds than the server would take to give one of them up.
    let mut answered = (0..20).map(|_| {
        thread::sleep(Duration::from_millis(500));
        slow.iter().for_each(|mut stream| drop(stream.read(&mut [0; 1024])));
        served.get("/large").contains("200 OK")
    });
    assert!(answered.any(|answered| answered), "the server serves nobody else");
}

/// A request to turn a file into a prompt.
fn program(query: &str, fields: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("POST /program?{query} HTTP/1.1\r\nHost: 127.0.0.1:1\r\nContent-Length: {}\r\n{fields}\r\n", body.len());
    [head.as_bytes(), body].concat()
}

const TYPE: &str = "Content-Type: application/octet-stream\r\n";
const MODULE: &str = "(module (import \"host\" \"output\" (func $o (param i32)))\n (func (export \"main\") (call $o (i32.const 65))))";

#[test]
fn a_program_becomes_the_prompt_of_its_machine() {
    let served = Served::start();
    let byte = served.ask(&program("name=a.wat", TYPE, MODULE.as_bytes()));
    assert!(byte.starts_with("HTTP/1.1 200 OK") && byte.contains(r#""machine":"byte""#) && byte.contains("default-src 'none'"), "{byte}");
    let asked = [("machine=full", "plain"), ("machine=full&form=fused", "fused")];
    for (query, form) in asked {
        let answer = served.ask(&program(query, TYPE, MODULE.as_bytes()));
        let (_, json) = answer.split_once("\r\n\r\n").unwrap();
        let json: serde_json::Value = serde_json::from_str(json).unwrap();
        assert_eq!((&json["machine"], &json["form"]), (&"full".into(), &form.into()));
        assert!(json["tokens"].as_array().unwrap().len() > 20 && json["lines"].as_array().unwrap().len() > 2, "{json}");
    }
    // The same prompt as the command prints.
    let folder = tempdir().unwrap();
    let path = folder.path().join("a.wat");
    std::fs::write(&path, MODULE).unwrap();
    let listed = Command::new(BINARY).args(["listing", path.to_str().unwrap(), "--machine", "full", "--json"]).output().unwrap();
    let listed: serde_json::Value = serde_json::from_slice(&listed.stdout).unwrap();
    let answer = served.ask(&program("machine=full", TYPE, MODULE.as_bytes()));
    let json: serde_json::Value = serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap();
    assert_eq!(json["tokens"], listed["tokens"]);
}

#[test]
fn what_is_not_a_program_is_refused_with_its_place() {
    let served = Served::start();
    let wrong = served.ask(&program("name=a.wat", TYPE, b"(module\n  (func (export \"main\")\n    i32.ad))"));
    assert!(wrong.starts_with("HTTP/1.1 422") && wrong.contains(r#""line":3"#) && wrong.contains(r#""column":5"#), "{wrong}");
    let wrong = served.ask(&program("name=a.wasm", TYPE, b"\0asm\x01\0\0\0\xff"));
    assert!(wrong.starts_with("HTTP/1.1 422") && wrong.contains(r#""offset":"#), "{wrong}");
    let mut random = Random::new(7);
    for length in 0..200 {
        let bytes: Vec<u8> = (0..length).map(|_| random.below(256) as u8).collect();
        let answer = served.ask(&program("", TYPE, &[b"\0asm\x01\0\0\0", &bytes[..]].concat()));
        assert!(answer.starts_with("HTTP/1.1 422") || answer.starts_with("HTTP/1.1 200"), "{bytes:?}: {answer}");
    }
}

#[test]
fn only_its_own_pages_may_ask_for_a_program() {
    let served = Served::start();
    let status = |fields: &str, body: &[u8]| served.ask(&program("", fields, body)).lines().next().unwrap_or_default().to_string();
    let own = format!("Origin: http://127.0.0.1:1\r\n{TYPE}");
    assert_eq!(status(&own, MODULE.as_bytes()), "HTTP/1.1 200 OK");
    for origin in ["http://attacker.example", "null", "http://127.0.0.1:2", "http://127.0.0.1:1.attacker.example"] {
        assert_eq!(status(&format!("Origin: {origin}\r\n{TYPE}"), MODULE.as_bytes()), "HTTP/1.1 403 Forbidden", "{origin}");
    }
    // The media types that a form or a page of another origin may send without asking.
    for ty in ["", "Content-Type: text/plain\r\n", "Content-Type: multipart/form-data\r\n"] {
        assert_eq!(status(ty, MODULE.as_bytes()), "HTTP/1.1 415 Unsupported Media Type", "{ty}");
    }
    let long = format!("POST /program HTTP/1.1\r\nHost: 127.0.0.1\r\n{TYPE}Content-Length: 2097153\r\n\r\n");
    assert!(served.ask(long.as_bytes()).starts_with("HTTP/1.1 413"));
    let none = format!("POST /program HTTP/1.1\r\nHost: 127.0.0.1\r\n{TYPE}\r\n");
    assert!(served.ask(none.as_bytes()).starts_with("HTTP/1.1 411"));
    assert!(served.get("/program").starts_with("HTTP/1.1 404"));
}

#[test]
fn too_many_connections_are_turned_away_for_a_while() {
    let served = Served::start();
    let idle: Vec<TcpStream> = (0..200).map(|_| TcpStream::connect(served.address()).unwrap()).collect();
    drop(idle);
    let mut attempts = 0..3000;
    assert!(attempts.any(|_| {
        thread::sleep(Duration::from_millis(10));
        served.get("/").contains("200 OK")
    }));
}

#[cfg(unix)]
#[test]
fn ends_cleanly_on_interrupt() {
    let mut studio = Command::new(BINARY).args(["studio", "--port", "0"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut said = String::new();
    BufReader::new(studio.stdout.take().unwrap()).read_line(&mut said).unwrap();
    let address = said.strip_prefix("http://").and_then(|rest| rest.split('/').next()).unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET /model/circuit.json HTTP/1.1\r\nHost: {address}\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK") && answer.contains("quotient_4096"));

    let taken = Command::new(BINARY).args(["studio", "--port", address.rsplit(':').next().unwrap()]).output().unwrap();
    assert_eq!(taken.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&taken.stderr).contains("cannot be used"));

    let id = rustix::process::Pid::from_child(&studio);
    rustix::process::kill_process(id, rustix::process::Signal::INT).unwrap();
    assert_eq!(studio.wait().unwrap().code(), Some(0));
    let mut complaints = String::new();
    studio.stderr.take().unwrap().read_to_string(&mut complaints).unwrap();
    assert_eq!(complaints, "");
}

#[test]
fn the_site_loads_nothing_from_elsewhere_and_stays_small() {
    let files = site::files(&Examiner::<Byte>::compiled()).unwrap();
    let pages: Vec<&File> = files.iter().filter(|file| !file.path.starts_with("model/")).collect();
    for page in ["index.html", "run.html", "repl.html", "xray.html", "article.html", "slides.html", "studio.css"] {
        assert!(pages.iter().any(|file| file.path == page), "{page}");
    }
    for file in &pages {
        let text = std::str::from_utf8(&file.contents).unwrap();
        for (at, _) in text.match_indices("//") {
            let before = &text[..at];
            // Comments, the namespace of SVG and patterns are not addresses.
            let is_address = before.ends_with("http:") || before.ends_with("https:") || before.ends_with(['"', '\'', '`', '(', '=']);
            assert!(
                !is_address || text[at..].starts_with("//www.w3.org/2000/svg"),
                "{}: {}",
                file.path,
                &text[at - 6..(at + 40).min(text.len())]
            );
        }
    }
    let without_weights = files.iter().filter(|file| !file.path.ends_with(".safetensors"));
    let weight: usize = without_weights.map(|file| file.contents.len()).sum();
    assert!(weight < 700_000, "{weight} bytes");
}

#[test]
fn exports_a_whole_folder_or_none() {
    let folder = tempdir().unwrap();
    let site = folder.path().join("site");
    let export = |path: &Path| Command::new(BINARY).args(["studio", "--export", path.to_str().unwrap()]).output().unwrap();
    assert_eq!(export(&site).status.code(), Some(0));
    for file in site::files(&Examiner::<Byte>::compiled()).unwrap().into_iter().chain(site::full_files()) {
        assert!(std::fs::read(site.join(&file.path)).unwrap() == file.contents, "{}", file.path);
    }
    assert_eq!(export(&site).status.code(), Some(2));
    assert_eq!(export(&folder.path().join("missing/site")).status.code(), Some(2));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

/// The X-rays of a program given as a listing.
fn examine(lines: &str) -> Vec<XRay> {
    let listing: Vec<_> = lines.lines().filter_map(|line| parse_line(line).unwrap()).collect();
    let program = so_far(&listing).unwrap();
    let files = Default::default();
    let case = Case::new(&program, &files);
    let mut xrays = Vec::new();
    let steps = Examiner::<Byte>::compiled().examine(
        case,
        |_| true,
        |xray, _| {
            xrays.push(xray);
            std::ops::ControlFlow::Continue(())
        },
    );
    assert_eq!(steps.unwrap(), xrays.len());
    let reference = record(&VmEngine, case, 1000).unwrap().steps;
    let steps: Vec<_> = xrays.iter().map(|xray| (xray.pc as usize, Token::from_id(xray.token).unwrap())).collect();
    assert_eq!(steps, reference.iter().map(|step| (step.pc, step.token)).collect::<Vec<_>>());
    xrays
}

#[test]
fn an_xray_shows_how_a_sum_came_about() {
    let xrays = examine("i32.const 200\ni32.const 100\ni32.add");
    let add = &xrays[2];
    let head = |layer: usize, name: &str| add.layers[layer].heads.iter().find(|head| head.name == name).unwrap();
    let neuron = |layer: usize, name: &str| add.layers[layer].neurons.iter().find(|neuron| neuron.name == name).unwrap();

    // Two steps came before; the prompt's last row, 8, executed the first of them.
    assert_eq!((add.row, add.instruction.as_str(), add.token), (10, "i32.add", 44));
    let operand = head(0, "fetch operand");
    assert_eq!((operand.attended.as_ref().unwrap().row, &operand.query[..]), (6, &[2, 1][..]));
    assert_eq!(head(1, "sum of deltas").rows, 11);
    // 200 is in the row with step 0's token, and 100 in the row with step 1's token.
    assert_eq!(head(3, "second bits 6, 7").attended.as_ref().unwrap().row, 9);
    assert_eq!(head(3, "top bits 6, 7").attended.as_ref().unwrap().row, 10);
    let sum = neuron(4, "sum");
    assert_eq!((sum.gate, sum.value, sum.output), (1, 300, 300));
    assert_eq!(neuron(4, "product").output, 0);
    assert_eq!(neuron(7, "wrap-around").output, -256);
    assert_eq!(add.logits[44], 44 * 44);
    for ray in add.layers.iter().flat_map(|layer| &layer.heads) {
        if let (Some(attended), Some(next)) = (&ray.attended, &ray.runner_up) {
            assert!(attended.score > next.score, "{}", ray.name);
        }
    }
}
