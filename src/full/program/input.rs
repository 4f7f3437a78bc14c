//! Everything that a program gets from outside while it runs: the bytes that `host.input` and `host.poll`
//! return, and the answers of its system.

use std::fmt;
use std::io::{self, Read};
use std::sync::{Mutex, PoisonError};

use crate::full::wasi::world::{System, World};

/// The bytes that a program reads: known before the run, or read from a stream when a run asks for them. Each
/// run reads from the first byte on, so that all engines get the same input. The system that answers a run's
/// questions belongs to it, and is new for each run too.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    origin: Origin<'a>,
    system: Option<&'a System>,
}

#[derive(Clone, Copy, Debug)]
enum Origin<'a> {
    Bytes(&'a [u8]),
    Stream(&'a Stream),
}

/// The answer to a question for input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// A byte.
    Byte(u8),
    /// The end of the input.
    End,
    /// The host would have to wait for the next byte or the end.
    Later,
}

impl Answer {
    /// The number that the program gets.
    pub fn value(self) -> i32 {
        match self {
            Answer::Byte(byte) => byte.into(),
            Answer::End => -1,
            Answer::Later => -2,
        }
    }
}

impl<'a> Input<'a> {
    fn of(origin: Origin<'a>) -> Input<'a> {
        Input { origin, system: None }
    }

    /// The same bytes, for a run within a system.
    #[must_use]
    pub fn within(self, system: &'a System) -> Input<'a> {
        Input { system: Some(system), ..self }
    }

    /// The same, within this system unless it is within one already.
    #[must_use]
    pub fn or_within(self, system: &'a System) -> Input<'a> {
        Input { system: self.system.or(Some(system)), ..self }
    }

    /// The byte at an index, or the end; waits for either.
    pub fn at(self, index: usize) -> Answer {
        self.get(index, true)
    }

    /// The answer at an index. Waits for the byte or the end only if `waits` is set.
    fn get(self, index: usize, waits: bool) -> Answer {
        match self.origin {
            Origin::Bytes(bytes) => bytes.get(index).map_or(Answer::End, |byte| Answer::Byte(*byte)),
            Origin::Stream(stream) => stream.get(index, waits),
        }
    }

    /// The bytes that runs have read so far, in parts. At the end of each part but the last, a run has to
    /// wait for the next byte or the end.
    pub fn parts(self) -> Vec<Vec<u8>> {
        match self.origin {
            Origin::Bytes(bytes) => vec![bytes.to_vec()],
            Origin::Stream(stream) => stream.parts(),
        }
    }

    /// The bytes in order, each read when a run asks for it.
    pub fn bytes(self) -> Bytes<'a> {
        Bytes { input: self, next: 0, is_at_end: false, world: World::new(self.system) }
    }
}

impl Default for Input<'_> {
    /// An input without bytes.
    fn default() -> Self {
        Input::of(Origin::Bytes(&[]))
    }
}

impl<'a> From<&'a [u8]> for Input<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Input::of(Origin::Bytes(bytes))
    }
}

impl<'a> From<&'a Vec<u8>> for Input<'a> {
    fn from(bytes: &'a Vec<u8>) -> Self {
        Input::of(Origin::Bytes(bytes))
    }
}

impl<'a, const N: usize> From<&'a [u8; N]> for Input<'a> {
    fn from(bytes: &'a [u8; N]) -> Self {
        Input::of(Origin::Bytes(bytes))
    }
}

impl<'a> From<&'a Stream> for Input<'a> {
    fn from(stream: &'a Stream) -> Self {
        Input::of(Origin::Stream(stream))
    }
}

/// The position of one run in an [`Input`], and the run's world.
#[derive(Clone, Debug)]
pub struct Bytes<'a> {
    input: Input<'a>,
    next: usize,
    /// Whether this run has got the answer [`Answer::End`].
    is_at_end: bool,
    world: World<'a>,
}

impl Bytes<'_> {
    /// The next byte, or the end; waits for either. This is the result of `host.input`.
    pub fn ask(&mut self) -> Answer {
        self.take(true)
    }

    /// Like [`Bytes::ask`], without waiting. This is the result of `host.poll`.
    pub fn poll(&mut self) -> Answer {
        self.take(false)
    }

    /// Gives the system a byte of a question: `host.send`.
    pub fn send(&mut self, byte: u8) {
        self.world.send(byte);
    }

    /// The next byte of the system's answer, or its end. This is the result of `host.receive`.
    pub fn receive(&mut self) -> Answer {
        self.world.receive().map_or(Answer::End, Answer::Byte)
    }

    fn take(&mut self, waits: bool) -> Answer {
        let answer = if self.is_at_end { Answer::End } else { self.input.get(self.next, waits) };
        self.is_at_end = answer == Answer::End;
        self.next += usize::from(matches!(answer, Answer::Byte(_)));
        answer
    }
}

