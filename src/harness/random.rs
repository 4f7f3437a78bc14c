//! Reproducible pseudo-random numbers, and digests built from the same mixing step.

/// Pseudo-random bytes from a seed. `count` is rounded down to a multiple of eight.
pub(crate) fn seeded_bytes(seed: u64, count: usize) -> Vec<u8> {
    let words = std::iter::successors(Some(mix(seed)), |state| Some(mix(*state)));
    words.take(count / size_of::<u64>()).flat_map(u64::to_le_bytes).collect()
}

/// SplitMix64's step (Steele, Lea, Flood 2014): a bijection that maps neighbouring seeds to very different
/// numbers.
pub fn mix(seed: u64) -> u64 {
    let z = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A digest of a list of numbers. Two different lists are unlikely to have the same digest.
pub(crate) fn digest(numbers: impl IntoIterator<Item = u64>) -> u64 {
    numbers.into_iter().fold(0, |hash, number| mix(hash ^ number))
}
