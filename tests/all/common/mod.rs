//! Shared by the tests: cases in files, the command as a process, exported weights, repeatable random damage, and a second forward pass.

#[cfg(unix)]
pub mod case;
pub mod command;
pub mod console;
pub mod exported;
pub mod network;

/// A xorshift generator: the same seed always gives the same numbers.
pub struct Random(u64);

impl Random {
    /// `seed` must not be 0.
    pub fn new(seed: u64) -> Random {
        Random(seed)
    }

    /// A number in `0..limit`.
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % limit
    }

    pub fn byte(&mut self) -> u8 {
        self.below(256) as u8
    }
}

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
            _ => damaged[at] = random.byte(),
        }
    }
    damaged
}
