//! The limits of the full profile, each with its reason. A module beyond one is refused, or traps where it
//! says so.

/// Bytes in a page of memory.
pub const PAGE: u32 = 65_536;
/// Pages of a memory: 52 MiB. The network finds a byte by a key of which three times the square must stay
/// below 2^53. A module that starts with more is refused; `memory.grow` beyond it gives -1.
pub const MAX_PAGES: u32 = 832;
/// Calls of WebAssembly's functions in progress at once, the first included. One more traps. WebAssembly
/// leaves the number open. Functions of the host do not count, by whatever way they are called.
pub const MAX_CALL_DEPTH: u32 = 1024;
/// Slots of one frame: locals and operands.
pub const MAX_FRAME_SLOTS: u32 = 4096;
/// Instructions of a program, so that a jump across it can be told in as many tokens as a small number.
pub const MAX_INSTRUCTIONS: u32 = 1 << 20;
/// Places of a table.
pub const MAX_TABLE: u32 = 1 << 16;
/// Globals.
pub const MAX_GLOBALS: u32 = 4096;
