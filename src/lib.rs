//! A compiler that sets every weight of a transformer so that its forward passes execute WebAssembly, and the
//! harness that proves they do, byte for byte, against reference stack VMs, wasmi and other engines.
//!
//! # A tour
//!
//! [`load()`] reads real WebAssembly, once, and tells which of the two languages it is in.
//!
//! ```
//! use wasmformer::{LanguageName, load_bytes, wasm::{Bytes, Source}};
//!
//! let text = r#"(module
//!   (import "host" "output" (func $output (param i32)))
//!   (func (export "main")
//!     i32.const 200  i32.const 100  i32.add  call $output))"#;
//! let bytes = Bytes { source: Source::named("sum.wat"), bytes: text.into() };
//! assert_eq!(load_bytes(&bytes, None)?.language(), LanguageName::Byte);
//! # Ok::<(), wasmformer::wasm::ReadError>(())
//! ```
//!
//! An [engine](Engine) turns a program into a trace: the steps that it makes, and what each reports or
//! writes. The reference VM, wasmi and the transformer are engines. In the byte language each step reports
//! one byte.
//!
//! ```
//! use wasmformer::byte::trace::{End, Token};
//! use wasmformer::harness::byte::{Case, NetworkEngine};
//! use wasmformer::{Program, VmEngine, load_bytes, record};
//! # use wasmformer::wasm::{Bytes, Source};
//! # let text = r#"(module (import "host" "output" (func $output (param i32)))
//! #   (func (export "main") i32.const 200 i32.const 100 i32.add call $output))"#;
//! # let bytes = Bytes { source: Source::named("sum.wat"), bytes: text.into() };
//!
//! let Program::Byte(module) = load_bytes(&bytes, None)? else { unreachable!() };
//! let files = module.header.files();
//! let case = Case::new(&module.program, &files);
//! let recorded = record(&NetworkEngine::dense(), case, 1000)?;
//! assert_eq!(recorded.steps[2].token, Token::Byte(44)); // 200 + 100, mod 256
//! assert_eq!(recorded.run.end, End::Halt);
//! assert_eq!(recorded.run.state.outputs, [44]);
//! assert_eq!(record(&VmEngine, case, 1000)?, recorded);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The full language is WebAssembly as compilers emit it. A program is closed before it runs: what it imports
//! is joined with it. [`compare`] runs engines in lockstep and compares everything observable; the verdict
//! names the first difference.
//!
//! ```
//! use wasmformer::full::program::{Loaded, Value};
//! use wasmformer::full::trace::End;
//! use wasmformer::harness::full::{Case, NetworkEngine, WasmiEngine};
//! use wasmformer::{LanguageName, Program, VmEngine, compare, load_bytes};
//! # use wasmformer::wasm::{Bytes, Source};
//!
//! let text = r#"(module (func (export "double") (param i64) (result i64) (i64.mul (local.get 0) (i64.const 2))))"#;
//! let bytes = Bytes { source: Source::named("double.wat"), bytes: text.into() };
//! let Program::Full(file) = load_bytes(&bytes, Some(LanguageName::Full))? else { unreachable!() };
//! let loaded = Loaded::of(&bytes.source, *file, &Default::default())?;
//! let calls = loaded.calls(&["double"], &["0x100_0000_0000"])?;
//! let case = Case::of(&loaded, &calls, &[]);
//! let (verdict, recorded) = compare(case, &[&VmEngine, &WasmiEngine::default(), &NetworkEngine::indexed()], 1000)?;
//! assert!(verdict.is_agreement());
//! assert_eq!(recorded.run.end, End::Returned(vec![Value::I64(1 << 41)]));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The weights come from a machine, an interpreter written as a [`circuit`] of named lanes, heads and
//! neurons; [compiling](compile) it proves that all its arithmetic is exact. They are an ordinary
//! [`transformer`] model, which can be saved, loaded and run by anyone.
//!
//! ```
//! use wasmformer::harness::byte::NetworkEngine;
//! use wasmformer::transformer::folder;
//! use wasmformer::{Byte, compile};
//!
//! let (model, bounds) = compile::<Byte>()?;
//! assert_eq!(model.config.parameters(), 316_000);
//! assert!(bounds.largest().bound < 1 << 24);
//!
//! let folder = tempfile::tempdir()?;
//! folder::save(&model, folder.path())?;
//! let engine = NetworkEngine::new(folder::load(folder.path())?)?;
//! assert_eq!(engine.model(), Some(&model));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # The house
//!
//! There are two languages: [`byte`], small enough to prove, and [`full`], large enough to use; for each a
//! machine, which is an interpreter written as a circuit. There is one transformer, one circuit compiler and
//! one harness.
//!
//! | room | holds | may use |
//! | --- | --- | --- |
//! | `file`, `shown` | writing files whole; text of others, fit to be printed | – |
//! | [`wasm`] | sources, positions, headers of test files: what both languages share of reading | `file`, `shown` |
//! | [`transformer`] | the network; it knows no WebAssembly | `file`, `shown` |
//! | [`circuit`] | the compiler from lanes, heads and neurons to weights; it knows no WebAssembly | `transformer` |
//! | [`byte`], [`full`] | each a language: instructions, programs, traces, the reference VM, the machine | all above, not each other |
//! | `load` | from a file to a program of either language | all above |
//! | [`harness`] | the tests of everything against everything | all above |
//! | [`prove`] | proofs about weights | all above |
//! | [`studio`] | the machine's workings made visible | all above |
//! | `cli` | the command | all above |
//!
//! A test reads every `use` line and holds this order.

pub mod byte;
pub mod circuit;
#[cfg(feature = "cli")]
mod cli;
mod file;
pub mod full;
pub mod harness;
mod load;
pub mod prove;
mod shown;
pub mod studio;
pub mod transformer;
pub mod wasm;

#[cfg(feature = "cli")]
#[doc(hidden)]
pub use cli::main;
pub use harness::compare::compare;
pub use harness::{Byte, Case, Engine, EngineError, Full, NetworkEngine, Recorded, Report, Run, Verdict, VmEngine, record};
pub use load::{LanguageName, Program, load, load_bytes};

#[doc = include_str!("comparison.md")]
pub mod comparison {}

/// The README's example, as a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

/// A machine as weights, with the proof that its arithmetic is exact.
///
/// # Errors
/// Where the circuit is not exact in the machine's number type; the tests show that it is.
pub fn compile<L: harness::machine::Machine>() -> Result<(transformer::Model<L::Number>, circuit::Bounds), circuit::CircuitError> {
    L::circuit().compile()
}
