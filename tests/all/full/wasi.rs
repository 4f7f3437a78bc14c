//! WASI by routines: programs built with wasi-libc, on the reference VM and on wasmi, must print and return
//! the same as under another implementation of WASI (recorded by `corpus/programs/wasi/check.mjs`).

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use serde::Deserialize;
use wasmformer::full::program::join::join;
use wasmformer::full::program::{Loaded, load, load_file, reader};
use wasmformer::full::trace::End;
use wasmformer::full::wasi::Process;
use wasmformer::full::wasi::world::{Folder, System};
use wasmformer::harness::full::{Case as Run, WasmiEngine};
use wasmformer::harness::{VmEngine, compare};
use wasmformer::wasm::{ReadError, Source};

use crate::common::console::Ran;
use crate::common::full::called;
use crate::common::lockstep::{SHORT, lockstep};
use crate::common::{Random, damaged};

const FOLDER: &str = "corpus/programs/wasi";

/// A case of `cases.json`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    program: String,
    #[serde(default)]
    arguments: Vec<String>,
    #[serde(default)]
    environment: Vec<String>,
    input: Option<String>,
    /// The files of the folder that the program is given as `/`.
    files: Option<BTreeMap<String, String>>,
    #[serde(default)]
    status: i32,
}

#[test]
fn programs_do_as_under_another_implementation() {
    let read_here = |name: &str| fs::read(Path::new(FOLDER).join(name)).unwrap();
    let cases: Vec<Case> = serde_json::from_slice(&read_here("cases.json")).unwrap();
    for case in cases {
        let path = Path::new(FOLDER).join(&case.program).with_extension("wasm");
        let arguments = [case.program].into_iter().chain(case.arguments).collect();
        let process = Process::new(arguments, case.environment).unwrap().with_folders(case.files.is_some());
        let mut loaded = load_file(&path, &process).unwrap();
        let input = case.input.map(|name| read_here(&name)).unwrap_or_default();
        let output = read_here(&format!("{}.out", case.name));
        let errors = fs::read(Path::new(FOLDER).join(format!("{}.err", case.name))).unwrap_or_default();
        let ran = match case.files {
            Some(files) => {
                let files = files.into_iter().map(|(name, contents)| (name, contents.into_bytes())).collect();
                loaded.system = Arc::new(System { folders: vec![Folder::given("/".to_string(), &files)], ..System::default() });
                in_a_folder(&loaded, &input)
            }
            None => lockstep(&loaded, "_start", &input),
        };
        assert_eq!(ran, Ran { output, errors, end: Ok(case.status) }, "{}", case.name);
    }
}

/// Runs `_start` in lockstep on the reference VM and on wasmi, in the program's system. wasmi does not run
/// the module as it is, because the console that it has then is without folders.
fn in_a_folder(loaded: &Loaded, input: &[u8]) -> Ran {
    let calls = called(loaded.program.exported_function("_start"), &[]);
    let (verdict, recorded) = compare(Run::of(loaded, &calls, input), &[&VmEngine, &WasmiEngine::default()], SHORT).unwrap();
    assert!(verdict.is_agreement(), "{verdict:?}");
    let end = match recorded.run.end {
        End::Returned(_) => Ok(0),
        End::Exited(status) => Ok(i32::from(status)),
        other => Err(other.to_string()),
    };
    Ran { output: recorded.run.state.outputs, errors: recorded.run.state.errors, end }
}

/// Loads a module given as text, for a process without arguments.
fn load_text(text: &str) -> Result<Loaded, ReadError> {
    load(&Source::named("test.wat"), text.as_bytes(), &Process::default())
}

fn refusal(text: &str) -> String {
    load_text(text).unwrap_err().to_string()
}

