//! Exported functions that use a vector, a hash over the vector, and a string of digits.

#[unsafe(no_mangle)]
pub extern "C" fn collatz(start: u64) -> u32 {
    let mut path = vec![start];
    while path[path.len() - 1] != 1 {
        let last = path[path.len() - 1];
        path.push(if last % 2 == 0 { last / 2 } else { 3 * last + 1 });
    }
    path.len() as u32 - 1
}

#[unsafe(no_mangle)]
pub extern "C" fn digits(number: i64) -> u64 {
    let text = format!("{number}, {number:x}");
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
}
