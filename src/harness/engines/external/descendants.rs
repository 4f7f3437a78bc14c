//! The end of all that a process has started, even of what has left its process group.
//!
//! An engine's environment carries a mark, which whatever it starts inherits. On Linux processes are found by
//! it. What clears its environment and leaves the group besides is not found; elsewhere than on Linux only
//! the group is ended.

/// The variable that holds the mark.
pub const VARIABLE: &str = "WASMFORMER_ENGINE";

/// The mark of all engines of this process; an engine's own is longer.
pub fn mark() -> String {
    std::process::id().to_string()
}

/// A mark for one more engine of this process.
pub fn new_mark() -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    format!("{}-{}", mark(), now.as_nanos())
}

/// Kills the processes of a mark.
#[cfg(target_os = "linux")]
pub fn end(mark: &str) {
    use rustix::process::{Pid, Signal, kill_process};
    /// What is being started while others are killed is found when looking again.
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

/// Kills nothing: nothing can be found.
#[cfg(not(target_os = "linux"))]
pub fn end(_mark: &str) {}

/// All processes.
#[cfg(target_os = "linux")]
fn processes() -> impl Iterator<Item = rustix::process::Pid> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let number = |entry: std::fs::DirEntry| entry.file_name().to_str().and_then(|name| name.parse().ok());
    entries.filter_map(number).filter_map(rustix::process::Pid::from_raw)
}

/// Whether a process has a mark, or one that begins with it. A dead one has none.
#[cfg(target_os = "linux")]
fn bears(pid: rustix::process::Pid, mark: &str) -> bool {
    let Ok(environment) = std::fs::read(format!("/proc/{}/environ", pid.as_raw_nonzero())) else { return false };
    let value = |variable: &[u8]| variable.strip_prefix(VARIABLE.as_bytes())?.strip_prefix(b"=").map(<[u8]>::to_vec);
    let found = environment.split(|byte| *byte == 0).find_map(value);
    found.is_some_and(|found| found.strip_prefix(mark.as_bytes()).is_some_and(|rest| rest.first().is_none_or(|byte| *byte == b'-')))
}
