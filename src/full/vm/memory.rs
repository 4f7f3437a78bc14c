//! The linear memory.

use crate::full::isa::Trap;
use crate::full::program;
use crate::full::program::limits::PAGE;

#[derive(Clone, Debug)]
pub(super) struct Memory {
    bytes: Vec<u8>,
    max_pages: u32,
}

impl Memory {
    /// The memory that a program starts with.
    pub(super) fn new(memory: &program::Memory) -> Memory {
        let mut bytes = vec![0; memory.pages as usize * PAGE as usize];
        for (address, run) in &memory.data {
            bytes[*address as usize..][..run.len()].copy_from_slice(run);
        }
        Memory { bytes, max_pages: memory.max_pages }
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    pub(super) fn pages(&self) -> u32 {
        self.bytes.len() as u32 / PAGE
    }

    /// Grows the memory by `delta` pages of zeros, if the limit allows it. Returns the old length in pages.
    pub(super) fn grow(&mut self, delta: u32) -> Option<u32> {
        let pages = self.pages();
        let grown = pages.checked_add(delta).filter(|grown| *grown <= self.max_pages)?;
        self.bytes.resize(grown as usize * PAGE as usize, 0);
        Some(pages)
    }

    /// The number in `width` bytes from an address, the lowest byte first.
    pub(super) fn load(&mut self, address: u64, width: u32) -> Result<u64, Trap> {
        let mut number = [0; 8];
        number[..width as usize].copy_from_slice(self.at(address, width)?);
        Ok(u64::from_le_bytes(number))
    }

    /// Stores the low `width` bytes of a number. If one of them is out of bounds, nothing is stored.
    pub(super) fn store(&mut self, address: u64, width: u32, value: u64) -> Result<(), Trap> {
        self.at(address, width)?.copy_from_slice(&value.to_le_bytes()[..width as usize]);
        Ok(())
    }

    fn at(&mut self, address: u64, width: u32) -> Result<&mut [u8], Trap> {
        let start = address as usize;
        self.bytes.get_mut(start..start + width as usize).ok_or(Trap::MemoryOutOfBounds)
    }
}
