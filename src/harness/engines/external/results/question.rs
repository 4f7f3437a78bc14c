//! A run as a question, and the answer as a run that the harness compares.

use super::message::{Base64, Call, Called, Contents, Ended, Outcome, Question, Table};
use crate::full::program::limits::{MAX_PAGES, PAGE};
use crate::full::program::{Input, Value};
use crate::full::trace::{End, State};
use crate::harness::engines::external::failure::WrongAnswer;
use crate::harness::full::Run;
use crate::harness::full::instrument::results::{MEMORY, PLACE, TABLE, call_name, called_tables};
use crate::harness::full::results::ResultsRun;

impl Question {
    /// A run as a question.
    pub fn of(run: &ResultsRun<'_>, input: Input<'_>) -> Question {
        let call = |(index, arguments): (usize, &&[Value])| Call {
            function: call_name(index),
            arguments: arguments.iter().copied().map(Into::into).collect(),
        };
        Question {
            module: Base64(run.wasm.clone()),
            memory: run.module.has_memory().then_some(MEMORY),
            table: called_tables(run.module).next().map(|_| Table { table: TABLE, place: PLACE }),
            globals: run.globals().collect(),
            calls: run.calls.iter().enumerate().map(call).collect(),
            input: input.parts().into_iter().map(Base64).collect(),
            answers: run.answers.iter().cloned().map(Base64).collect(),
        }
    }
}

impl Outcome {
    /// The outcome of a run, converted to the profile's end and state.
    ///
    /// # Errors
    /// Where the outcome is not possible for any run of the module.
    pub fn of(self, run: &ResultsRun<'_>) -> Result<Run, WrongAnswer> {
        let memory = match self.memory {
            Some(contents) if run.module.has_memory() => contents.unpacked()?,
            None if !run.module.has_memory() => Vec::new(),
            memory => return Err(WrongAnswer::Memory { is_there: memory.is_some() }),
        };
        let end = match self.end {
            Ended::Returned(values) => End::Returned(values.into_iter().map(Into::into).collect()),
            Ended::Exited(status) => End::Exited(status),
            Ended::Trap(trap) => End::Trapped(trap),
            Ended::Called(called) => {
                let end = run.called(&called.module, &called.name, called.argument);
                let Called { module, name, argument } = called;
                end.ok_or(WrongAnswer::Called { module, name, argument })?
            }
        };
        let globals = self.globals.into_iter().map(Into::into).collect();
        Ok(Run {
            end,
            state: State {
                outputs: self.outputs.0,
                errors: self.errors.0,
                requests: self.requests.0,
                memory,
                globals,
                tables: Vec::new(),
                dropped: Vec::new(),
            },
        })
    }
}

impl Contents {
    /// The memory at its full length.
    fn unpacked(self) -> Result<Vec<u8>, WrongAnswer> {
        let Contents { length, bytes: Base64(mut bytes) } = self;
        if length > MAX_PAGES as usize * PAGE as usize || bytes.len() > length {
            return Err(WrongAnswer::Contents { length, bytes: bytes.len() });
        }
        bytes.resize(length, 0);
        Ok(bytes)
    }
}
