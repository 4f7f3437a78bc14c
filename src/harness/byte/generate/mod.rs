//! Generators of programs from bytes. The programs are valid by construction.
//!
//! [`one`] makes programs around a single instruction, with operands at edge values (breadth). [`whole`]
//! makes whole programs, by swarm testing (depth). Both read from [`arbitrary::Unstructured`], so a fuzzer's
//! bytes, or the bytes of a seed, become a program. No program is generated and then rejected.

pub mod one;
pub mod whole;

use arbitrary::{Arbitrary, Result, Unstructured};

use super::shrink::shrink;
use super::{Byte, Case};
use crate::byte::profile::{FILE_CAPACITY, FILES};
use crate::byte::program::reader::{Module, read_bytes};
use crate::byte::program::{Files, Program};
use crate::harness::engine::{Engine, EngineError, record};
use crate::harness::generate::{Generate, Shrunk};
use crate::harness::random::{digest, seeded_bytes};
use crate::harness::vm::VmEngine;
use crate::wasm::{ReadError, Source};

/// A generated program with its files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Generated {
    /// The program.
    pub program: Program,
    /// The files' contents at the start.
    pub files: Files,
}

impl Generated {
    /// The program and its files as a case.
    pub fn case(&self) -> Case<'_> {
        Case::new(&self.program, &self.files)
    }

    /// The program of a seed. It is always the same for this version of the generators.
    pub fn from_seed(seed: u64) -> Generated {
        let bytes = seeded_bytes(seed, SEEDED_BYTES);
        Generated::arbitrary(&mut Unstructured::new(&bytes)).unwrap_or_else(|error| unreachable!("generators take any bytes: {error}"))
    }
}

/// The number of bytes per seed. The largest program needs fewer.
const SEEDED_BYTES: usize = 4096;

impl Generate for Byte {
    type Generated = Generated;

    const STEP_LIMIT: usize = 20_000;

    fn from_seed(seed: u64) -> Generated {
        Generated::from_seed(seed)
    }

    fn from_bytes(bytes: &[u8]) -> Option<Generated> {
        match read_bytes(&Source::named("input"), bytes) {
            Ok(Module { program, header, .. }) => Some(Generated { files: header.files(), program }),
            Err(_) => Generated::arbitrary(&mut Unstructured::new(bytes)).ok(),
        }
    }

    fn with_case<R>(generated: &Generated, run: impl FnOnce(Case<'_>) -> R) -> std::result::Result<R, ReadError> {
        Ok(run(generated.case()))
    }

    fn digest(generated: &Generated) -> u64 {
        /// Marks the end of the code or of a file. Differs from every instruction and every byte.
        const END: u64 = u64::MAX;
        let instrs = generated.program.code().iter();
        let code = instrs.map(|instr| u64::from(instr.op.row().opcode) << 8 | u64::from(instr.arg)).chain([END]);
        let files = generated.files.iter().flat_map(|file| file.iter().map(|byte| u64::from(*byte)).chain([END]));
        digest(code.chain(files))
    }

    fn shrink(
        generated: &Generated,
        engines: &[&dyn Engine<Byte>],
        limit: usize,
    ) -> std::result::Result<Option<Shrunk<Generated>>, EngineError> {
        shrink(generated, engines, limit)
    }

    /// A file for `wasmformer diff`. Its header states the outcome of the reference VM's run.
    fn text(generated: &Generated, about: &str) -> String {
        let run = record(&VmEngine, generated.case(), Byte::STEP_LIMIT);
        let header = run.map(|recorded| recorded.run.header(about, &generated.files));
        generated.program.to_wat(&header.unwrap_or_default())
    }
}

impl<'a> Arbitrary<'a> for Generated {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Generated> {
        if u.ratio(1, 8)? { one::generate(u) } else { whole::generate(u, whole::Limits::default()) }
    }
}

/// Bytes at which the behaviour of arithmetic, comparisons, masks and file offsets changes.
const EDGES: [u8; 20] = [0, 1, 2, 3, 4, 7, 8, 15, 16, 31, 32, 33, 63, 64, 127, 128, 129, 253, 254, 255];

/// A random byte. It is one of [`EDGES`] two times out of three, and any byte otherwise.
fn byte(u: &mut Unstructured<'_>) -> Result<u8> {
    if u.ratio(2, 3)? { u.choose(&EDGES).copied() } else { u.arbitrary() }
}

/// Random contents of all files: often empty, often full.
fn files(u: &mut Unstructured<'_>) -> Result<Files> {
    let mut files = Files::default();
    for file in &mut files {
        let length = match u.int_in_range(0..=3)? {
            0 => 0,
            1 => FILE_CAPACITY,
            _ => u.int_in_range(1..=FILE_CAPACITY - 1)?,
        };
        for _ in 0..length {
            file.push(byte(u)?);
        }
    }
    Ok(files)
}

/// A random descriptor.
fn descriptor(u: &mut Unstructured<'_>) -> Result<u8> {
    u.int_in_range(0..=FILES as u8 - 1)
}
