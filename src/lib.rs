//! A compiler that sets every weight of a transformer so that its forward passes execute WebAssembly, and the
//! harness that proves they do, byte for byte, against a reference stack VM and against wasmi.
//!
//! # A tour
//!
//! A [program](byte::program) is real WebAssembly within a profile: one function, byte values, four small files.
//!
//! ```
//! use wasmformer::{byte::program::reader::read_bytes, wasm::Source};
//!
//! let text = r#"(module
//!   (import "host" "output" (func $output (param i32)))
//!   (func (export "main")
//!     i32.const 200  i32.const 100  i32.add  call $output))"#;
//! let module = read_bytes(&Source::named("sum.wat"), text.as_bytes())?;
//! assert_eq!(module.program.code().len(), 5); // the end of the function is a `halt`
//! # Ok::<(), wasmformer::wasm::ReadError>(())
//! ```
//!
//! An [engine](harness::Engine) turns a program into a trace: the pc and the reported byte of every step. The
//! [reference VM](byte::vm), wasmi and the transformer are engines.
//!
//! ```
//! use wasmformer::harness::{Case, DenseEngine, VmEngine, record};
//! use wasmformer::byte::trace::{End, Token};
//! # let text = r#"(module (import "host" "output" (func $output (param i32)))
//! #   (func (export "main") i32.const 200 i32.const 100 i32.add call $output))"#;
//! # let module = wasmformer::byte::program::reader::read_bytes(&wasmformer::wasm::Source::named("sum.wat"), text.as_bytes())?;
//! let case = Case { program: &module.program, files: &module.header.files() };
//! let transformer = DenseEngine::compiled();
//! let recorded = record(&transformer, case, 1000)?;
//! assert_eq!(recorded.steps[2].token, Token::Byte(44)); // 200 + 100, mod 256
//! assert_eq!(recorded.run.end, End::Halt);
//! assert_eq!(recorded.run.state.outputs, [44]);
//! assert_eq!(record(&VmEngine, case, 1000)?, recorded);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`harness::compare()`] runs engines in lockstep and compares everything observable; the verdict names the
//! first difference.
//!
//! ```
//! use wasmformer::harness::{Case, DenseEngine, Verdict, VmEngine, WasmiEngine, compare};
//! # let text = r#"(module (func (export "main") (local i32) i32.const 7 local.set 0))"#;
//! # let module = wasmformer::byte::program::reader::read_bytes(&wasmformer::wasm::Source::named("sum.wat"), text.as_bytes())?;
//! let case = Case { program: &module.program, files: &module.header.files() };
//! let verdict = compare(case, &[&VmEngine, &WasmiEngine::default(), &DenseEngine::compiled()], 1000)?;
//! assert!(matches!(verdict, Verdict::Agree { steps: 3, .. }));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The weights come from a [machine](byte::machine), an interpreter written as a [`circuit`] of named lanes, heads and
//! neurons; compiling it proves that all its arithmetic is exact. They are an ordinary [`transformer`] model,
//! which can be saved, loaded and run by anyone.
//!
//! ```
//! use wasmformer::harness::DenseEngine;
//! use wasmformer::byte::machine;
//! use wasmformer::transformer::folder;
//!
//! let (model, bounds) = machine::compile::<f32>()?;
//! assert_eq!(model.config.parameters(), 316_000);
//! assert!(bounds.largest().bound < 1 << 24);
//!
//! let folder = tempfile::tempdir()?;
//! folder::save(&model, folder.path())?;
//! let engine = DenseEngine::new(folder::load(folder.path())?);
//! assert_eq!(*engine.model(), model);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # The house
//!
//! There are two languages: [`byte`], small enough to prove, and [`full`], large enough to use; for each a machine, which is
//! an interpreter written as a circuit. There is one transformer, one circuit compiler and one harness.
//!
//! | room | holds | may use |
//! | --- | --- | --- |
//! | `file`, `shown` | writing files whole; text of others, fit to be printed | – |
//! | [`wasm`] | sources, positions, headers of test files: what both languages share of reading | `file`, `shown` |
//! | [`transformer`] | the network; it knows no WebAssembly | `file`, `shown` |
//! | [`circuit`] | the compiler from lanes, heads and neurons to weights; it knows no WebAssembly | `transformer` |
//! | [`byte`], [`full`] | each a language: instructions, programs, traces, the reference VM, the machine | all above, not each other |
//! | [`harness`] | the proof | all above |
//! | [`studio`] | the machine's workings made visible | all above |
//! | [`cli`] | the command | all above |
//!
//! A test reads every `use` line and holds this order.

pub mod byte;
pub mod circuit;
pub mod cli;
mod file;
pub mod full;
pub mod harness;
mod shown;
pub mod studio;
pub mod transformer;
pub mod wasm;
