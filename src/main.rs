//! The command `wasmformer`.

use std::process::ExitCode;

fn main() -> ExitCode {
    wasmformer::main()
}
