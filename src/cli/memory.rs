//! The limit of the memory that a program may take.

use std::fs;
use std::path::Path;

use clap::Args;

/// The limit in bytes where the system does not report how much memory there is.
const UNTOLD: u64 = 4_000_000_000;

#[derive(Args, Clone, Copy, Debug, Default)]
pub(super) struct MaxMemory {
    /// Full machine: refuse a program that needs more memory than this on the network, without the 50 MB of
    /// the network itself; in bytes, or with k, M or G. By default half of the memory that the computer, its
    /// cgroup and ulimit -v allow; 4G where the system does not report it
    #[arg(long, value_name = "SIZE", value_parser = parse)]
    max_memory: Option<u64>,
}

impl MaxMemory {
    /// The limit in bytes.
    pub(super) fn bytes(self) -> u64 {
        self.max_memory.unwrap_or_else(|| {
            let told = [of_machine(), of_cgroup(Path::new("/sys/fs/cgroup"), "/proc/self/cgroup"), of_process()];
            told.into_iter().flatten().min().map_or(UNTOLD, |bytes| bytes / 2)
        })
    }
}

fn parse(text: &str) -> Result<u64, String> {
    let (digits, unit) = match text.char_indices().next_back() {
        Some((at, 'k' | 'K')) => (&text[..at], 1_000),
        Some((at, 'm' | 'M')) => (&text[..at], 1_000_000),
        Some((at, 'g' | 'G')) => (&text[..at], 1_000_000_000),
        _ => (text, 1),
    };
    // Checked here because `parse` accepts a sign.
    let number = digits.bytes().all(|digit| digit.is_ascii_digit()).then(|| digits.parse::<u64>().ok()).flatten();
    number.and_then(|number| number.checked_mul(unit)).ok_or_else(|| "expected bytes, or a number with k, M or G".to_string())
}

/// All memory of the computer, in bytes.
fn of_machine() -> Option<u64> {
    let information = fs::read_to_string("/proc/meminfo").ok()?;
    let kilobytes = information.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    kilobytes.trim().trim_end_matches(" kB").parse::<u64>().ok()?.checked_mul(1024)
}

/// The smallest memory limit of the control groups (version 1 or 2) that this process is in.
fn of_cgroup(root: &Path, of_process: &str) -> Option<u64> {
    let groups = fs::read_to_string(of_process).ok()?;
    let limits = groups.lines().filter_map(|line| {
        let mut fields = line.splitn(3, ':').skip(1);
        let (folder, file) = match fields.next()? {
            "" => (root.to_path_buf(), "memory.max"),
            "memory" => (root.join("memory"), "memory.limit_in_bytes"),
            _ => return None,
        };
        let group = folder.join(fields.next()?.trim_start_matches('/'));
        // A group's limit holds for the groups inside it too.
        let within = group.ancestors().take_while(|group| group.starts_with(&folder));
        within.filter_map(|group| fs::read_to_string(group.join(file)).ok()?.trim().parse::<u64>().ok()).min()
    });
    limits.min()
}

/// The limit of this process's address space, in bytes.
#[cfg(unix)]
fn of_process() -> Option<u64> {
    rustix::process::getrlimit(rustix::process::Resource::As).current
}

/// On other systems no limit is known.
#[cfg(not(unix))]
fn of_process() -> Option<u64> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_bytes_or_have_a_unit() {
        for (text, bytes) in [("0", 0), ("500M", 500_000_000), ("4G", 4_000_000_000), ("12k", 12_000), ("7m", 7_000_000)] {
            assert_eq!(parse(text), Ok(bytes), "{text}");
        }
        for text in ["", "G", "+1", "-1", "1.5G", "4 G", "4T", "99999999999G", "é"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_control_group_has_no_more_than_those_around_it() {
        let root = tempfile::tempdir().unwrap();
        let (inner, groups) = (root.path().join("a/b"), root.path().join("groups"));
        fs::create_dir_all(&inner).unwrap();
        fs::create_dir_all(root.path().join("memory/c")).unwrap();
        fs::write(inner.join("memory.max"), "max\n").unwrap();
        fs::write(root.path().join("a/memory.max"), "3000\n").unwrap();
        fs::write(root.path().join("memory.max"), "5000\n").unwrap();
        fs::write(root.path().join("memory/c/memory.limit_in_bytes"), "2000\n").unwrap();
        for (text, limit) in [("0::/a/b\n", Some(3000)), ("0::/\n", Some(5000)), ("4:memory:/c\n0::/a\n", Some(2000)), ("2:cpu:/c\n", None)]
        {
            fs::write(&groups, text).unwrap();
            assert_eq!(of_cgroup(root.path(), groups.to_str().unwrap()), limit, "{text}");
        }
    }
}
