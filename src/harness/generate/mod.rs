//! Generators: programs that are valid by construction, from bytes.
//!
//! [`one`] makes programs around a single instruction, with operands at the edges (breadth); [`whole`] makes whole
//! programs, swarm style (depth). Both draw on [`arbitrary::Unstructured`], so that a fuzzer's bytes, or the
//! bytes that a seed gives, become a program; nothing is generated to be thrown away.

pub mod one;
pub mod whole;

use arbitrary::{Arbitrary, Result, Unstructured};

use super::engine::Case;
use crate::byte::profile::{FILE_CAPACITY, FILES};
use crate::byte::program::{Files, Program};

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
        Case { program: &self.program, files: &self.files }
    }

    /// The program of a seed: always the same one for this version of the generators.
    pub fn from_seed(seed: u64) -> Generated {
        let bytes = seeded_bytes(seed, SEEDED_BYTES);
        Generated::arbitrary(&mut Unstructured::new(&bytes)).unwrap_or_else(|error| unreachable!("generators take any bytes: {error}"))
    }
}

/// More bytes than the largest program takes.
const SEEDED_BYTES: usize = 4096;

/// The bytes that a seed gives, a multiple of eight.
pub(crate) fn seeded_bytes(seed: u64, count: usize) -> Vec<u8> {
    let words = std::iter::successors(Some(mix(seed)), |state| Some(mix(*state)));
    words.take(count / size_of::<u64>()).flat_map(u64::to_le_bytes).collect()
}

/// SplitMix64's step (Steele, Lea, Flood 2014): a bijection that makes neighbouring seeds unlike.
pub fn mix(seed: u64) -> u64 {
    let z = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A digest of numbers that no two different lists are likely to share.
pub(crate) fn digest(numbers: impl IntoIterator<Item = u64>) -> u64 {
    numbers.into_iter().fold(0, |hash, number| mix(hash ^ number))
}

impl<'a> Arbitrary<'a> for Generated {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Generated> {
        if u.ratio(1, 8)? { one::generate(u) } else { whole::generate(u, whole::Limits::default()) }
    }
}

/// Bytes at which arithmetic, comparisons, masks and file offsets change their behaviour.
const EDGES: [u8; 20] = [0, 1, 2, 3, 4, 7, 8, 15, 16, 31, 32, 33, 63, 64, 127, 128, 129, 253, 254, 255];

/// A byte, an edge two times out of three.
fn byte(u: &mut Unstructured<'_>) -> Result<u8> {
    if u.ratio(2, 3)? { u.choose(&EDGES).copied() } else { u.arbitrary() }
}

/// Contents of all files: often empty, often full.
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

/// A descriptor.
fn descriptor(u: &mut Unstructured<'_>) -> Result<u8> {
    u.int_in_range(0..=FILES as u8 - 1)
}
