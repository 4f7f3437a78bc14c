//! The files of a run: its descriptors, and what they stand for.

mod descriptors;
mod folder;
mod open;
mod path;
mod paths;
mod rights;
mod save;
mod stat;
mod tree;

pub use folder::Folder;

use std::collections::BTreeMap;

use super::clock::Ticking;
use super::errno::Errno;
use super::function::Function;
use super::question::Question;
use stat::{Kind, Stat, fdstat};
use tree::{Id, Origin, Tree};

/// The files of one run.
#[derive(Clone, Debug)]
pub struct Files<'a> {
    tree: Tree<'a>,
    open: BTreeMap<u32, Descriptor<'a>>,
    /// The given folders.
    roots: Vec<Id>,
}

/// An open descriptor.
#[derive(Clone, Copy, Debug)]
struct Descriptor<'a> {
    target: Target,
    /// Where the next byte is read or written.
    position: u64,
    flags: u16,
    /// The descriptor's rights, and those that what is opened through it may have.
    rights: [u64; 2],
    /// The folder that the program was given as this descriptor.
    given: Option<&'a Folder>,
}

/// What a descriptor stands for.
#[derive(Clone, Copy, Debug)]
enum Target {
    /// A standard stream: 0, 1 or 2. Its bytes do not go through here.
    Stream(u8),
    Node(Id),
}

/// The flag of descriptors that write at the end.
const APPEND: u16 = 1;
/// All flags of descriptors.
const FLAGS: u16 = 0x1f;

/// What a function gives.
type Given = Result<Vec<u8>, Errno>;

impl<'a> Files<'a> {
    /// The files at the beginning of a run: the standard streams, and the given folders from descriptor 3 on.
    pub fn new(folders: &'a [Folder]) -> Files<'a> {
        let mut files = Files { tree: Tree::default(), open: BTreeMap::new(), roots: Vec::new() };
        for stream in 0..3u8 {
            let right = if stream == 0 { rights::READ } else { rights::WRITE };
            let descriptor = Descriptor { target: Target::Stream(stream), position: 0, flags: 0, rights: [right, 0], given: None };
            files.open.insert(stream.into(), descriptor);
        }
        for folder in folders {
            let stat = Stat { kind: Kind::Folder, size: 0, accessed: 0, modified: 0 };
            let root = files.tree.outside(stat, Origin::root(folder));
            files.roots.push(root);
            let rights = [rights::OF_FOLDERS, rights::OF_FOLDERS | rights::OF_FILES];
            files.add(Descriptor { target: Target::Node(root), position: 0, flags: 0, rights, given: Some(folder) });
        }
        files
    }

    /// Performs a function.
    pub fn call(&mut self, function: Function, question: &mut Question<'_>, clock: &mut Ticking<'_>) -> Given {
        let descriptor = question.u32()?;
        match function {
            Function::FdClose => self.close(descriptor),
            Function::FdRenumber => self.renumber(descriptor, question.u32()?),
            Function::Stream => self.stream(descriptor),
            Function::Socket => self.descriptor(descriptor).and(Err(Errno::Notsock)),
            Function::FdPrestatGet => self.given(descriptor).map(|name| (name.len() as u32).to_le_bytes().into()),
            Function::FdPrestatDirName => {
                let (name, room) = (self.given(descriptor)?, question.u32()?);
                if name.len() > room as usize { Err(Errno::Nametoolong) } else { Ok(name.into()) }
            }
            Function::FdFdstatGet => self.fdstat(descriptor),
            Function::FdFdstatSetFlags => self.set_flags(descriptor, question.u32()?),
            Function::FdFdstatSetRights => self.set_rights(descriptor, [question.u64()?, question.u64()?]),
            Function::FdFilestatGet => self.filestat(descriptor),
            Function::FdFilestatSetSize => self.set_size(descriptor, question.u64()?, clock),
            Function::FdFilestatSetTimes => {
                let node = self.node(descriptor)?;
                self.set_times(node, question, clock)
            }
            Function::FdRead => self.read(descriptor, None, question.u32()?),
            Function::FdPread => self.read(descriptor, Some(question.u64()?), question.u32()?),
            Function::FdWrite => self.write(descriptor, None, question.rest(), clock),
            Function::FdPwrite => self.write(descriptor, Some(question.u64()?), question.rest(), clock),
            Function::FdSeek => self.seek(descriptor, question.u64()? as i64, question.u32()?),
            Function::FdTell => self.seek(descriptor, 0, 1),
            Function::FdReaddir => self.readdir(descriptor, question.u64()?, question.u32()?),
            Function::FdAllocate => self.allocate(descriptor, question.u64()?, question.u64()?, clock),
            Function::FdAdvise => self.file(descriptor).map(|_| Vec::new()),
            Function::FdSync => self.node(descriptor).map(|_| Vec::new()),
            Function::PathOpen => self.path_open(descriptor, question, clock),
            Function::PathFilestatGet => self.path_filestat(descriptor, question),
            Function::PathFilestatSetTimes => {
                let follows = question.u32()? & 1 != 0;
                let (times, path) = (question.bytes(20)?, question.rest());
                let folder = self.folder(descriptor)?;
                let node = self.tree.walk(folder, path, follows)?.there()?;
                self.set_times(node, &mut Question::new(times), clock)
            }
            Function::PathCreateDirectory => self.create_directory(descriptor, question.rest(), clock),
            Function::PathRemoveDirectory => self.remove_directory(descriptor, question.rest(), clock),
            Function::PathUnlinkFile => self.unlink(descriptor, question.rest(), clock),
            Function::PathRename => self.rename(descriptor, question, clock),
            Function::PathLink => self.link(descriptor, question, clock),
            Function::PathSymlink => self.symlink(descriptor, question, clock),
            Function::PathReadlink => self.readlink(descriptor, question.u32()?, question.rest()),
            Function::ClockResGet | Function::ClockTimeGet | Function::RandomGet | Function::PollOneoff => Err(Errno::Nosys),
        }
    }

    /// Opens a descriptor: the lowest number that is free, of those after the standard streams.
    fn add(&mut self, descriptor: Descriptor<'a>) -> u32 {
        let number = (3..).find(|number| !self.open.contains_key(number)).unwrap_or(u32::MAX);
        self.open.insert(number, descriptor);
        number
    }

    /// An open descriptor.
    fn descriptor(&self, number: u32) -> Result<&Descriptor<'a>, Errno> {
        self.open.get(&number).ok_or(Errno::Badf)
    }

