//! Reading input: programs are read from files and pipes, once and within a bound; standard input is read
//! when a program asks for it.

use std::fmt::Write as _;
use std::fs;
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
#[cfg(target_os = "linux")]
use std::time::Duration;

use wasmformer::byte::program::reader::read_bytes;
use wasmformer::full::program::input::Stream;
use wasmformer::full::program::{Input, load};
use wasmformer::full::wasi::Process;
use wasmformer::harness::full::{Case, NetworkEngine, WasmiEngine};
use wasmformer::harness::{Engine, Full, VmEngine, compare};
use wasmformer::wasm::Source;

use crate::common::command::{BINARY, Ran, folder, good, text, unusable, wasmformer};
use crate::common::full::called;

/// A program that outputs its input up to a 0.
const ECHO: &str = r#"(module
  (import "host" "input" (func $input (result i32)))
  (import "host" "output" (func $output (param i32)))
  (func (export "main") (result i32) (local $byte i32)
    (loop $again
      (if (i32.gt_s (local.tee $byte (call $input)) (i32.const 0))
        (then (call $output (local.get $byte)) (br $again))))
    (local.get $byte)))"#;

fn start(arguments: &[&str]) -> Child {
    let mut command = Command::new(BINARY);
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// Runs a command with this input on standard input, which is closed then.
fn piped(arguments: &[&str], input: &[u8]) -> Ran {
    let mut child = start(arguments);
    child.stdin.take().unwrap().write_all(input).unwrap();
    child.wait_with_output().unwrap().into()
}

#[test]
fn a_program_from_a_pipe_is_as_good_as_one_from_a_file() {
    for path in ["corpus/full/traps/division-by-zero.wat", "corpus/compliance/core-arithmetic-logic/addition/wrap-at-256.wat"] {
        let program = fs::read(path).unwrap();
        for command in [&["run"][..], &["trace"], &["diff"], &["listing"], &["listing", "--json"], &["run", "--model", "full"]] {
            let arguments = |path| [&command[..1], &[path], &command[1..]].concat();
            let of_file = wasmformer(arguments(path));
            let mut pipes = vec!["-"];
            if Path::new("/dev/stdin").exists() {
                pipes.push("/dev/stdin");
            }
            for pipe in pipes {
                let of_pipe = piped(&arguments(pipe), &program);
                let expected = String::from_utf8_lossy(&of_file.stdout).replace(path, pipe);
                assert_eq!(
                    (of_pipe.status, String::from_utf8_lossy(&of_pipe.stdout)),
                    (of_file.status, expected.into()),
                    "{command:?} {pipe}"
                );
                assert_eq!(of_pipe.stderr, of_file.stderr, "{command:?} {pipe}");
            }
        }
    }
    let addition = fs::read("corpus/compliance/core-arithmetic-logic/addition/wrap-at-256.wat").unwrap();
    assert_eq!(piped(&["xray", "-", "--step", "0"], &addition).status, 0);
}

#[test]
fn standard_input_is_read_when_the_program_asks_for_it() {
    let folder = folder(&[("echo.wat", ECHO.as_bytes())]);
    let path = folder.path().join("echo.wat");
    for engine in ["vm", "wasmi", "indexed", "fused"] {
        let mut child = start(&["run", text(&path), "--engine", engine]);
        let (mut input, mut output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        // The echo of a line must arrive before the next line is written.
        for line in [&b"one\n"[..], b"two\n"] {
            input.write_all(line).unwrap();
            let mut echo = [0; 4];
            output.read_exact(&mut echo).unwrap();
            assert_eq!(echo, line, "{engine}");
        }
        // The program ends although the input does not end.
        input.write_all(b"three\0").unwrap();
        let mut rest = String::new();
        output.read_to_string(&mut rest).unwrap();
        assert_eq!(rest, "three\n0\n", "{engine}");
        drop(input);
        assert!(child.wait().unwrap().success());
    }
}

#[test]
fn engines_are_given_the_same_bytes_of_a_stream() {
    let loaded = load(&Source::named("echo"), ECHO.as_bytes(), &Process::default()).unwrap();
    let stream = Stream::new(&b"to all of them"[..]);
    let network = NetworkEngine::indexed();
    let fused = network.clone().fused();
    let engines: [&dyn Engine<Full>; 4] = [&VmEngine, &WasmiEngine::default(), &network, &fused];
    let calls = called(loaded.entry(None).unwrap(), &[]);
    let case = Case::of(&loaded, &calls, Input::from(&stream));
    let (verdict, recorded) = compare(case, &engines, 10_000).unwrap();
    assert!(verdict.is_agreement(), "{verdict:?}");
    assert_eq!(recorded.run.state.outputs, b"to all of them");
}

#[cfg(target_os = "linux")]
#[test]
fn what_is_endless_is_refused_while_it_is_read() {
    unusable(["run", "/dev/zero"], &["/dev/zero: has more than 134217728 bytes"]);
    let addition = "corpus/compliance/core-arithmetic-logic/addition/wrap-at-256.wat";
    unusable(["run", addition, "--file", "0=/dev/zero"], &["/dev/zero: has more than 32 bytes, the capacity of a file"]);
}

#[cfg(target_os = "linux")]
#[test]
fn reading_takes_time_in_proportion_to_what_is_read() {
    const COUNT: usize = 100_000;
    let many = |before: &str, item: &dyn Fn(usize) -> String, after: &str| {
        let mut text = before.to_string();
        (0..COUNT).for_each(|index| write!(text, "{}", item(index)).unwrap());
        text + after
    };
    let main = "(func (export \"main\")))";
    let texts = [
        many("(module (func)", &|index| format!("(export \"e{index}\" (func 0))"), main),
        many("(module (memory 2)", &|index| format!("(data (i32.const {index}) \"a\")"), main),
        many("(module (table 60000 funcref)", &|index| format!("(elem (i32.const {}) 0)", index % 60_000), main),
        many("(module ", &|index| format!("(global i32 (i32.const {index}))"), main),
        many("(module ", &|_| "(import \"host\" \"output\" (func (param i32)))\n".to_string(), main),
        many("(module (func) (func (export \"main\")", &|_| "call 0\n".to_string(), "))"),
    ];
    for text in texts {
        let started = processor_time();
        let source = Source::named("many");
        let _ = read_bytes(&source, text.as_bytes());
        let _ = load(&source, text.as_bytes(), &Process::default());
        // Each of these took more than ten seconds of processor time, optimised, when reading took quadratic
        // time.
        let took = processor_time() - started;
        assert!(took < Duration::from_secs(10), "{took:?}: {}…", &text[..60]);
    }
}

/// The processor time of this thread, which does not depend on the load of the machine.
#[cfg(target_os = "linux")]
fn processor_time() -> Duration {
    let statistics = fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    Duration::from_nanos(statistics.split(' ').next().unwrap().parse().unwrap())
}

#[test]
fn one_of_two_that_write_to_a_folder_at_a_time_is_refused_by_name() {
    let output = tempfile::tempdir().unwrap();
    let path = output.path().join("model");
    let children: Vec<Child> = (0..4).map(|_| start(&["export", text(&path)])).collect();
    let ran: Vec<Ran> = children.into_iter().map(|child| child.wait_with_output().unwrap().into()).collect();
    assert!(ran.iter().any(|ran| ran.status == 0), "{ran:?}");
    for refused in ran.iter().filter(|ran| ran.status != 0) {
        assert!(refused.status == 2 && refused.stderr.contains("another process is writing to this folder"), "{refused:?}");
    }
    let addition = "corpus/compliance/core-arithmetic-logic/addition/wrap-at-256.wat";
    good(["run", addition, "--weights", text(&path)]);
    let names = fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let hidden = names.filter(|name| name.starts_with('.') && name != ".gitattributes").count();
    assert_eq!(hidden, 0, "no partial file and no lock is left");
}
