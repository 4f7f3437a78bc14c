//! Ctrl-C and the other signals that ask a process to end: SIGTERM, SIGHUP.

use super::complain;
use crate::harness::Stop;
use crate::harness::engines::external::descendants;

/// Installs a signal handler. The first signal asks the command to stop; the command then prints its results
/// so far. The second signal ends the process at once.
///
/// In a process that must outlive its terminal (for example under `nohup`) no handler is installed: the crate
/// ctrlc handles all three signals or none.
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
        complain("interrupted: finishing the runs in progress; a second interrupt ends them at once");
    });
}

/// Whether this process was started with SIGHUP ignored; `false` if the system does not report it.
fn ignores_hangups() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask & 1 != 0)
}
