//! The files and folders of one run.
//!
//! They begin as what the given folders have. Nothing is read before the run looks at it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::super::errno::Errno;
use super::folder::{Folder, Found, MAX_FILE};
use super::stat::{Kind, Stat};

/// The index of a node. It is the number of a file or folder that WASI tells.
pub type Id = usize;

/// All files and folders that a run has come to see.
#[derive(Clone, Debug, Default)]
pub struct Tree<'a> {
    nodes: Vec<Node<'a>>,
}

/// A file, a folder or a link.
#[derive(Clone, Debug)]
pub struct Node<'a> {
    /// What it is. The size is that of the contents, once they are here.
    pub stat: Stat,
    /// The number of names that it has.
    pub names: u64,
    /// Where it is found outside; `None` for what the run has made.
    pub origin: Option<Origin<'a>>,
    body: Body,
    /// Whether the contents differ from those outside.
    pub is_changed: bool,
}

/// A path within a given folder.
#[derive(Clone, Debug, PartialEq)]
pub struct Origin<'a> {
    folder: Place<'a>,
    /// The path.
    pub path: PathBuf,
}

/// A folder, compared by its address.
#[derive(Clone, Copy, Debug)]
struct Place<'a>(&'a Folder);

impl PartialEq for Place<'_> {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.0, other.0)
    }
}

#[derive(Clone, Debug)]
enum Body {
    /// Still to be found outside.
    Outside,
    Folder(Entries),
    File(Vec<u8>),
    Link(Arc<str>),
}

/// The entries of a folder.
#[derive(Clone, Debug, Default)]
pub struct Entries {
    by_name: BTreeMap<String, Entry>,
    /// The number that the next new entry gets. Numbers are in the order in which entries are listed.
    next: u64,
}

/// An entry of a folder.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// The entry's number within its folder. It never changes, so that a list can be continued after entries
    /// were removed.
    pub number: u64,
    /// What has this name.
    pub node: Id,
}

/// The number of the first entry. The numbers before it are for `.` and `..`.
const FIRST: u64 = 3;

impl<'a> Origin<'a> {
    /// A given folder itself.
    pub fn root(folder: &'a Folder) -> Origin<'a> {
        Origin { folder: Place(folder), path: PathBuf::new() }
    }

    /// An entry of this folder.
    pub fn entry(&self, name: &str) -> Origin<'a> {
        Origin { folder: self.folder, path: self.path.join(name) }
    }

    /// The given folder.
    pub fn folder(&self) -> &'a Folder {
        self.folder.0
    }
}

impl<'a> Tree<'a> {
    /// Adds what is found outside.
    pub fn outside(&mut self, stat: Stat, origin: Origin<'a>) -> Id {
        self.add(Node { stat, names: 1, origin: Some(origin), body: Body::Outside, is_changed: false })
    }

    /// Makes an empty file or folder that has no name yet.
    pub fn make(&mut self, kind: Kind, now: u64) -> Id {
        let body = if kind == Kind::Folder { Body::Folder(Entries::new()) } else { Body::File(Vec::new()) };
        self.made(Stat { kind, size: 0, accessed: now, modified: now }, body)
    }

    /// Makes a link that has no name yet.
    pub fn make_link(&mut self, target: &str, now: u64) -> Id {
        let stat = Stat { kind: Kind::Link, size: target.len() as u64, accessed: now, modified: now };
        self.made(stat, Body::Link(target.into()))
    }

    fn made(&mut self, stat: Stat, body: Body) -> Id {
        self.add(Node { stat, names: 0, origin: None, body, is_changed: true })
    }

    fn add(&mut self, node: Node<'a>) -> Id {
        self.nodes.push(node);
        self.nodes.len() - 1
    }

