//! What WASI tells of files and descriptors, as bytes.

/// What something in a folder is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A folder.
    Folder,
    /// A file.
    File,
    /// A symbolic link.
    Link,
    /// A standard stream.
    Stream,
    /// A device, a pipe or a socket. It cannot be opened.
    Other,
}

impl Kind {
    /// WASI's number.
    pub fn number(self) -> u8 {
        match self {
            Kind::Other => 0,
            Kind::Stream => 2,
            Kind::Folder => 3,
            Kind::File => 4,
            Kind::Link => 7,
        }
    }
}

/// What is known of something in a folder without reading it. Times are in nanoseconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stat {
    /// What it is.
    pub kind: Kind,
    /// Its length in bytes.
    pub size: u64,
    /// When it was last read.
    pub accessed: u64,
    /// When it was last changed.
    pub modified: u64,
}

impl Stat {
    /// WASI's `filestat`, for something with this number and number of names.
    pub fn filestat(self, number: u64, names: u64) -> Vec<u8> {
        let device = 1u64;
        let fields = [device, number, self.kind.number().into(), names, self.size, self.accessed, self.modified, self.modified];
        fields.into_iter().flat_map(u64::to_le_bytes).collect()
    }
}

/// WASI's `fdstat`.
pub fn fdstat(kind: Kind, flags: u16, rights: [u64; 2]) -> Vec<u8> {
    let first = u64::from(kind.number()) | u64::from(flags) << 16;
    [first, rights[0], rights[1]].into_iter().flat_map(u64::to_le_bytes).collect()
}

/// WASI's `dirent`, and the name that follows it.
pub fn dirent(next: u64, number: u64, kind: Kind, name: &str) -> Vec<u8> {
    let mut entry: Vec<u8> = [next, number].into_iter().flat_map(u64::to_le_bytes).collect();
    entry.extend((name.len() as u32).to_le_bytes());
    entry.extend([kind.number(), 0, 0, 0]);
    entry.extend(name.bytes());
    entry
}
