//! The files behind the `fs` imports, which WebAssembly leaves to its host.

use crate::byte::isa::Trap;
use crate::byte::profile::{FILE_CAPACITY, FILES};
use crate::byte::program::Files;

/// The files, and the offset of each descriptor that is open.
#[derive(Clone, Debug)]
pub struct FileSystem {
    contents: Files,
    cursors: [Option<usize>; FILES],
}

impl FileSystem {
    /// Files with these contents. All files are closed.
    pub fn new(contents: &Files) -> FileSystem {
        FileSystem { contents: contents.clone(), cursors: [None; FILES] }
    }

    /// Opens or reopens a file. The offset is 0.
    pub fn open(&mut self, descriptor: u8) {
        self.cursors[usize::from(descriptor)] = Some(0);
    }

    /// Closes a file. A closed file stays closed.
    pub fn close(&mut self, descriptor: u8) {
        self.cursors[usize::from(descriptor)] = None;
    }

    /// Reads the next byte. At the end of the file, the result is 0 and the offset does not advance.
    pub fn read(&mut self, descriptor: u8) -> Result<u8, Trap> {
        let descriptor = usize::from(descriptor);
        let cursor = self.cursors[descriptor].as_mut().ok_or(Trap::ClosedDescriptor)?;
        let Some(&byte) = self.contents[descriptor].get(*cursor) else { return Ok(0) };
        *cursor += 1;
        Ok(byte)
    }

    /// Overwrites the next byte. At the end of the file, appends the byte.
    pub fn write(&mut self, descriptor: u8, byte: u8) -> Result<(), Trap> {
        let descriptor = usize::from(descriptor);
        let cursor = self.cursors[descriptor].as_mut().ok_or(Trap::ClosedDescriptor)?;
        if *cursor == FILE_CAPACITY {
            return Err(Trap::FileFull);
        }
        match self.contents[descriptor].get_mut(*cursor) {
            Some(old) => *old = byte,
            None => self.contents[descriptor].push(byte),
        }
        *cursor += 1;
        Ok(())
    }

    /// The files' contents.
    pub fn into_contents(self) -> Files {
        self.contents
    }
}
