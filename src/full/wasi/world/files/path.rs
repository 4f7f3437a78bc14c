//! Paths. A path never leads out of the folder that it begins in.

use super::super::errno::Errno;
use super::stat::Kind;
use super::tree::{Id, Tree};

/// Maximum number of symbolic links that a path may lead through.
const MAX_LINKS: usize = 40;

/// Where a path leads.
#[derive(Clone, Debug)]
pub struct Place {
    /// The folder that has, or would have, the name.
    pub folder: Id,
    /// The last name. Empty where the path ends with `.` or `..`.
    pub name: String,
    /// What is there, if something is.
    pub node: Option<Id>,
    /// Whether the path ends with a slash, so that it can only be a folder.
    pub is_folder: bool,
}

impl Place {
    /// What is there.
    ///
    /// # Errors
    /// `ENOENT` if nothing is.
    pub fn there(&self) -> Result<Id, Errno> {
        self.node.ok_or(Errno::Noent)
    }

    /// Checks that something can be made there: nothing is there, and if it is not a folder, the path does
    /// not end with a slash.
    ///
    /// # Errors
    /// Where it cannot.
    pub fn is_free(&self, kind: Kind) -> Result<(), Errno> {
        match self.node {
            Some(_) => Err(Errno::Exist),
            None if self.is_folder && kind != Kind::Folder => Err(Errno::Noent),
            None => Ok(()),
        }
    }
}

impl Tree<'_> {
    /// Follows a path from a folder. If it ends at a symbolic link, the link is followed where `follows` is
    /// set or the path ends with a slash.
    ///
    /// # Errors
    /// Where the path leads out of the folder, or through what is not there or not a folder.
    pub fn walk(&mut self, from: Id, path: &[u8], follows: bool) -> Result<Place, Errno> {
        let path = std::str::from_utf8(path).map_err(|_| Errno::Ilseq)?;
        if path.contains('\0') {
            return Err(Errno::Inval);
        }
        if path.is_empty() {
            return Err(Errno::Noent);
        }
        let is_folder = path.ends_with('/');
        let mut folders = vec![from];
        let mut left = Vec::new();
        put(&mut left, path)?;
        let mut links = 0;
        while let Some(name) = left.pop() {
            let folder = folders[folders.len() - 1];
            match name.as_str() {
                "." => continue,
                ".." => {
                    folders.pop();
                    if folders.is_empty() {
                        return Err(Errno::Notcapable);
                    }
                    continue;
                }
                _ => {}
            }
            let is_last = left.is_empty();
            let Some(node) = self.entries(folder)?.get(&name) else {
                return if is_last { Ok(Place { folder, name, node: None, is_folder }) } else { Err(Errno::Noent) };
            };
            match self.kind(node) {
                Kind::Link if !is_last || follows || is_folder => {
                    links += 1;
                    if links > MAX_LINKS {
                        return Err(Errno::Loop);
                    }
                    let target = self.target(node)?;
                    put(&mut left, &target)?;
                }
                Kind::Folder => {
                    if is_last {
                        return Ok(Place { folder, name, node: Some(node), is_folder });
                    }
                    folders.push(node);
                }
                _ if !is_last || is_folder => return Err(Errno::Notdir),
                _ => return Ok(Place { folder, name, node: Some(node), is_folder }),
            }
        }
        let folder = folders[folders.len() - 1];
        self.entries(folder)?;
        Ok(Place { folder, name: String::new(), node: Some(folder), is_folder: true })
    }
}

/// Puts the names of a path before those that are left, the first one last.
fn put(left: &mut Vec<String>, path: &str) -> Result<(), Errno> {
    if path.starts_with('/') {
        return Err(Errno::Notcapable);
    }
    left.extend(path.split('/').rev().filter(|name| !name.is_empty()).map(str::to_string));
    Ok(())
}
