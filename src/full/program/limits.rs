//! The limits of the full profile, each with its reason. A module beyond a limit is refused, except where the
//! limit is said to trap.

/// Bytes in a page of memory.
pub const PAGE: u32 = 65_536;
/// Maximum number of pages of a memory: 52 MiB. The network finds a byte by a key; three times the square of
/// the key must stay below 2^53. A module that starts with more pages is refused. A `memory.grow` beyond the
/// limit returns -1.
pub const MAX_PAGES: u32 = 832;
/// Maximum number of calls of WebAssembly's functions in progress at once, the first included. One more call
/// traps. WebAssembly does not prescribe the number. Calls of functions of the host do not count, whether
/// they are direct or through the table. The network finds a slot by its number; three times the square of
/// the number must stay below 2^53, which leaves some 54 million slots for all frames together.
pub const MAX_CALL_DEPTH: u32 = 6_000;
/// Maximum number of slots of one frame: locals and operands.
pub const MAX_FRAME_SLOTS: u32 = 8_704;
/// Maximum number of instructions of a program. With this limit, the length of any jump takes at most two
/// tokens.
pub const MAX_INSTRUCTIONS: u32 = 1 << 22;
/// Maximum number of places of a table.
pub const MAX_TABLE: u32 = 1 << 16;
/// Maximum number of globals.
pub const MAX_GLOBALS: u32 = 4096;