/// A stream that is read when runs ask for bytes, each time as much as is available. The bytes read are kept
/// for the next run, with the places where a run would have had to wait.
pub struct Stream {
    read: Mutex<Reading>,
}

/// Maximum number of bytes per read. The buffer of standard input is not larger, so no bytes stay in it.
const CHUNK: usize = 8192;

struct Reading {
    stream: Box<dyn Read + Send>,
    kept: Vec<u8>,
    /// The lengths of `kept` at which a run got the answer [`Answer::Later`]; in ascending order.
    waits: Vec<usize>,
    is_at_end: bool,
    failure: Option<io::Error>,
}

impl Stream {
    /// A stream before its first byte is read.
    pub fn new(stream: impl Read + Send + 'static) -> Stream {
        Stream {
            read: Mutex::new(Reading { stream: Box::new(stream), kept: Vec::new(), waits: Vec::new(), is_at_end: false, failure: None }),
        }
    }

    /// The error, if reading the stream failed. For the program, the input then is at its end.
    pub fn failure(&self) -> Option<io::Error> {
        self.read.lock().unwrap_or_else(PoisonError::into_inner).failure.take()
    }

    fn parts(&self) -> Vec<Vec<u8>> {
        let reading = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        let starts = [0].into_iter().chain(reading.waits.iter().copied());
        let ends = reading.waits.iter().copied().chain([reading.kept.len()]);
        starts.zip(ends).map(|(start, end)| reading.kept[start..end].to_vec()).collect()
    }

    fn get(&self, index: usize, waits: bool) -> Answer {
        let mut reading = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if !waits && reading.has_to_wait(index) {
            return Answer::Later;
        }
        while reading.kept.len() <= index && !reading.is_at_end {
            reading.read_on();
        }
        reading.kept.get(index).map_or(Answer::End, |byte| Answer::Byte(*byte))
    }
}

impl Reading {
    /// Whether a run has to wait for the byte at an index, or had to in the first run that reached the index.
    fn has_to_wait(&mut self, index: usize) -> bool {
        if index == self.kept.len() && !self.is_at_end && self.waits.last() != Some(&index) {
            self.waits.push(index);
        }
        self.waits.binary_search(&index).is_ok()
    }

    fn read_on(&mut self) {
        let mut chunk = [0; CHUNK];
        match self.stream.read(&mut chunk) {
            Ok(0) => self.is_at_end = true,
            Ok(length) => self.kept.extend_from_slice(&chunk[..length]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => (self.is_at_end, self.failure) = (true, Some(error)),
        }
    }
}

impl fmt::Debug for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stream").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_is_read_as_far_as_it_is_asked_for_and_gives_each_run_the_same() {
        let (stream, mut writer) = io::pipe().unwrap();
        let stream = Stream::new(stream);
        io::Write::write_all(&mut writer, b"abc").unwrap();
        let mut first = Input::from(&stream).bytes();
        // The writer is still open, so reading further would wait for ever.
        assert_eq!([first.ask(), first.poll(), first.poll()], b"abc".map(Answer::Byte));
        assert_eq!(first.poll(), Answer::Later);
        io::Write::write_all(&mut writer, b"d").unwrap();
        assert_eq!([first.ask(), first.poll()], [Answer::Byte(b'd'), Answer::Later]);
        drop(writer);
        assert_eq!([first.ask(), first.poll(), first.ask()], [Answer::End; 3]);

        let mut second = Input::from(&stream).bytes();
        assert_eq!([second.poll(), second.poll(), second.ask()], b"abc".map(Answer::Byte));
        assert_eq!([second.poll(), second.ask(), second.poll()], [Answer::Later, Answer::Byte(b'd'), Answer::Later]);
        assert_eq!(second.ask(), Answer::End);
        assert_eq!(Input::from(&stream).parts(), [&b"abc"[..], b"d", b""]);
    }

    #[test]
    fn a_stream_that_fails_ends_and_says_so() {
        struct Broken;
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::ErrorKind::PermissionDenied.into())
            }
        }
        let stream = Stream::new(Broken);
        assert_eq!(Input::from(&stream).bytes().ask(), Answer::End);
        assert_eq!(stream.failure().map(|error| error.kind()), Some(io::ErrorKind::PermissionDenied));
    }
}
