//! The command `wasmformer`; see [`wasmformer::cli`].

use std::process::ExitCode;

fn main() -> ExitCode {
    wasmformer::cli::main()
}
