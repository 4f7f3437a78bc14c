//! The byte language's implementation of [`Language`].

use super::Byte;
use crate::byte::isa::{TABLE, Trap};
use crate::byte::program::{Files, Header, Program};
use crate::byte::trace::{End, Replay, State, Step, Token};
use crate::harness::engine::{Case, Recorded, Run};
use crate::harness::language::{Language, Shown, StateDifference};
use crate::shown::{apart, bytes};

/// The inputs of a byte program.
#[derive(Clone, Copy, Debug)]
pub struct Given<'a> {
    /// The files' contents at the start.
    pub files: &'a Files,
}

impl<'a> Case<'a, Byte> {
    /// A program with the files' contents at the start.
    pub fn new(program: &'a Program, files: &'a Files) -> Case<'a, Byte> {
        Case { program, given: Given { files } }
    }
}

impl Run<Byte> {
    /// The header of a program whose expected run is this run.
    pub fn header(&self, about: impl Into<String>, files: &Files) -> Header {
        let trap = if let End::Trap(trap) = self.end { Some(trap) } else { None };
        Header::new(about, files, &self.state.outputs, &self.state.files, trap)
    }
}

impl Language for Byte {
    const NAME: &'static str = "byte";
    const ENDS: &'static [&'static str] = &["halt", Trap::ClosedDescriptor.name(), Trap::FileFull.name(), Trap::LoopLimit.name()];

    type Program = Program;
    type Given<'a> = Given<'a>;
    type Step = Step;
    type End = End;
    type State = State;

    fn shorten<'s, 'l: 's>(given: Given<'l>) -> Given<'s> {
        given
    }

    fn stopped() -> End {
        End::Stopped
    }

    fn lost(_reason: String) -> End {
        End::Lost
    }

    fn ends_apart(_case: Case<'_, Byte>, expected: &End, actual: &End) -> (String, String) {
        apart(expected, actual)
    }

    fn end_kind(end: &End) -> &'static str {
        match end {
            End::Halt => "halt",
            End::Trap(trap) => trap.name(),
            End::Stopped => "stopped",
            End::Lost => "lost",
        }
    }

    fn mnemonics() -> impl Iterator<Item = &'static str> {
        TABLE.iter().filter(|row| !row.op.is_marker()).map(|row| row.mnemonic)
    }

    fn executed(program: &Program, step: Step) -> (&'static str, Option<&'static str>) {
        (program.code()[step.pc].op.row().mnemonic, None)
    }

    fn instruction(program: &Program, pc: u64) -> String {
        program.code().get(pc as usize).map(ToString::to_string).unwrap_or_default()
    }

    fn shown(case: Case<'_, Byte>, step: Step) -> Shown {
        let instruction = Byte::instruction(case.program, step.pc as u64);
        let effect = step.token.to_string();
        Shown { pc: step.pc as u64, instruction, typed_effect: effect.clone(), effect }
    }

    fn stack_before(case: Case<'_, Byte>, expected: &Recorded<Byte>, step: usize) -> Option<Vec<i64>> {
        let mut replay = Replay::new(case.program);
        expected.steps[..step].iter().for_each(|step| replay.step(step.pc, step.token));
        Some(replay.stack().iter().copied().map(i64::from).collect())
    }

    fn token_name(token: usize) -> String {
        Token::from_id(token).map_or_else(|| token.to_string(), |token| token.to_string())
    }

    fn state_difference(expected: &State, actual: &State) -> Option<StateDifference> {
        let mut parts = vec![
            ("outputs".to_string(), &expected.outputs, &actual.outputs),
            ("memory".to_string(), &expected.memory, &actual.memory),
            ("locals".to_string(), &expected.locals, &actual.locals),
        ];
        let files = expected.files.iter().zip(&actual.files).enumerate();
        parts.extend(files.map(|(file, (expected, actual))| (format!("file {file}"), expected, actual)));
        let (part, expected, actual) = parts.into_iter().find(|(_, expected, actual)| expected != actual)?;
        Some(StateDifference::of(part, (bytes(expected), bytes(actual))))
    }
}
