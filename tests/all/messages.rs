//! What people read: text of others stays on its line, and a refusal gives the true reason.

use crate::cli::{folder, good, text, unusable, wasmformer};

#[test]
fn names_in_modules_forge_no_line_and_reach_no_terminal() {
    let forged = "112 agree, 0 diverge, 0 inconclusive, 0 unreadable";
    let trap = format!("(module (func $\"a\\n{forged}\\1b[2J\" (export \"main\") unreachable))");
    let export = format!("(module (func (export \"a\\n{forged}\\1b[31m\")))");
    let header = ";;! trap = \"\\u001b[31m\\nx\"\n(module)";
    let folder = folder(&[("trap.wat", trap.as_bytes()), ("export.wat", export.as_bytes()), ("header.wat", header.as_bytes())]);
    for name in ["trap.wat", "export.wat", "header.wat"] {
        let path = folder.path().join(name);
        for command in ["run", "trace", "diff"] {
            let ran = wasmformer([command, text(&path)]);
            let said = format!("{}{}", ran.stdout(), ran.stderr);
            assert!(!said.contains('\u{1b}') && !said.lines().any(|line| line.starts_with(forged)), "{command} {name}: {said}");
        }
    }
    let long = format!("(module (func (export \"{}\")))", "x".repeat(100_000));
    std::fs::write(folder.path().join("long.wat"), long).unwrap();
    let path = folder.path().join("long.wat");
    let ran = wasmformer(["run", text(&path)]);
    assert!(ran.stderr.contains("… (99800 characters more)") && ran.stderr.len() < 1000, "{}", ran.stderr.len());
}

#[cfg(unix)]
#[test]
fn names_of_files_forge_no_line() {
    let folder = folder(&[("a\n1 agree, 0 diverge\u{1b}[2J.wat", b"(module (func (export \"main\") unreachable))"), ("b\n.wat", b"(")]);
    let ran = wasmformer(["diff", "--engine", "vm", text(folder.path())]);
    assert_eq!(ran.lines().len(), 3, "{ran:?}");
    assert!(!ran.stdout().contains('\u{1b}') && ran.stdout().contains("a\\n1 agree"), "{ran:?}");
}

#[test]
fn a_program_that_fits_neither_language_is_refused_for_the_true_reason() {
    let halt = b"(module (import \"host\" \"halt\" (func $halt)) (func (export \"main\") (block) (call $halt)))";
    let folder = folder(&[("halt.wat", halt)]);
    let path = folder.path().join("halt.wat");
    unusable(["run", text(&path)], &["block is not in the profile (the program imports host.halt, which only the byte machine has)"]);
}

#[test]
fn what_is_no_module_is_called_what_it_is() {
    let component = b"\0asm\x0d\0\x01\0";
    let files: [(&str, &[u8], &str); 8] = [
        ("empty.wasm", b"", "empty.wasm: at byte 0x0: the file is empty"),
        ("cut.wasm", b"\0as", "cut.wasm: at byte 0x3: a binary module that ends after 3 bytes"),
        ("component.wasm", component, "component.wasm: at byte 0x0: a component, not a core module"),
        ("component.wat", b";; text\n(component (core module))", "component.wat:1:1: a component, not a core module"),
        (
            "suite.wast",
            b"(module (func (export \"f\")))\n(assert_return (invoke \"f\"))",
            "suite.wast:1:1: a script of WebAssembly's test suite (.wast)",
        ),
        ("bom.wat", "\u{feff}(module (func (export \"main\") bogus))".as_bytes(), "bom.wat:1:31: "),
        ("control.wat", b"\x1b[31m.bogus", "control.wat:1:1: "),
        (
            "data.wat",
            b"(module (memory 1) (data (i32.const 0) \"x\") (data (i32.const 65530) \"0123456789\") (func (export \"main\")))",
            "data segment 1 does not fit: its 10 bytes from 65530 on end beyond the 65536 that are there",
        ),
    ];
    let folder = folder(&files.map(|(name, contents, _)| (name, contents)));
    for (name, _, reason) in files {
        let path = folder.path().join(name);
        unusable(["run", text(&path)], &[reason]);
    }
}

#[test]
fn a_byte_order_mark_is_skipped() {
    let program = "\u{feff};;! invoke = \"f\"\n(module (func (export \"f\") (result i64) (i64.const 7)))";
    let folder = folder(&[("bom.wat", program.as_bytes())]);
    assert_eq!(good(["run", text(&folder.path().join("bom.wat"))]).stdout(), "7\n");
}

#[test]
fn results_stand_on_a_line_of_their_own() {
    let program = r#"(module (import "host" "output" (func $output (param i32)))
      (func (export "open") (result i32 i64) (call $output (i32.const 104)) (i32.const 1) (i64.const 2))
      (func (export "ended") (result i32) (call $output (i32.const 10)) (i32.const 1))
      (func (export "none") (call $output (i32.const 104))))"#;
    let folder = folder(&[("lines.wat", program.as_bytes())]);
    let path = folder.path().join("lines.wat");
    let run = |name| good(["run", text(&path), "--invoke", name]).stdout;
    assert_eq!(run("open"), b"h\n1\n2\n");
    assert_eq!(run("ended"), b"\n1\n");
    assert_eq!(run("none"), b"h");
}
