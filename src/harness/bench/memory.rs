//! The memory of this process, where the system tells.

use std::fs;

/// Resident memory in bytes.
pub fn resident() -> Option<u64> {
    status("VmRSS:")
}

/// The most resident memory in bytes since [`reset_peak`] was called, if that could be done.
pub fn peak() -> Option<u64> {
    status("VmHWM:")
}

/// Begins anew what [`peak`] tells. Gives whether it could.
pub fn reset_peak() -> bool {
    fs::write("/proc/self/clear_refs", "5").is_ok()
}

fn status(field: &str) -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let kilobytes = status.lines().find_map(|line| line.strip_prefix(field))?;
    kilobytes.trim().trim_end_matches(" kB").parse::<u64>().ok().map(|kilobytes| kilobytes * 1024)
}