    fn descriptor_mut(&mut self, number: u32) -> Result<&mut Descriptor<'a>, Errno> {
        self.open.get_mut(&number).ok_or(Errno::Badf)
    }

    /// Whether a descriptor is open.
    pub fn is_open(&self, number: u32) -> bool {
        self.open.contains_key(&number)
    }

    /// The file or folder of a descriptor.
    fn node(&self, number: u32) -> Result<Id, Errno> {
        match self.descriptor(number)?.target {
            Target::Node(node) => Ok(node),
            Target::Stream(_) => Err(Errno::Notcapable),
        }
    }

    /// The file of a descriptor.
    fn file(&self, number: u32) -> Result<Id, Errno> {
        let node = self.node(number)?;
        if self.tree.kind(node) == Kind::Folder { Err(Errno::Isdir) } else { Ok(node) }
    }

    /// The file of a descriptor that has a right.
    fn file_with(&self, number: u32, right: u64) -> Result<Id, Errno> {
        let file = self.file(number)?;
        if self.descriptor(number)?.rights[0] & right == 0 { Err(Errno::Notcapable) } else { Ok(file) }
    }

    /// The folder of a descriptor.
    fn folder(&self, number: u32) -> Result<Id, Errno> {
        match self.descriptor(number)?.target {
            Target::Node(node) if self.tree.kind(node) == Kind::Folder => Ok(node),
            _ => Err(Errno::Notdir),
        }
    }

    fn fdstat(&self, number: u32) -> Given {
        let Descriptor { target, flags, rights, .. } = *self.descriptor(number)?;
        let kind = match target {
            Target::Stream(_) => Kind::Stream,
            Target::Node(node) => self.tree.kind(node),
        };
        Ok(fdstat(kind, flags, rights))
    }

    /// The `filestat` of a node.
    fn filestat_of(&self, node: Id) -> Vec<u8> {
        let found = self.tree.node(node);
        found.stat.filestat(node as u64 + 1, found.names)
    }
}
