//! The reasons why a run of a byte program traps.

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Why a run traps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Error)]
#[serde(rename_all = "kebab-case")]
pub enum Trap {
    /// `fd_read` or `fd_write` on a descriptor that is not open.
    #[error("read or write on a closed descriptor")]
    ClosedDescriptor,
    /// `fd_write` at the end of a full file.
    #[error("write past the capacity of a file")]
    FileFull,
    /// A loop began one iteration too many. The first instruction of that iteration traps.
    #[error("too many iterations of a loop")]
    LoopLimit,
}

impl Trap {
    /// Every kind of trap.
    pub const ALL: [Trap; 3] = [Trap::ClosedDescriptor, Trap::FileFull, Trap::LoopLimit];

    /// The trap's name in headers and reports.
    pub const fn name(self) -> &'static str {
        match self {
            Trap::ClosedDescriptor => "closed-descriptor",
            Trap::FileFull => "file-full",
            Trap::LoopLimit => "loop-limit",
        }
    }
}
