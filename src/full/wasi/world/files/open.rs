//! `path_open`.

use super::super::clock::Ticking;
use super::super::errno::Errno;
use super::super::question::Question;
use super::stat::Kind;
use super::{Descriptor, FLAGS, Files, Given, Target, rights};

/// The flags of `path_open`.
mod flags {
    pub const CREATE: u32 = 1;
    pub const FOLDER: u32 = 2;
    pub const EXCLUSIVE: u32 = 4;
    pub const CUT: u32 = 8;
}

impl Files<'_> {
    /// Opens what is at a path. The question is: whether a symbolic link at the end is followed, flags, the
    /// two sets of rights, the flags of the descriptor, the path.
    pub(super) fn path_open(&mut self, number: u32, question: &mut Question<'_>, clock: &mut Ticking<'_>) -> Given {
        let (follows, flags) = (question.u32()? & 1 != 0, question.u32()?);
        let wanted = [question.u64()?, question.u64()?];
        let descriptor_flags = u16::try_from(question.u32()?).ok().filter(|flags| flags & !FLAGS == 0).ok_or(Errno::Inval)?;
        let folder = self.folder(number)?;
        let [own, inherited] = self.descriptor(number)?.rights;
        let has = |flag| flags & flag != 0;
        let is_new = has(flags::CREATE) && has(flags::EXCLUSIVE);
        let place = self.tree.walk(folder, question.rest(), follows && !is_new)?;
        if has(flags::CUT) && own & rights::CUT == 0 {
            return Err(Errno::Notcapable);
        }
        let node = match place.node {
            Some(_) if is_new => return Err(Errno::Exist),
            Some(node) => node,
            None if has(flags::CREATE) && !has(flags::FOLDER) => {
                place.is_free(Kind::File)?;
                let now = clock.now().date;
                let made = self.tree.make(Kind::File, now);
                self.tree.name(place.folder, &place.name, made, now)?;
                made
            }
            None => return Err(Errno::Noent),
        };
        let kind = self.tree.kind(node);
        match kind {
            Kind::Link => return Err(Errno::Loop),
            Kind::Stream | Kind::Other => return Err(Errno::Acces),
            Kind::File if has(flags::FOLDER) => return Err(Errno::Notdir),
            Kind::Folder if has(flags::CUT) || has(flags::CREATE) => return Err(Errno::Isdir),
            Kind::Folder if wanted[0] & rights::WRITE != 0 => return Err(Errno::Isdir),
            Kind::File if has(flags::CUT) => self.tree.resize(node, 0, clock.now().date)?,
            Kind::File => drop(self.tree.contents(node)?),
            Kind::Folder => drop(self.tree.entries(node)?),
        }
        let possible = if kind == Kind::Folder { rights::OF_FOLDERS } else { rights::OF_FILES };
        let rights = [wanted[0] & inherited & possible, wanted[1] & inherited];
        let opened = Descriptor { target: Target::Node(node), position: 0, flags: descriptor_flags, rights, given: None };
        Ok(self.add(opened).to_le_bytes().into())
    }
}
