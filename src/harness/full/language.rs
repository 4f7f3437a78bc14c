//! The full language's implementation of [`Language`].

use super::Full;
use crate::full::isa::{Op, TABLE, Trap};
use crate::full::listing::token::Vocabulary;
use crate::full::program::limits::PAGE;
use crate::full::program::{Call, Immediate, Input, Loaded, Module, Program};
use crate::full::trace::{End, State, Step, written};
use crate::full::vm::Vm;
use crate::harness::engine::{Case, EngineError, Recorded, Run};
use crate::harness::engines::external::partner::Partner;
use crate::harness::engines::external::results;
use crate::harness::language::{Language, Shown, StateDifference};
use crate::shown::{apart, bytes};

/// The inputs of a full program: the calls to run and the input to read. The program's start function, where
/// it has one, runs first.
#[derive(Clone, Copy, Debug)]
pub struct Given<'a> {
    /// The module of the program, for engines that run WebAssembly themselves. `None` where the program is
    /// linked from several modules.
    pub module: Option<&'a Module>,
    /// The calls to make, in order, all on one instance. The run's results are the results of all calls.
    pub calls: &'a [Call],
    /// The input that `host.input` reads.
    pub input: Input<'a>,
}

impl<'a> Case<'a, Full> {
    /// A program and the calls of its functions to run.
    pub fn new(program: &'a Program, calls: &'a [Call], input: impl Into<Input<'a>>) -> Case<'a, Full> {
        Case { program, given: Given { module: None, calls, input: input.into() } }
    }

    /// A loaded program and the calls of its functions to run. Its system is that of its header, unless the
    /// input is within another one.
    pub fn of(loaded: &'a Loaded, calls: &'a [Call], input: impl Into<Input<'a>>) -> Case<'a, Full> {
        let case = super::Case::new(&loaded.program, calls, input.into().or_within(&loaded.system));
        Case { given: Given { module: Some(&loaded.module), ..case.given }, ..case }
    }
}

/// The names of the instructions that are implemented as calls of routines. The routines have the same names.
const ROUTINES: [&str; 4] = ["memory.copy", "memory.fill", "memory.init", "data.drop"];

impl Language for Full {
    const NAME: &'static str = "full";
    const ENDS: &'static [&'static str] = &[
        "returned",
        "exited",
        Trap::Unreachable.name(),
        Trap::DivisionByZero.name(),
        Trap::IntegerOverflow.name(),
        Trap::InvalidConversion.name(),
        Trap::MemoryOutOfBounds.name(),
        Trap::TableOutOfBounds.name(),
        Trap::UninitializedElement.name(),
        Trap::IndirectCallType.name(),
        Trap::CallStackExhausted.name(),
    ];

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

    fn lost(reason: String) -> End {
        End::Lost(reason)
    }

    fn cut_short(end: &End) -> Option<String> {
        if let End::Refused(what) = end { Some(what.reason()) } else { None }
    }

    fn ends_apart(case: Case<'_, Full>, expected: &End, actual: &End) -> (String, String) {
        let results = case.program.results(case.calls);
        apart(&expected.typed(&results), &actual.typed(&results))
    }

    fn end_kind(end: &End) -> &'static str {
        match end {
            End::Returned(_) => "returned",
            End::Exited(_) => "exited",
            End::Trapped(trap) => trap.name(),
            End::Refused(_) => "refused",
            End::Stopped => "stopped",
            End::Lost(_) => "lost",
        }
    }

