//! The world of a run: the system that answers a program's questions.
//!
//! A question is the bytes that a program sends before it first asks for a byte of the answer. Its first byte
//! is the number of a function in `Function`, and the function's arguments follow. The first byte of the
//! answer is an error number of WASI, 0 for none, and what the function gives follows. The next question
//! begins with the next byte sent; what is left of the answer is dropped then.
//!
//! All that a world answers follows from its [`System`] and the bytes sent. So each engine has a world of its
//! own, and equal engines get equal answers.

mod clock;
pub mod errno;
mod files;
mod function;
mod poll;
mod question;
mod random;

pub use clock::{Clock, SECOND};
pub use errno::Errno;
pub use files::Folder;
pub use random::Random;

use std::io;
use std::path::PathBuf;
use std::sync::LazyLock;

use clock::Ticking;
use files::Files;
use function::Function;
use question::Question;
use random::Drawing;

use crate::full::program::limits::{MAX_PAGES, PAGE};

/// Maximum number of bytes that one question can ask for: all of a memory.
const MAX_ANSWER: u32 = MAX_PAGES * PAGE;

/// What all runs of a program have in common: each run begins in a new world of the same system.
#[derive(Debug, Default)]
pub struct System {
    /// The clocks.
    pub clock: Clock,
    /// The source of random bytes.
    pub random: Random,
    /// The folders that a program is given.
    pub folders: Vec<Folder>,
}

/// The system of a run that none is given for.
static PLAIN: LazyLock<System> = LazyLock::new(System::default);

/// The world of one run.
#[derive(Clone, Debug)]
pub struct World<'a> {
    system: &'a System,
    clock: Ticking<'a>,
    random: Drawing<'a>,
    files: Files<'a>,
    question: Vec<u8>,
    /// The answer to the question; `None` before the program asks for it.
    answer: Option<std::vec::IntoIter<u8>>,
}

impl<'a> World<'a> {
    /// The world of a system at the beginning of a run. Without a system, the clocks and random bytes are
    /// those of the default system.
    pub fn new(system: Option<&'a System>) -> World<'a> {
        let system = system.unwrap_or(&PLAIN);
        World {
            system,
            clock: Ticking::new(&system.clock),
            random: Drawing::new(&system.random),
            files: Files::new(&system.folders),
            question: Vec::new(),
            answer: None,
        }
    }

    /// Takes a byte of a question.
    pub fn send(&mut self, byte: u8) {
        if self.answer.take().is_some() {
            self.question.clear();
        }
        self.question.push(byte);
    }

    /// The next byte of the answer. `None` at its end, and where nothing was asked.
    pub fn receive(&mut self) -> Option<u8> {
        if self.answer.is_none() && !self.question.is_empty() {
            let question = std::mem::take(&mut self.question);
            self.answer = Some(self.answer(&question).into_iter());
        }
        self.answer.as_mut()?.next()
    }

    /// The answer to a question.
    fn answer(&mut self, question: &[u8]) -> Vec<u8> {
        match self.call(&mut Question::new(question)) {
            Ok(given) => [vec![0], given].concat(),
            Err(errno) => vec![errno as u8],
        }
    }

    /// Performs a function, and returns what it gives.
    fn call(&mut self, question: &mut Question<'_>) -> Result<Vec<u8>, Errno> {
        let function = Function::numbered(question.byte()?).ok_or(Errno::Nosys)?;
        match function {
            Function::ClockResGet => self.resolution(question.u32()?),
            Function::ClockTimeGet => self.time(question.u32()?),
            Function::RandomGet => match question.u32()? {
                count @ 0..=MAX_ANSWER => Ok(self.random.draw(count as usize)),
                _ => Err(Errno::Inval),
            },
            Function::PollOneoff => poll::poll(question, &self.files, &mut self.clock),
            function => self.files.call(function, question, &mut self.clock),
        }
    }

    /// Writes what the run has changed in folders of this computer back to them.
    ///
    /// # Errors
    /// The first path that cannot be written, and why.
    pub fn save(&mut self) -> Result<(), (PathBuf, io::Error)> {
        self.files.save()
    }

    fn resolution(&self, clock: u32) -> Result<Vec<u8>, Errno> {
        is_clock(clock)?;
        Ok(self.system.clock.resolution().to_le_bytes().into())
    }

    fn time(&mut self, clock: u32) -> Result<Vec<u8>, Errno> {
        is_clock(clock)?;
        let time = self.clock.now();
        Ok(if clock == 0 { time.date } else { time.elapsed }.to_le_bytes().into())
    }
}

/// Checks the number of a clock: the date, the time elapsed, and that of the process and of the thread, which
/// are the time elapsed too.
fn is_clock(clock: u32) -> Result<(), Errno> {
    if clock < 4 { Ok(()) } else { Err(Errno::Inval) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The answer of a world to a question.
    fn ask(world: &mut World<'_>, question: &[u8]) -> Vec<u8> {
        question.iter().for_each(|byte| world.send(*byte));
        std::iter::from_fn(|| world.receive()).collect()
    }

    #[test]
    fn a_question_begins_after_an_answer_and_what_is_no_question_is_refused() {
        let mut world = World::new(None);
        assert_eq!(world.receive(), None);
        let random = [Function::RandomGet as u8, 3, 0, 0, 0];
        let first = ask(&mut world, &random);
        assert_eq!((first.len(), first[0]), (4, 0));
        assert_ne!(ask(&mut world, &random), first);
        // The rest of an answer is dropped.
        random.iter().for_each(|byte| world.send(*byte));
        assert_eq!(world.receive(), Some(0));
        assert_eq!(ask(&mut world, &[Function::ClockTimeGet as u8, 4, 0, 0, 0]), [Errno::Inval as u8]);
        assert_eq!(ask(&mut world, &[Function::ClockTimeGet as u8, 0]), [Errno::Inval as u8]);
        assert_eq!(ask(&mut world, &[255]), [Errno::Nosys as u8]);
        assert_eq!(ask(&mut world, &[Function::RandomGet as u8, 255, 255, 255, 255]), [Errno::Inval as u8]);
    }
}
