//! The examples that the pages offer for the full machine.

use serde_json::{Value as Json, json};

use super::program::{Question, read};
use crate::harness::corpus::Place;
use crate::load::LanguageName;
use crate::wasm::ReadError;

/// An example of a program for the full machine.
#[derive(Clone, Copy, Debug)]
pub struct Example {
    /// The name in the corpus.
    pub path: &'static str,
    /// What the program does.
    pub about: &'static str,
}

/// The examples that the pages offer.
pub const EXAMPLES: &[Example] = &[
    Example { path: "corpus/programs/wasi/hello.wasm", about: "printf of a C program: text and numbers" },
    Example { path: "corpus/programs/quicksort.wasm", about: "Sorts an array in memory" },
    Example { path: "corpus/programs/brainfuck.wasm", about: "Interprets another language, read from its input" },
    Example { path: "corpus/programs/fibonacci.wat", about: "Recursive and iterative, in the text format" },
    Example { path: "corpus/programs/sieve.wasm", about: "Prime numbers by a sieve" },
    Example { path: "corpus/programs/collatz.wasm", about: "The longest Collatz sequence" },
    Example { path: "corpus/programs/queens.wasm", about: "Places queens on a board" },
    Example { path: "corpus/programs/sha256.wasm", about: "A hash, by bits" },
    Example { path: "corpus/programs/life.wasm", about: "The game of life" },
    Example { path: "corpus/programs/sudoku.wasm", about: "Solves a sudoku" },
    Example { path: "corpus/programs/mandelbrot.wasm", about: "A picture in letters" },
    Example { path: "corpus/full/features/input-to-its-end.wat", about: "Answers what you type" },
];

impl Example {
    fn place(&self) -> Place {
        Place::Corpus(self.path)
    }

    /// The program's file.
    ///
    /// # Errors
    /// If the corpus does not have it.
    pub fn file(&self) -> Result<Vec<u8>, ReadError> {
        self.place().read().map(|bytes| bytes.bytes)
    }

    /// The program in its plain form, with the input that lies beside it.
    ///
    /// # Errors
    /// If the corpus does not have it, or it is not a program.
    pub fn read(&self) -> Result<Json, ReadError> {
        let name = self.path.rsplit('/').next().unwrap_or(self.path).to_string();
        let mut program = read(&Question { name, language: Some(LanguageName::Full), ..Question::default() }, self.file()?)?;
        if let Some(input) = self.place().beside("in") {
            program["input"] = json!(input);
        }
        program["about"] = json!(self.about);
        Ok(program)
    }
}
