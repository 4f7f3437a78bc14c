//! Killing all descendants of a process, including those that have left its process group.
//!
//! An engine's environment has a mark, which every process that the engine starts inherits. On Linux,
//! descendants are found by this mark. A descendant that both clears its environment and leaves the group is
//! not found. On other systems only the group is killed.

/// The environment variable that holds the mark.
pub const VARIABLE: &str = "WASMFORMER_ENGINE";

/// The common prefix of the marks of all engines of this process.
pub fn mark() -> String {
    std::process::id().to_string()
}

/// A new mark for an engine of this process.
pub fn new_mark() -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    format!("{}-{}", mark(), now.as_nanos())
}

/// Kills the processes that have a mark.
#[cfg(target_os = "linux")]
pub fn end(mark: &str) {
    use rustix::process::{Pid, Signal, kill_process};
    /// The maximum number of searches. A process that was started while others were killed is found by the
    /// next search.
    const TIMES: usize = 100;
    for _ in 0..TIMES {
        let marked: Vec<Pid> = processes().filter(|pid| bears(*pid, mark)).collect();
        if marked.is_empty() {
            return;
        }
        for pid in marked {
            let _ = kill_process(pid, Signal::KILL);
        }
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
}

/// Does nothing, since the processes of a mark cannot be found on this system.
#[cfg(not(target_os = "linux"))]
pub fn end(_mark: &str) {}

/// All processes.
#[cfg(target_os = "linux")]
fn processes() -> impl Iterator<Item = rustix::process::Pid> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let number = |entry: std::fs::DirEntry| entry.file_name().to_str().and_then(|name| name.parse().ok());
    entries.filter_map(number).filter_map(rustix::process::Pid::from_raw)
}

/// Whether a process has this mark, or a mark of which this mark is a prefix. A dead process does not have a
/// mark.
#[cfg(target_os = "linux")]
fn bears(pid: rustix::process::Pid, mark: &str) -> bool {
    let Ok(environment) = std::fs::read(format!("/proc/{}/environ", pid.as_raw_nonzero())) else { return false };
    let value = |variable: &[u8]| variable.strip_prefix(VARIABLE.as_bytes())?.strip_prefix(b"=").map(<[u8]>::to_vec);
    let found = environment.split(|byte| *byte == 0).find_map(value);
    found.is_some_and(|found| found.strip_prefix(mark.as_bytes()).is_some_and(|rest| rest.first().is_none_or(|byte| *byte == b'-')))
}
