//! Ctrl-C, and what else asks a process to end: SIGTERM, SIGHUP.

use super::complain;
use crate::harness::Stop;
use crate::harness::engines::external::descendants;

/// Has an interruption ask the command to stop, which then tells what it knows; a second one ends it at once.
///
/// A process that is to outlive its terminal, as by `nohup`, leaves all signals as they are: ctrlc cannot
/// leave one.
pub(super) fn listen(stop: &Stop) {
    if ignores_hangups() {
        return;
    }
    let stop = stop.clone();
    let _ = ctrlc::set_handler(move || {
        if stop.is_requested() {
            descendants::end(&descendants::mark());
            std::process::exit(2);
        }
        stop.request();
        complain("interrupted: what is running is brought to its end; once more ends it at once");
    });
}

/// Whether this process was started with SIGHUP ignored, where the system tells.
fn ignores_hangups() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask & 1 != 0)
}
