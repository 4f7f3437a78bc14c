use std::fs;

use wasmformer::program::wasi::{self, Process};

use crate::common::console;

#[test]
fn hello() {
    let wasm = fs::read("corpus/programs/wasi/hello.wasm").unwrap();
    let linked = wasi::link(&wasm, &Process::default()).unwrap();
    wasmparser::Validator::new().validate_all(&linked).unwrap();
    let ran = console::run(&linked, "_start", b"");
    assert_eq!(String::from_utf8(ran.output).unwrap(), "");
}
