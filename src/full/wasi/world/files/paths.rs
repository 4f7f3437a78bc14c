//! The functions that work on paths, other than `path_open`.

use super::super::clock::Ticking;
use super::super::errno::Errno;
use super::super::question::Question;
use super::stat::Kind;
use super::{Files, Given};

/// What a function gives that only succeeds.
const DONE: Given = Ok(Vec::new());

impl Files<'_> {
    /// The question is: whether a symbolic link at the end is followed, the path.
    pub(super) fn path_filestat(&mut self, number: u32, question: &mut Question<'_>) -> Given {
        let follows = question.u32()? & 1 != 0;
        let folder = self.folder(number)?;
        let node = self.tree.walk(folder, question.rest(), follows)?.there()?;
        Ok(self.filestat_of(node))
    }

    pub(super) fn create_directory(&mut self, number: u32, path: &[u8], clock: &mut Ticking<'_>) -> Given {
        let folder = self.folder(number)?;
        let place = self.tree.walk(folder, path, false)?;
        place.is_free(Kind::Folder)?;
        let now = clock.now().date;
        let made = self.tree.make(Kind::Folder, now);
        self.tree.name(place.folder, &place.name, made, now)?;
        DONE
    }

    pub(super) fn remove_directory(&mut self, number: u32, path: &[u8], clock: &mut Ticking<'_>) -> Given {
        let folder = self.folder(number)?;
        let place = self.tree.walk(folder, path, false)?;
        let node = place.there()?;
        if place.name.is_empty() {
            return Err(Errno::Inval);
        }
        if !self.tree.entries(node)?.is_empty() {
            return Err(Errno::Notempty);
        }
        self.tree.unname(place.folder, &place.name, clock.now().date)?;
        DONE
    }

    pub(super) fn unlink(&mut self, number: u32, path: &[u8], clock: &mut Ticking<'_>) -> Given {
        let folder = self.folder(number)?;
        let place = self.tree.walk(folder, path, false)?;
        if self.tree.kind(place.there()?) == Kind::Folder {
            return Err(Errno::Isdir);
        }
        self.tree.unname(place.folder, &place.name, clock.now().date)?;
        DONE
    }

    /// The question is: the folder of the new path, the length of the old path, the old path, the new path.
    pub(super) fn rename(&mut self, number: u32, question: &mut Question<'_>, clock: &mut Ticking<'_>) -> Given {
        let to = question.u32()?;
        let length = question.u32()?;
        let (old, new) = (question.bytes(length as usize)?, question.rest());
        let (from, to) = (self.folder(number)?, self.folder(to)?);
        let old = self.tree.walk(from, old, false)?;
        let new = self.tree.walk(to, new, false)?;
        let moved = old.there()?;
        if old.name.is_empty() || new.name.is_empty() {
            return Err(Errno::Inval);
        }
        let is_folder = self.tree.kind(moved) == Kind::Folder;
        if !is_folder && new.is_folder {
            return Err(Errno::Notdir);
        }
        if is_folder && self.tree.is_within(new.folder, moved) {
            return Err(Errno::Inval);
        }
        let now = clock.now().date;
        if let Some(there) = new.node {
            match (is_folder, self.tree.kind(there) == Kind::Folder) {
                _ if there == moved => return DONE,
                (true, false) => return Err(Errno::Notdir),
                (false, true) => return Err(Errno::Isdir),
                (true, true) if !self.tree.entries(there)?.is_empty() => return Err(Errno::Notempty),
                _ => self.tree.unname(new.folder, &new.name, now)?,
            }
        }
        self.tree.name(new.folder, &new.name, moved, now)?;
        self.tree.unname(old.folder, &old.name, now)?;
        DONE
    }

    /// The question is: whether a symbolic link is followed, which is refused, the folder of the new path,
    /// the length of the old path, the old path, the new path.
    pub(super) fn link(&mut self, number: u32, question: &mut Question<'_>, clock: &mut Ticking<'_>) -> Given {
        let (follows, to) = (question.u32()? & 1 != 0, question.u32()?);
        let length = question.u32()?;
        let (old, new) = (question.bytes(length as usize)?, question.rest());
        if follows {
            return Err(Errno::Inval);
        }
        let (from, to) = (self.folder(number)?, self.folder(to)?);
        let node = self.tree.walk(from, old, false)?.there()?;
        let place = self.tree.walk(to, new, false)?;
        place.is_free(Kind::File)?;
        if self.tree.kind(node) == Kind::Folder {
            return Err(Errno::Perm);
        }
        self.tree.name(place.folder, &place.name, node, clock.now().date)?;
        DONE
    }

    /// The question is: the length of the target, the target, the path.
    pub(super) fn symlink(&mut self, number: u32, question: &mut Question<'_>, clock: &mut Ticking<'_>) -> Given {
        let length = question.u32()?;
        let target = std::str::from_utf8(question.bytes(length as usize)?).map_err(|_| Errno::Ilseq)?;
        let folder = self.folder(number)?;
        match target {
            "" => return Err(Errno::Noent),
            _ if target.starts_with('/') => return Err(Errno::Notcapable),
            _ if target.contains('\0') => return Err(Errno::Inval),
            _ => {}
        }
        let place = self.tree.walk(folder, question.rest(), false)?;
        place.is_free(Kind::Link)?;
        let now = clock.now().date;
        let made = self.tree.make_link(target, now);
        self.tree.name(place.folder, &place.name, made, now)?;
        DONE
    }

    /// The target of a symbolic link, cut to a length.
    pub(super) fn readlink(&mut self, number: u32, length: u32, path: &[u8]) -> Given {
        let folder = self.folder(number)?;
        let node = self.tree.walk(folder, path, false)?.there()?;
        let target = self.tree.target(node)?;
        Ok(target.bytes().take(length as usize).collect())
    }
}