    fn mnemonics() -> impl Iterator<Item = &'static str> {
        TABLE.iter().map(|row| row.mnemonic).chain(ROUTINES)
    }

    fn executed(program: &Program, step: Step) -> (&'static str, Option<&'static str>) {
        let instr = &program.code[step.pc as usize];
        let routine = match (instr.op, &instr.immediate) {
            (Op::Call, Immediate::Function(callee)) => {
                let name = program.functions[*callee as usize].name.as_deref();
                ROUTINES.into_iter().find(|routine| name == Some(routine))
            }
            _ => None,
        };
        (instr.op.row().mnemonic, routine)
    }

    fn instruction(program: &Program, pc: u64) -> String {
        program.code.get(pc as usize).map(ToString::to_string).unwrap_or_default()
    }

    fn shown(case: Case<'_, Full>, step: Step) -> Shown {
        let instruction = Full::instruction(case.program, step.pc.into());
        let effect = step.effect.typed(written(case.program, step));
        let text = |effect: String| if effect.is_empty() { "nothing written".to_string() } else { effect };
        Shown { pc: step.pc.into(), instruction, effect: text(effect.to_string()), typed_effect: text(format!("{effect:#}")) }
    }

    /// The reference VM's stack, where the VM makes the same steps.
    fn stack_before(case: Case<'_, Full>, expected: &Recorded<Full>, step: usize) -> Option<Vec<i64>> {
        let mut vm = Vm::new(case.program, case.calls, case.input);
        let same = expected.steps[..step].iter().all(|step| vm.step() == Some(*step));
        same.then(|| vm.operands().iter().map(|value| value.signed()).collect())
    }

    fn token_name(token: usize) -> String {
        Vocabulary::new().token(token).map_or_else(|| format!("token {token}"), |token| token.to_string())
    }

    fn run_for_results(case: Case<'_, Full>, partner: &Partner) -> Result<Run<Full>, EngineError> {
        results::run(case, partner)
    }

    fn state_difference(expected: &State, actual: &State) -> Option<StateDifference> {
        let streams = [
            ("outputs", &expected.outputs, &actual.outputs),
            ("error messages", &expected.errors, &actual.errors),
            ("questions to the system", &expected.requests, &actual.requests),
        ];
        if let Some((part, expected, actual)) = streams.into_iter().find(|(_, expected, actual)| expected != actual) {
            return Some(StateDifference::of(part, (bytes(expected), bytes(actual))));
        }
        let numbers = |expected: usize, actual: usize| (expected.to_string(), actual.to_string());
        if let Some(index) = expected.globals.iter().zip(&actual.globals).position(|(expected, actual)| expected != actual) {
            return Some(StateDifference::of(format!("global {index}"), apart(&expected.globals[index], &actual.globals[index])));
        }
        if expected.globals.len() != actual.globals.len() {
            return Some(StateDifference::of("number of globals", numbers(expected.globals.len(), actual.globals.len())));
        }
        // Engines that give results only do not say what is in tables, and most do not say which segments
        // were dropped.
        for (index, (expected, actual)) in expected.tables.iter().zip(&actual.tables).enumerate() {
            if expected.len() != actual.len() {
                return Some(StateDifference::of(format!("places of table {index}"), numbers(expected.len(), actual.len())));
            }
            if let Some(place) = expected.iter().zip(actual).position(|(expected, actual)| expected != actual) {
                return Some(StateDifference::of(format!("table {index} at {place}"), apart(&expected[place], &actual[place])));
            }
        }
        if expected.tables.len() != actual.tables.len() && !actual.tables.is_empty() {
            return Some(StateDifference::of("number of tables", numbers(expected.tables.len(), actual.tables.len())));
        }
        if let Some(index) = expected.dropped.iter().zip(&actual.dropped).position(|(expected, actual)| expected != actual) {
            let flags = (expected.dropped[index].to_string(), actual.dropped[index].to_string());
            return Some(StateDifference::of(format!("segment {index} dropped"), flags));
        }
        if expected.memory.len() != actual.memory.len() {
            let pages = |state: &State| state.memory.len() / PAGE as usize;
            return Some(StateDifference::of("pages of memory", numbers(pages(expected), pages(actual))));
        }
        let address = expected.memory.iter().zip(&actual.memory).position(|(expected, actual)| expected != actual)?;
        let at = numbers(expected.memory[address].into(), actual.memory[address].into());
        Some(StateDifference::of(format!("memory at {address}"), at))
    }
}
