//! The memory of this process, where the system reports it.

use std::fs;

/// Resident memory in bytes.
pub fn resident() -> Option<u64> {
    status("VmRSS:")
}

/// The maximum resident memory in bytes since the last successful call of [`reset_peak`].
pub fn peak() -> Option<u64> {
    status("VmHWM:")
}

/// Resets the value of [`peak`]. Returns whether this was possible.
pub fn reset_peak() -> bool {
    fs::write("/proc/self/clear_refs", "5").is_ok()
}

fn status(field: &str) -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let kilobytes = status.lines().find_map(|line| line.strip_prefix(field))?;
    kilobytes.trim().trim_end_matches(" kB").parse::<u64>().ok().map(|kilobytes| kilobytes * 1024)
}
