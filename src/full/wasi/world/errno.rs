//! The error numbers of WASI.

/// An error number of WASI, of those that the world answers.
#[expect(missing_docs, reason = "the names are those of POSIX")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Errno {
    Acces = 2,
    Badf = 8,
    Exist = 20,
    Fbig = 22,
    Ilseq = 25,
    Inval = 28,
    Io = 29,
    Isdir = 31,
    Loop = 32,
    Nametoolong = 37,
    Noent = 44,
    Nosys = 52,
    Notdir = 54,
    Notempty = 55,
    Notsock = 57,
    Perm = 63,
    Notcapable = 76,
}
