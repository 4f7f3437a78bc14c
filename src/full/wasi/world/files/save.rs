//! Writing back: what a run has changed in the given folders, on this computer.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::super::errno::Errno;
use super::Files;
use super::folder::{Folder, Found};
use super::stat::Kind;
use super::tree::{Id, Origin};

/// A path of this computer that could not be written, and why.
pub type Unsaved = (PathBuf, io::Error);

impl<'a> Files<'a> {
    /// Makes the given folders of this computer what they are in this run. A file with several names becomes
    /// several files, and times are those of writing.
    ///
    /// # Errors
    /// At the first path that cannot be written. What was written before it stays.
    pub fn save(&mut self) -> Result<(), Unsaved> {
        let hosts = self.roots.clone().into_iter().filter_map(|root| {
            let origin = self.tree.node(root).origin.clone()?;
            Some((root, origin.folder().host()?.to_path_buf(), origin))
        });
        let hosts: Vec<(Id, PathBuf, Origin<'a>)> = hosts.collect();
        // What was moved must be read before its old place is cleared.
        for (root, host, origin) in &hosts {
            self.fetch_moved(*root, origin).map_err(|errno| (host.clone(), io::Error::other(format!("it cannot be read: {errno:?}"))))?;
        }
        for (root, host, origin) in &hosts {
            self.clear(*root, host, origin)?;
        }
        hosts.iter().try_for_each(|(root, host, origin)| self.put(*root, host, Some(origin)))
    }

    /// The entries of a folder that the run has looked at, each with its origin if it is where it was.
    fn children(&self, folder: Id, origin: Option<&Origin<'a>>) -> Vec<(String, Id, Option<Origin<'a>>)> {
        let entries = self.tree.seen_entries(folder).into_iter().flat_map(|entries| entries.named());
        let child = |(name, node): (&str, Id)| {
            let unmoved = origin.map(|origin| origin.entry(name)).filter(|origin| self.tree.node(node).origin.as_ref() == Some(origin));
            (name.to_string(), node, unmoved)
        };
        entries.map(child).collect()
    }

    fn fetch_moved(&mut self, folder: Id, origin: &Origin<'a>) -> Result<(), Errno> {
        for (_, node, unmoved) in self.children(folder, Some(origin)) {
            match unmoved {
                Some(origin) => self.fetch_moved(node, &origin)?,
                None => self.fetch_all(node)?,
            }
        }
        Ok(())
    }

    fn fetch_all(&mut self, node: Id) -> Result<(), Errno> {
        match self.tree.kind(node) {
            Kind::Folder => {
                let inside: Vec<Id> = self.tree.entries(node)?.named().map(|(_, node)| node).collect();
                inside.into_iter().try_for_each(|node| self.fetch_all(node))
            }
            Kind::File => self.tree.contents(node).map(drop),
            Kind::Link => self.tree.target(node).map(drop),
            Kind::Stream | Kind::Other => Err(Errno::Acces),
        }
    }

    /// Removes what is no longer where it was.
    fn clear(&mut self, folder: Id, host: &Path, origin: &Origin<'a>) -> Result<(), Unsaved> {
        if self.tree.seen_entries(folder).is_none() {
            return Ok(());
        }
        let children = self.children(folder, Some(origin));
        let Ok(Found::Folder(before)) = origin.folder().found(&origin.path, Kind::Folder) else { return Ok(()) };
        for (name, stat) in before.iter() {
            let path = host.join(name);
            match children.iter().find(|(child, ..)| child == name) {
                Some((_, node, Some(origin))) => self.clear(*node, &path, origin)?,
                _ => remove(origin.folder(), &origin.path.join(name), stat.kind, &path)?,
            }
        }
        Ok(())
    }

    /// Writes a folder's files that have changed, and what is new in the folder.
    fn put(&mut self, folder: Id, host: &Path, origin: Option<&Origin<'a>>) -> Result<(), Unsaved> {
        for (name, node, unmoved) in self.children(folder, origin) {
            let path = host.join(name);
            let failed = |error| (path.clone(), error);
            let is_new = unmoved.is_none();
            match self.tree.kind(node) {
                Kind::Folder => {
                    if is_new {
                        fs::create_dir(&path).map_err(failed)?;
                    }
                    self.put(node, &path, unmoved.as_ref())?;
                }
                Kind::File if is_new || self.tree.node(node).is_changed => {
                    let contents = self.tree.contents(node).unwrap_or_default();
                    fs::write(&path, contents).map_err(failed)?;
                }
                Kind::Link if is_new => {
                    let target = self.tree.target(node).unwrap_or_default();
                    link(&target, &path).map_err(failed)?;
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// Removes what was found at a path within a folder.
fn remove(folder: &Folder, within: &Path, kind: Kind, path: &Path) -> Result<(), Unsaved> {
    if kind != Kind::Folder {
        return fs::remove_file(path).map_err(|error| (path.to_path_buf(), error));
    }
    if let Ok(Found::Folder(entries)) = folder.found(within, kind) {
        for (name, stat) in entries.iter() {
            remove(folder, &within.join(name), stat.kind, &path.join(name))?;
        }
    }
    fs::remove_dir(path).map_err(|error| (path.to_path_buf(), error))
}

#[cfg(unix)]
fn link(target: &str, path: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(target, path)
}

#[cfg(not(unix))]
fn link(_target: &str, _path: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::super::clock::{Clock, Ticking};
    use super::super::super::function::Function;
    use super::super::super::question::Question;
    use super::*;

    /// Asks for a function of descriptor 3.
    fn ask(files: &mut Files<'_>, function: Function, arguments: &[&[u8]]) -> Result<Vec<u8>, Errno> {
        let clock = Clock::default();
        let question = [&3u32.to_le_bytes()[..], &arguments.concat()].concat();
        files.call(function, &mut Question::new(&question), &mut Ticking::new(&clock))
    }

    /// Opens a path with flags and the rights to read and write.
    fn open(files: &mut Files<'_>, path: &str, flags: u32) -> Result<u32, Errno> {
        let (none, rights) = (0u32.to_le_bytes(), 0x42u64.to_le_bytes());
        let opened = ask(files, Function::PathOpen, &[&none, &flags.to_le_bytes(), &rights, &rights, &none, path.as_bytes()])?;
        Ok(u32::from_le_bytes(opened.try_into().unwrap()))
    }

    fn write(files: &mut Files<'_>, path: &str, flags: u32, bytes: &[u8]) {
        let number = open(files, path, flags).unwrap();
        let clock = Clock::default();
        let question = [&number.to_le_bytes()[..], bytes].concat();
        files.call(Function::FdWrite, &mut Question::new(&question), &mut Ticking::new(&clock)).unwrap();
    }

    /// The files within a folder, with their contents.
    fn contents(folder: &Path) -> BTreeMap<String, String> {
        let mut found = BTreeMap::new();
        for entry in fs::read_dir(folder).unwrap() {
            let (name, path) = entry.map(|entry| (entry.file_name().into_string().unwrap(), entry.path())).unwrap();
            match path.is_dir() {
                true => found.extend(contents(&path).into_iter().map(|(inner, text)| (format!("{name}/{inner}"), text))),
                false => drop(found.insert(name, fs::read_to_string(path).unwrap())),
            }
        }
        found
    }

    #[test]
    fn a_folder_becomes_what_the_run_made_of_it_when_it_is_saved_and_not_before() {
        let host = tempfile::tempdir().unwrap();
        for (path, text) in [("a", "1"), ("same", "2"), ("sub/b", "3"), ("sub/deep/c", "4"), ("gone/d", "5")] {
            fs::create_dir_all(host.path().join(path).parent().unwrap()).unwrap();
            fs::write(host.path().join(path), text).unwrap();
        }
        let before = contents(host.path());
        let folders = [Folder::open(host.path().to_path_buf(), "/".to_string()).unwrap()];
        let mut files = Files::new(&folders);
        let rename = |files: &mut Files<'_>, old: &str, new: &str| {
            let (to, length) = (3u32.to_le_bytes(), (old.len() as u32).to_le_bytes());
            ask(files, Function::PathRename, &[&to, &length, old.as_bytes(), new.as_bytes()])
        };
        // `sub` is moved before anything looks into it, and a new folder takes its name.
        rename(&mut files, "sub", "moved").unwrap();
        ask(&mut files, Function::PathCreateDirectory, &[b"sub"]).unwrap();
        write(&mut files, "sub/new", 1, b"6");
        write(&mut files, "a", 8, b"changed");
        ask(&mut files, Function::PathUnlinkFile, &[b"gone/d"]).unwrap();
        ask(&mut files, Function::PathRemoveDirectory, &[b"gone"]).unwrap();
        assert_eq!(rename(&mut files, "moved", "moved/deep/x"), Err(Errno::Inval));
        assert_eq!(open(&mut files, "moved/../../x", 1), Err(Errno::Notcapable));
        assert_eq!(contents(host.path()), before);

        files.save().unwrap();
        let after = [("a", "changed"), ("same", "2"), ("sub/new", "6"), ("moved/b", "3"), ("moved/deep/c", "4")];
        assert_eq!(contents(host.path()), after.map(|(path, text)| (path.to_string(), text.to_string())).into());
        // Another run of the same system sees what the first one found.
        let mut second = Files::new(&folders);
        assert_eq!(open(&mut second, "moved", 0), Err(Errno::Noent));
        open(&mut second, "sub/deep/c", 0).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn a_link_out_of_the_folder_leads_nowhere() {
        let (outside, host) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        fs::write(outside.path().join("secret"), "x").unwrap();
        link(outside.path().join("secret").to_str().unwrap(), &host.path().join("absolute")).unwrap();
        link("../secret", &host.path().join("relative")).unwrap();
        let folders = [Folder::open(host.path().to_path_buf(), "/".to_string()).unwrap()];
        let mut files = Files::new(&folders);
        let (follow, none) = (1u32.to_le_bytes(), 0u32.to_le_bytes());
        for path in ["absolute", "relative"] {
            let rights = 2u64.to_le_bytes();
            let opened = ask(&mut files, Function::PathOpen, &[&follow, &none, &rights, &rights, &none, path.as_bytes()]);
            assert_eq!(opened, Err(Errno::Notcapable), "{path}");
        }
    }
}
