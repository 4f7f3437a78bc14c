//! The functions that work on a descriptor.

use super::super::clock::Ticking;
use super::super::errno::Errno;
use super::super::question::Question;
use super::stat::{Kind, Stat, dirent};
use super::tree::Id;
use super::{APPEND, FLAGS, Files, Given, Target, rights};

impl Files<'_> {
    pub(super) fn close(&mut self, number: u32) -> Given {
        self.open.remove(&number).map(|_| Vec::new()).ok_or(Errno::Badf)
    }

    /// Moves a descriptor to the number of another one, which is closed.
    pub(super) fn renumber(&mut self, from: u32, to: u32) -> Given {
        self.descriptor(to)?;
        let moved = *self.descriptor(from)?;
        self.open.remove(&from);
        self.open.insert(to, moved);
        Ok(Vec::new())
    }

    /// Which of the standard streams a descriptor is; 3 if it is none of them.
    pub(super) fn stream(&self, number: u32) -> Given {
        Ok(vec![match self.descriptor(number)?.target {
            Target::Stream(stream) => stream,
            Target::Node(_) => 3,
        }])
    }

    /// The name of a given folder.
    pub(super) fn given(&self, number: u32) -> Result<&str, Errno> {
        self.descriptor(number)?.given.map(|folder| folder.guest.as_str()).ok_or(Errno::Badf)
    }

    pub(super) fn set_flags(&mut self, number: u32, flags: u32) -> Given {
        let descriptor = self.descriptor_mut(number)?;
        descriptor.flags = u16::try_from(flags).ok().filter(|flags| flags & !FLAGS == 0).ok_or(Errno::Inval)?;
        Ok(Vec::new())
    }

    /// Gives up rights.
    pub(super) fn set_rights(&mut self, number: u32, rights: [u64; 2]) -> Given {
        let descriptor = self.descriptor_mut(number)?;
        if rights.iter().zip(descriptor.rights).any(|(wanted, has)| wanted & !has != 0) {
            return Err(Errno::Notcapable);
        }
        descriptor.rights = rights;
        Ok(Vec::new())
    }

    pub(super) fn filestat(&self, number: u32) -> Given {
        Ok(match self.descriptor(number)?.target {
            Target::Stream(_) => Stat { kind: Kind::Stream, size: 0, accessed: 0, modified: 0 }.filestat(0, 1),
            Target::Node(node) => self.filestat_of(node),
        })
    }

    pub(super) fn set_size(&mut self, number: u32, size: u64, clock: &mut Ticking<'_>) -> Given {
        let file = self.file_with(number, rights::SET_SIZE)?;
        self.tree.resize(file, size, clock.now().date).map(|()| Vec::new())
    }

    /// Lengthens a file so that it has this range.
    pub(super) fn allocate(&mut self, number: u32, offset: u64, length: u64, clock: &mut Ticking<'_>) -> Given {
        let file = self.file_with(number, rights::ALLOCATE)?;
        let end = offset.checked_add(length).ok_or(Errno::Fbig)?;
        if self.tree.contents(file)?.len() as u64 >= end {
            return Ok(Vec::new());
        }
        self.tree.resize(file, end, clock.now().date).map(|()| Vec::new())
    }

    /// Sets the times of a node. The question is the time of the last access and of the last change, and then
    /// flags: set the first, set it to now, set the second, set it to now.
    pub(super) fn set_times(&mut self, node: Id, question: &mut Question<'_>, clock: &mut Ticking<'_>) -> Given {
        let (accessed, modified, flags) = (question.u64()?, question.u64()?, question.u32()?);
        if flags & 3 == 3 || flags & 12 == 12 || flags > 15 {
            return Err(Errno::Inval);
        }
        let now = if flags & 10 == 0 { 0 } else { clock.now().date };
        let node = self.tree.node_mut(node);
        for (flags, given, time) in [(flags, accessed, &mut node.stat.accessed), (flags >> 2, modified, &mut node.stat.modified)] {
            match flags & 3 {
                1 => *time = given,
                2 => *time = now,
                _ => {}
            }
        }
        Ok(Vec::new())
    }

    /// Reads at the descriptor's position, which moves on, or at a given place.
    pub(super) fn read(&mut self, number: u32, at: Option<u64>, length: u32) -> Given {
        let file = self.file_with(number, rights::READ)?;
        let start = at.unwrap_or(self.descriptor(number)?.position);
        let contents = self.tree.contents(file)?;
        let start_here = usize::try_from(start).unwrap_or(usize::MAX).min(contents.len());
        let rest = &contents[start_here..];
        let read = rest[..rest.len().min(length as usize)].to_vec();
        if at.is_none() {
            self.descriptor_mut(number)?.position = start + read.len() as u64;
        }
        Ok(read)
    }

    /// Writes at the descriptor's position, which moves on, or at a given place.
    pub(super) fn write(&mut self, number: u32, at: Option<u64>, bytes: &[u8], clock: &mut Ticking<'_>) -> Given {
        let file = self.file_with(number, rights::WRITE)?;
        let descriptor = self.descriptor(number)?;
        let start = match at {
            Some(at) => at,
            None if descriptor.flags & APPEND != 0 => self.tree.contents(file)?.len() as u64,
            None => descriptor.position,
        };
        self.tree.write(file, start, bytes, clock.now().date)?;
        if at.is_none() {
            self.descriptor_mut(number)?.position = start + bytes.len() as u64;
        }
        Ok(Vec::new())
    }

    /// Moves the position: from the beginning (0), from where it is (1), or from the end (2).
    pub(super) fn seek(&mut self, number: u32, offset: i64, whence: u32) -> Given {
        let file = self.file(number)?;
        let from = match whence {
            0 => 0,
            1 => self.descriptor(number)?.position,
            2 => self.tree.contents(file)?.len() as u64,
            _ => return Err(Errno::Inval),
        };
        let to = from.checked_add_signed(offset).filter(|to| *to <= i64::MAX as u64).ok_or(Errno::Inval)?;
        self.descriptor_mut(number)?.position = to;
        Ok(to.to_le_bytes().into())
    }

    /// Lists a folder from the entry after a number on, as many bytes as there is place for. The last entry
    /// may be cut.
    pub(super) fn readdir(&mut self, number: u32, after: u64, length: u32) -> Given {
        let folder = self.folder(number)?;
        let mut listed = Vec::new();
        for (entry, name) in [(1, "."), (2, "..")].into_iter().filter(|(entry, _)| *entry > after) {
            listed.extend(dirent(entry, folder as u64 + 1, Kind::Folder, name));
        }
        for (entry, name) in self.tree.entries(folder)?.after(after) {
            if listed.len() >= length as usize {
                break;
            }
            listed.extend(dirent(entry.number, entry.node as u64 + 1, self.tree.kind(entry.node), &name));
        }
        listed.truncate(length as usize);
        Ok(listed)
    }
}
