//! The rights of descriptors. A descriptor has rights of its own, and those that what is opened through it
//! may have.

/// `fd_read`.
pub const READ: u64 = 1 << 1;
/// `fd_write`.
pub const WRITE: u64 = 1 << 6;
/// `fd_allocate`.
pub const ALLOCATE: u64 = 1 << 8;
/// `path_filestat_set_size`: to cut a file that is opened.
pub const CUT: u64 = 1 << 19;
/// `fd_filestat_set_size`.
pub const SET_SIZE: u64 = 1 << 22;

/// `fd_datasync`, `fd_fdstat_set_flags`, `fd_sync`, `fd_filestat_get`, `fd_filestat_set_times` and
/// `poll_fd_readwrite`.
const BOTH: u64 = 1 | (1 << 3) | (1 << 4) | (1 << 21) | (1 << 23) | (1 << 27);
/// All rights that a file can have: `fd_seek`, `fd_tell` and `fd_advise` too.
pub const OF_FILES: u64 = BOTH | READ | (1 << 2) | (1 << 5) | WRITE | (1 << 7) | ALLOCATE | SET_SIZE;
/// All rights that a folder can have: those of paths, `path_create_directory` to `path_filestat_set_times`
/// and `path_symlink` to `path_unlink_file`, and `fd_readdir` among them.
pub const OF_FOLDERS: u64 = BOTH | ((1 << 21) - (1 << 9)) | (0b111 << 24);