    /// A node.
    pub fn node(&self, id: Id) -> &Node<'a> {
        &self.nodes[id]
    }

    /// A node, to be changed.
    pub fn node_mut(&mut self, id: Id) -> &mut Node<'a> {
        &mut self.nodes[id]
    }

    /// What a node is.
    pub fn kind(&self, id: Id) -> Kind {
        self.nodes[id].stat.kind
    }

    /// Fetches what a node has from outside, unless it is here.
    fn fetch(&mut self, id: Id) -> Result<(), Errno> {
        let Node { body: Body::Outside, origin: Some(origin), stat, .. } = &self.nodes[id] else { return Ok(()) };
        let origin = origin.clone();
        let body = match origin.folder().found(&origin.path, stat.kind)? {
            Found::Folder(found) => {
                let mut entries = Entries::new();
                for (name, stat) in found.iter() {
                    let node = self.outside(*stat, origin.entry(name));
                    entries.add(name, node);
                }
                Body::Folder(entries)
            }
            Found::File(contents) => Body::File(contents.to_vec()),
            Found::Link(target) => Body::Link(target),
        };
        if let Body::File(contents) = &body {
            self.nodes[id].stat.size = contents.len() as u64;
        }
        self.nodes[id].body = body;
        Ok(())
    }

    /// The entries of a folder.
    ///
    /// # Errors
    /// Where the node is not a folder, or cannot be read.
    pub fn entries(&mut self, id: Id) -> Result<&mut Entries, Errno> {
        self.fetch(id)?;
        match &mut self.nodes[id].body {
            Body::Folder(entries) => Ok(entries),
            _ => Err(Errno::Notdir),
        }
    }

    /// The entries of a folder, if the run has looked at them.
    pub fn seen_entries(&self, id: Id) -> Option<&Entries> {
        match &self.nodes[id].body {
            Body::Folder(entries) => Some(entries),
            _ => None,
        }
    }

    /// The contents of a file.
    ///
    /// # Errors
    /// Where the node is not a file, or cannot be read.
    pub fn contents(&mut self, id: Id) -> Result<&[u8], Errno> {
        self.fetch(id)?;
        match &self.nodes[id].body {
            Body::File(contents) => Ok(contents),
            Body::Folder(_) => Err(Errno::Isdir),
            _ => Err(Errno::Inval),
        }
    }

    /// The target of a link.
    ///
    /// # Errors
    /// Where the node is not a link, or cannot be read.
    pub fn target(&mut self, id: Id) -> Result<Arc<str>, Errno> {
        self.fetch(id)?;
        match &self.nodes[id].body {
            Body::Link(target) => Ok(target.clone()),
            _ => Err(Errno::Inval),
        }
    }

    /// Writes bytes at a place of a file; zeros fill a gap before it.
    ///
    /// # Errors
    /// The same as [`Tree::contents`], or where the file would be too long.
    pub fn write(&mut self, id: Id, at: u64, bytes: &[u8], now: u64) -> Result<(), Errno> {
        let end = at.checked_add(bytes.len() as u64).filter(|end| *end <= MAX_FILE).ok_or(Errno::Fbig)?;
        if self.contents(id)?.len() < end as usize {
            self.resize(id, end, now)?;
        }
        if let Body::File(contents) = &mut self.nodes[id].body {
            contents[at as usize..end as usize].copy_from_slice(bytes);
        }
        self.touch(id, now);
        Ok(())
    }

    /// Cuts a file, or lengthens it by zeros.
    ///
    /// # Errors
    /// The same as [`Tree::write`].
    pub fn resize(&mut self, id: Id, size: u64, now: u64) -> Result<(), Errno> {
        self.contents(id)?;
        if size > MAX_FILE {
            return Err(Errno::Fbig);
        }
        if let Body::File(contents) = &mut self.nodes[id].body {
            contents.resize(size as usize, 0);
        }
        self.nodes[id].stat.size = size;
        self.touch(id, now);
        Ok(())
    }

    fn touch(&mut self, id: Id, now: u64) {
        let node = &mut self.nodes[id];
        (node.is_changed, node.stat.modified) = (true, now);
    }

    /// Gives a node a name in a folder.
    ///
    /// # Errors
    /// Where the node of the folder is not a folder, or cannot be read.
    pub fn name(&mut self, folder: Id, name: &str, node: Id, now: u64) -> Result<(), Errno> {
        self.entries(folder)?.add(name, node);
        self.nodes[node].names += 1;
        self.touch(folder, now);
        Ok(())
    }

    /// Takes a name from a folder.
    ///
    /// # Errors
    /// The same as [`Tree::name`].
    pub fn unname(&mut self, folder: Id, name: &str, now: u64) -> Result<(), Errno> {
        if let Some(entry) = self.entries(folder)?.by_name.remove(name) {
            self.nodes[entry.node].names -= 1;
        }
        self.touch(folder, now);
        Ok(())
    }

    /// Whether a folder is another folder or within it.
    pub fn is_within(&self, inner: Id, outer: Id) -> bool {
        inner == outer
            || self.seen_entries(outer).is_some_and(|entries| entries.by_name.values().any(|entry| self.is_within(inner, entry.node)))
    }
}

impl Entries {
    fn new() -> Entries {
        Entries { by_name: BTreeMap::new(), next: FIRST }
    }

    fn add(&mut self, name: &str, node: Id) {
        self.by_name.insert(name.to_string(), Entry { number: self.next, node });
        self.next += 1;
    }

    /// What has a name.
    pub fn get(&self, name: &str) -> Option<Id> {
        self.by_name.get(name).map(|entry| entry.node)
    }

    /// Whether there are no entries.
    pub fn is_empty(&self) -> bool {
        self.by_name.is_empty()
    }

    /// The entries with their names, sorted by name.
    pub fn named(&self) -> impl Iterator<Item = (&str, Id)> {
        self.by_name.iter().map(|(name, entry)| (name.as_str(), entry.node))
    }

    /// The entries after a number, with their names, in the order of their numbers.
    pub fn after(&self, number: u64) -> Vec<(Entry, String)> {
        let after = self.by_name.iter().filter(|(_, entry)| entry.number > number);
        let mut entries: Vec<(Entry, String)> = after.map(|(name, entry)| (*entry, name.clone())).collect();
        entries.sort_by_key(|(entry, _)| entry.number);
        entries
    }
}
