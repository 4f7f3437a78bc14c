//! A process that answers questions. After its first failure the process is killed and retired, so a process
//! that hangs costs its time limit only once. Threads that ask the same process wait for each other.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::failure::Failure;
use super::message::{Hello, PROTOCOL};
use super::process::{Process, excerpt};
use crate::harness::Stop;
use crate::harness::engine::EngineError;
use crate::shown;

/// The maximum number of characters of a name in reports. Longer names are cut.
const MAX_NAME: usize = 40;

/// A started process.
#[derive(Debug)]
pub struct Partner {
    name: String,
    hello: Hello,
    state: Mutex<State>,
}

#[derive(Debug)]
enum State {
    Running(Process),
    /// The process was retired because of this failure.
    Retired(Failure),
}

impl Partner {
    /// Starts a command and reads its `hello`. `timeout` is the time limit per answer. Once `stop` is
    /// requested, answers are not waited for.
    ///
    /// # Errors
    /// Where the command cannot be started.
    pub fn start(command: &[String], timeout: Duration, stop: Stop) -> std::io::Result<Partner> {
        let mut process = Process::start(command, timeout, stop)?;
        let name = command.first().cloned().unwrap_or_default();
        let (hello, state) = match greeted(&mut process) {
            Ok(hello) => (hello, State::Running(process)),
            Err(reason) => (Hello::default(), State::Retired(reason)),
        };
        let said: String = hello.engine.chars().filter(|c| !shown::is_hidden(*c)).take(MAX_NAME).collect();
        let name = if said.trim().is_empty() { name } else { said };
        Ok(Partner { name, hello, state: Mutex::new(state) })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The process's name in reports.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Sets the name, to distinguish the process from an engine of the same name.
    pub fn rename(&mut self, name: String) {
        self.name = name;
    }

    /// The first line of the process.
    pub fn hello(&self) -> &Hello {
        &self.hello
    }

    /// The failure for which the process was retired, if it was retired.
    pub fn retired(&self) -> Option<Failure> {
        match &*self.state() {
            State::Running(_) => None,
            State::Retired(reason) => Some(reason.clone()),
        }
    }

    /// Sets the maximum length of the process's lines in bytes, from now on.
    pub fn allow_lines_of(&self, bytes: usize) {
        if let State::Running(process) = &*self.state() {
            process.allow_lines_of(bytes);
        }
    }

    /// An error of this engine.
    pub fn error(&self, reason: impl Into<String>) -> EngineError {
        EngineError::new(&self.name, reason)
    }

    /// Asks a question, called `name` in reports, and checks the answer. On any failure the process is
    /// retired.
    ///
    /// # Errors
    /// What the process did instead of answering correctly.
    pub fn ask<A: DeserializeOwned, T>(
        &self,
        name: &str,
        question: &impl Serialize,
        check: impl FnOnce(A) -> Result<T, Failure>,
    ) -> Result<T, EngineError> {
        let mut state = self.state();
        let answer = match &mut *state {
            State::Running(process) => ask(process, name, question).and_then(check),
            State::Retired(reason) => return Err(self.error(format!("is retired: it {reason}"))),
        };
        answer.map_err(|failure| {
            let error = self.error(failure.to_string());
            *state = State::Retired(failure);
            error
        })
    }

    /// Writes a line that does not need an answer.
    pub fn tell(&self, line: &[u8]) {
        if let State::Running(process) = &*self.state() {
            process.tell(line.to_vec());
        }
    }

    /// Closes the process's input and gives the process time to exit by itself.
    pub fn finish(self) {
        if let State::Running(process) = self.state.into_inner().unwrap_or_else(PoisonError::into_inner) {
            process.finish();
        }
    }
}

/// Reads and checks a process's `hello`.
fn greeted(process: &mut Process) -> Result<Hello, Failure> {
    let line = process.hear("hello")?;
    let hello: Hello = serde_json::from_slice(&line).map_err(|error| Failure::NoHello { line: excerpt(&line), why: error.to_string() })?;
    if hello.protocol == PROTOCOL { Ok(hello) } else { Err(Failure::OtherVersion(hello.protocol)) }
}

/// Asks a process a question and reads the answer.
fn ask<A: DeserializeOwned>(process: &mut Process, name: &str, question: &impl Serialize) -> Result<A, Failure> {
    process.must_be_silent()?;
    let mut line = serde_json::to_vec(question).map_err(|error| Failure::Unaskable(error.to_string()))?;
    line.push(b'\n');
    process.tell(line);
    let line = process.hear(&format!("the answer to {name}"))?;
    let no_answer =
        |error: serde_json::Error| Failure::NoAnswer { question: name.to_string(), line: excerpt(&line), why: error.to_string() };
    serde_json::from_slice(&line).map_err(no_answer)
}
