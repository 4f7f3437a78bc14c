//! Random bytes.

use crate::full::program::input::{Answer, Input, Stream};

/// The source of random bytes for all runs.
#[derive(Debug)]
pub enum Random {
    /// Bytes that follow from a seed.
    Seed(u64),
    /// Bytes of this computer's source of randomness. The first run that asks reads them; later runs get the
    /// same bytes.
    Real(Stream),
}

impl Default for Random {
    fn default() -> Random {
        Random::Seed(0)
    }
}

/// The random bytes of one run.
#[derive(Clone, Debug)]
pub struct Drawing<'a> {
    random: &'a Random,
    /// The number of bytes drawn so far.
    drawn: u64,
}

impl<'a> Drawing<'a> {
    /// The bytes before the first is drawn.
    pub fn new(random: &'a Random) -> Drawing<'a> {
        Drawing { random, drawn: 0 }
    }

    /// The next bytes.
    pub fn draw(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| self.byte()).collect()
    }

    fn byte(&mut self) -> u8 {
        let index = self.drawn;
        self.drawn += 1;
        match self.random {
            Random::Seed(seed) => number(*seed, index / 8).to_le_bytes()[(index % 8) as usize],
            Random::Real(stream) => match Input::from(stream).at(index as usize) {
                Answer::Byte(byte) => byte,
                Answer::End | Answer::Later => 0,
            },
        }
    }
}

/// The number at an index of SplitMix64's sequence (Steele, Lea, Flood 2014).
fn number(seed: u64, index: u64) -> u64 {
    let z = seed.wrapping_add(index.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_the_same_bytes_however_they_are_drawn() {
        let seed = Random::Seed(7);
        let all = Drawing::new(&seed).draw(20);
        let mut drawing = Drawing::new(&seed);
        assert_eq!([drawing.draw(3), drawing.draw(17)].concat(), all);
        assert_ne!(Drawing::new(&Random::Seed(8)).draw(20), all);
        assert!(all.iter().any(|byte| *byte != all[0]));
    }
}
