//! Shared by the tests: cases in files, the command as a process, exported weights, repeatable random damage, and a second forward pass.

#[cfg(unix)]
pub mod case;
pub mod command;
pub mod console;
pub mod exported;
pub mod full;
pub mod lockstep;
pub mod network;
pub mod random;

pub use random::Random;

/// A copy of `bytes` with one to four bytes changed, doubled, swapped or removed, or with its end cut off.
pub fn damaged(bytes: &[u8], random: &mut Random) -> Vec<u8> {
    let mut damaged = bytes.to_vec();
    for _ in 0..=random.below(4) {
        let Some(last) = damaged.len().checked_sub(1) else { break };
        let at = random.below(damaged.len());
        match random.below(12) {
            0 => damaged.truncate(at),
            1 | 2 => drop(damaged.remove(at)),
            3 | 4 => damaged.insert(at, damaged[at]),
            5 | 6 => damaged.swap(at, last.min(at + 1)),
            7 | 8 => damaged[at] ^= 1 << random.below(8),
            _ => damaged[at] = random.below(256) as u8,
        }
    }
    damaged
}

/// The binary of a text module.
pub fn binary(text: &str) -> Vec<u8> {
    let buffer = wast::parser::ParseBuffer::new(text).expect(text);
    wast::parser::parse::<wast::Wat<'_>>(&buffer).expect(text).encode().expect(text)
}