#[test]
fn imports_that_do_not_fit_wasi_are_refused_by_name() {
    let import = |item: &str| refusal(&format!("(module\n  (import \"wasi_snapshot_preview1\" {item})\n  (memory 1))"));
    insta::assert_snapshot!([
        import(r#""fd_write" (func (param i32 i32) (result i32))"#),
        import(r#""fd_write" (global i32)"#),
        refusal(r#"(module (import "wasi_snapshot_preview1" "proc_exit" (func (param i32))))"#),
    ].join("\n"), @"
    test.wat:2:4: wasi_snapshot_preview1.fd_write: imported with the type [i32 i32] -> [i32], but its type is [i32 i32 i32 i32] -> [i32]
    test.wat:2:4: wasi_snapshot_preview1.fd_write: the program imports it, but not as a function
    test.wat:1:10: wasi_snapshot_preview1.proc_exit: this function needs a memory, and the module has none
    ");
}

#[test]
fn a_module_that_needs_nothing_is_left_as_it_is() {
    let text = r#"(module (import "host" "output" (func (param i32))) (func (export "main") i32.const 65 call 0))"#;
    let source = Source::named("test.wat");
    let module = reader::read_bytes(&source, text.as_bytes()).unwrap().module;
    assert_eq!(join(&source, module.clone(), &Process::default()).unwrap(), module);
}

/// Joining renumbers functions, types and globals wherever a module can refer to them.
#[test]
fn everything_that_names_a_function_goes_along() {
    let text = r#"(module
      (import "host" "output" (func $output (param i32)))
      (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
      (import "host" "input" (func $input (result i32)))
      (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
      (type $writes (func (param i32 i32 i32 i32) (result i32)))
      (table 4 funcref)
      (memory 1)
      (global $last (mut i32) (i32.const 0x41))
      (export "proc_exit" (func $exit))
      (start $begin)
      (elem (i32.const 1) $show $write $input)
      (data (i32.const 0) "\10\00\00\00\03\00\00\00")
      (data (i32.const 16) "abc")
      (func $show (param i32) (call $output (local.get 0)))
      (func $begin (call_indirect (param i32) (global.get $last) (i32.const 1)))
      (func (export "main")
        (drop (call_indirect (type $writes) (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8) (i32.const 2)))
        (call $show (i32.add (i32.load (i32.const 8)) (i32.const 48)))
        (call $show (call_indirect (result i32) (i32.const 3)))
        (call $show (global.get $last))
        (call $exit (i32.const 260))))"#;
    let ran = lockstep(&load_text(text).unwrap(), "main", b"z");
    assert_eq!((String::from_utf8(ran.output).unwrap().as_str(), ran.end), ("Aabc3zA", Ok(4)));
}

/// A module whose `main` calls `$write` and `$read`, on two buffers of 5 and 10 bytes, and shows errnos as
/// characters from `0`.
fn module(calls: &str) -> String {
    format!(
        r#"(module
      (import "host" "output" (func $output (param i32)))
      (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
      (memory 1)
      (data (i32.const 0) "\20\00\00\00\05\00\00\00\30\00\00\00\0a\00\00\00")
      (func $show (param i32) (call $output (i32.add (i32.const 48) (local.get 0))))
      (func (export "main") {calls}))"#
    )
}

/// The output of `main` of a [`module`] with these calls.
fn shown(calls: &str, input: &[u8]) -> String {
    let ran = lockstep(&load_text(&module(calls)).unwrap(), "main", input);
    assert_eq!(ran.end, Ok(0));
    String::from_utf8(ran.output).unwrap()
}

/// `args_get` with both of its addresses at 100: the pointers are stored last, so they are right although
/// they overwrite the strings.
#[test]
fn pointers_may_lie_over_the_strings() {
    let text = r#"(module
      (import "host" "output" (func $output (param i32)))
      (import "wasi_snapshot_preview1" "args_get" (func $get (param i32 i32) (result i32)))
      (memory 1)
      (func (export "main") (local $at i32)
        (call $output (call $get (i32.const 100) (i32.const 100)))
        (loop $next
          (call $output (i32.load8_u offset=100 (local.get $at)))
          (br_if $next (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 1))) (i32.const 14))))))"#;
    let process = Process::new(["abcdef", "", "xyz"].map(String::from).to_vec(), Vec::new()).unwrap();
    let loaded = load(&Source::named("test.wat"), text.as_bytes(), &process).unwrap();
    let ran = lockstep(&loaded, "main", b"");
    assert_eq!(ran.output, [0, 100, 0, 0, 0, 107, 0, 0, 0, 108, 0, 0, 0, 0, 0]);
}

#[test]
fn a_stream_goes_one_way() {
    let call = |function: &str, descriptor: i32, count: i32| {
        format!("(call $show (call ${function} (i32.const {descriptor}) (i32.const 0) (i32.const {count}) (i32.const 16)))")
    };
    let calls = [0, 1, 2, 3, 31, 32, 33, -1].map(|descriptor| call("read", descriptor, 1) + &call("write", descriptor, 0)).concat();
    assert_eq!(shown(&calls, b"12345"), "0880808888888888");
}

/// A read fills one buffer after the other, and takes all available input.
#[test]
fn a_read_takes_what_is_there() {
    let read = "(call $show (call $read (i32.const 0) (i32.const 0) (i32.const 2) (i32.const 16))) (call $show (i32.load (i32.const 16)))";
    let echo = "(drop (call $write (i32.const 1) (i32.const 0) (i32.const 2) (i32.const 20)))";
    let calls = format!("{} {echo}", [read; 5].concat());
    // The reads return as many bytes as both buffers hold, then the rest, then three times nothing. At the
    // end the buffers hold the bytes of the last reads.
    assert_eq!(shown(&calls, b"ab\nabcdefghijklmnop\nxyz"), "0?08000000mnop\nxyzfghijkl");
}

#[test]
fn a_pointer_outside_memory_is_an_error_and_nothing_is_done() {
    let store = "(i32.store (i32.const 24) (i32.const 65535)) (i32.store (i32.const 28) (i32.const 2))";
    let call = |function: &str, vectors: i32, count: i32, result: i32| {
        let descriptor = i32::from(function == "write");
        shown(
            &format!(
                "{store} (call $show (call ${function} (i32.const {descriptor}) (i32.const {vectors}) (i32.const {count}) (i32.const {result})))"
            ),
            b"z",
        )
    };
    // `m` is 48 + 61, EOVERFLOW.
    for function in ["read", "write"] {
        for (vectors, count, result) in
            [(65_529, 1, 16), (0, 1, 65_533), (24, 1, 16), (16, 2, 8), (0, -1, 16), (0, 0x2000_0000, 16), (-8, 1, 16)]
        {
            assert_eq!(call(function, vectors, count, result), "m", "{function} {vectors} {count} {result}");
        }
    }
    assert_eq!(call("write", 65_528, 1, 16), "0");
}

#[test]
fn a_process_starts_with_strings_that_c_can_hold() {
    let process = |argument: &str, variable: &str| Process::new(vec![argument.into()], vec![variable.into()]);
    assert!(process("", "A=").is_ok());
    assert_eq!(process("a\0b", "A=b").unwrap_err().to_string(), r#"a NUL byte in "a\0b""#);
    assert_eq!(process("a", "A=\0").unwrap_err().to_string(), r#"a NUL byte in "A=\0""#);
    for variable in ["", "A", "=b"] {
        assert_eq!(process("a", variable).unwrap_err().to_string(), format!("{variable:?} is not of the form NAME=VALUE"));
    }
}

/// Every module that the reader accepts is joined or refused.
#[test]
fn damaged_modules_are_joined_or_refused() {
    let mut random = Random::new(7);
    let mut joined = 0;
    for program in ["hello", "arguments", "words", "errors"] {
        let bytes = fs::read(Path::new(FOLDER).join(program).with_extension("wasm")).unwrap();
        for _ in 0..500 {
            let source = Source::named(program);
            let Ok(file) = reader::read_bytes(&source, &damaged(&bytes, &mut random)) else { continue };
            joined += usize::from(join(&source, file.module, &Process::default()).is_ok());
        }
    }
    assert!(joined > 100, "{joined} joined");
}

/// The functions of preview 1 with their parameters.
const FUNCTIONS: [(&str, &str); 45] = [
    ("args_get", "i32 i32"),
    ("args_sizes_get", "i32 i32"),
    ("environ_get", "i32 i32"),
    ("environ_sizes_get", "i32 i32"),
    ("clock_res_get", "i32 i32"),
    ("clock_time_get", "i32 i64 i32"),
    ("fd_advise", "i32 i64 i64 i32"),
    ("fd_allocate", "i32 i64 i64"),
    ("fd_close", "i32"),
    ("fd_datasync", "i32"),
    ("fd_fdstat_get", "i32 i32"),
    ("fd_fdstat_set_flags", "i32 i32"),
    ("fd_fdstat_set_rights", "i32 i64 i64"),
    ("fd_filestat_get", "i32 i32"),
    ("fd_filestat_set_size", "i32 i64"),
    ("fd_filestat_set_times", "i32 i64 i64 i32"),
    ("fd_pread", "i32 i32 i32 i64 i32"),
    ("fd_prestat_get", "i32 i32"),
    ("fd_prestat_dir_name", "i32 i32 i32"),
    ("fd_pwrite", "i32 i32 i32 i64 i32"),
    ("fd_read", "i32 i32 i32 i32"),
    ("fd_readdir", "i32 i32 i32 i64 i32"),
    ("fd_renumber", "i32 i32"),
    ("fd_seek", "i32 i64 i32 i32"),
    ("fd_sync", "i32"),
    ("fd_tell", "i32 i32"),
    ("fd_write", "i32 i32 i32 i32"),
    ("path_create_directory", "i32 i32 i32"),
    ("path_filestat_get", "i32 i32 i32 i32 i32"),
    ("path_filestat_set_times", "i32 i32 i32 i32 i64 i64 i32"),
    ("path_link", "i32 i32 i32 i32 i32 i32 i32"),
    ("path_open", "i32 i32 i32 i32 i32 i64 i64 i32 i32"),
    ("path_readlink", "i32 i32 i32 i32 i32 i32"),
    ("path_remove_directory", "i32 i32 i32"),
    ("path_rename", "i32 i32 i32 i32 i32 i32"),
    ("path_symlink", "i32 i32 i32 i32 i32"),
    ("path_unlink_file", "i32 i32 i32"),
    ("poll_oneoff", "i32 i32 i32 i32"),
    ("proc_raise", "i32"),
    ("random_get", "i32 i32"),
    ("sched_yield", ""),
    ("sock_accept", "i32 i32 i32"),
    ("sock_recv", "i32 i32 i32 i32 i32 i32"),
    ("sock_send", "i32 i32 i32 i32 i32"),
    ("sock_shutdown", "i32 i32"),
];

/// `main` calls each function but the first ones and the standard streams' with the descriptor 3 and zeros.
#[test]
fn every_function_is_served_and_no_descriptor_is_open_where_no_folder_is_given() {
    let mut errnos = Vec::new();
    for (name, params) in FUNCTIONS {
        let zeros = params.split_whitespace().enumerate().map(|(index, ty)| {
            let descriptor = if name == "path_symlink" { index == 2 } else { index == 0 };
            format!("({ty}.const {})", if descriptor { 3 } else { 0 })
        });
        let text = format!(
            r#"(module (import "wasi_snapshot_preview1" "{name}" (func $function (param {params}) (result i32)))
              (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32))) (memory 1)
              (func (export "main") (call $exit (call $function {}))))"#,
            zeros.collect::<String>()
        );
        let loaded = load_text(&text).unwrap();
        assert!(loaded.module.imports.iter().all(|import| import.module == "host"), "{name}");
        errnos.push((name, lockstep(&loaded, "main", b"").end.unwrap()));
    }
    let others =
        ["args_get", "args_sizes_get", "environ_get", "environ_sizes_get", "clock_res_get", "clock_time_get", "random_get", "sched_yield"];
    for (name, errno) in errnos {
        let expected = match name {
            "proc_raise" => 52,
            "poll_oneoff" => 28,
            _ if others.contains(&name) => 0,
            _ => 8,
        };
        assert_eq!(errno, expected, "{name}");
    }
}
