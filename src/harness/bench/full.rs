//! Measurements of the full machine's programs: tokens per instruction, and time.

use std::fmt;
use std::ops::ControlFlow;
use std::time::Instant;

use super::{Prompt, Speed, memory};
use crate::full::isa::{Operand, ValType};
use crate::full::program::{Call, Loaded, Program, load};
use crate::full::trace::{Effect, Step};
use crate::full::wasi::Process;
use crate::harness::EngineError;
use crate::harness::corpus::Place;
use crate::harness::engine::{Engine, Observed, Transformer};
use crate::harness::full::{Case, Full, NetworkEngine};
use crate::harness::{VmEngine, on_steps};
use crate::wasm::{Bytes, ReadError};

/// The export that runs a program of `corpus/programs` in its long size.
const LONG: &str = "long";
/// A program counts as a 64-bit program if at least this share of its executed instructions works on 64-bit
/// values.
const WIDE_SHARE: f64 = 0.25;
/// A program counts as a program of floats if at least this share of its executed instructions works on them.
const FLOAT_SHARE: f64 = 0.05;
/// The name of a program that has a bound of its own.
const SHA256: &str = "sha256";

/// A program that solves Sudoku. In its long size it takes about twelve million tokens, and uses calls and
/// memory during the whole run.
const SUDOKU: Place = Place::Corpus("corpus/programs/sudoku.wasm");

/// The class of a program. The bounds on tokens per instruction differ by class.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// Mostly 32-bit values.
    I32,
    /// SHA-256: 32-bit values too, but random values, of which hardly any is small.
    Sha256,
    /// 64-bit values.
    Wide,
    /// Floats.
    Float,
}

impl Class {
    /// All classes.
    pub const ALL: [Class; 4] = [Class::I32, Class::Sha256, Class::Wide, Class::Float];
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Class::I32 => "i32",
            Class::Sha256 => "SHA-256",
            Class::Wide => "64-bit",
            Class::Float => "floats",
        })
    }
}

/// A bound that the project must meet.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bound {
    /// The form of lowering.
    pub form: &'static str,
    /// The class of the programs over which the average is taken. `None` means all programs but those of
    /// floats.
    pub class: Option<Class>,
    /// The maximum average of tokens per instruction.
    pub most: f64,
}

/// The bounds.
pub const BOUNDS: [Bound; 4] = [
    Bound { form: "plain", class: Some(Class::I32), most: 1.5 },
    Bound { form: "plain", class: Some(Class::Sha256), most: 2.5 },
    Bound { form: "plain", class: Some(Class::Wide), most: 5.5 },
    Bound { form: "fused", class: None, most: 0.76 },
];

/// A program with all inputs of its run, and measurements of the reference VM's run.
pub struct Subject {
    /// The file's name. If the function that runs is not the usual one, its name too.
    pub name: String,
    loaded: Loaded,
    calls: Vec<Call>,
    input: Vec<u8>,
    /// The number of instructions that the reference VM executes, up to the limit.
    pub steps: u64,
    /// Whether the limit stopped the run.
    pub stopped: bool,
    /// The program's class.
    pub class: Class,
}

/// Why a program cannot be measured.
#[derive(Debug, thiserror::Error)]
pub enum SubjectError {
    /// The program cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The program has no function that can be run.
    #[error("{0}")]
    Entry(String),
    /// The reference VM cannot run the program.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

impl Subject {
    /// Loads a program. If the program has a function `long` that ends within `limit` steps, the program is
    /// run in its long size: by that function, with the input `NAME.long.in`. Otherwise the program is run as
    /// its header says or by `_start` or `main`, with the header's input or `NAME.in`.
    ///
    /// # Errors
    /// Where the program cannot be read or has no function to run, or where the reference VM cannot run it.
    pub fn load(place: &Place, limit: u64) -> Result<Subject, SubjectError> {
        let loaded = loaded(place)?;
        let beside = |extension: &str| place.beside(extension);
        let input = if loaded.header.input().is_empty() { beside("in").unwrap_or_default() } else { loaded.header.input().to_vec() };
        let stem = place.stem();
        if loaded.header.invoke.is_none()
            && let Some(long) = loaded.program.exported_function(LONG)
            && loaded.program.type_of(long).params.is_empty()
        {
            let input = beside("long.in").unwrap_or_else(|| input.clone());
            let subject = Subject::new(format!("{stem} ({LONG})"), loaded.clone(), vec![Call::new(long, &[])], input, limit)?;
            if !subject.stopped {
                return Ok(subject);
            }
        }
        let calls = loaded.invocation().map_err(|reason| SubjectError::Entry(format!("{place}: {reason}")))?;
        Subject::new(stem, loaded, calls, input, limit)
    }

    /// Loads a program in its short size: as its header says, or `_start` or `main`.
    ///
    /// # Errors
    /// As for [`Subject::load`].
    pub fn short(place: &Place) -> Result<Subject, SubjectError> {
        Subject::load(place, 0)
    }

    /// The program for measuring the cost per token. Its trace is long enough for every measured length.
    ///
    /// # Errors
    /// Where the program or its input in the corpus cannot be read.
    pub fn growth() -> Result<Subject, SubjectError> {
        let loaded = loaded(&SUDOKU)?;
        let calls = loaded.program.exported_function(LONG).map(|long| Call::new(long, &[])).into_iter().collect();
        let input = SUDOKU.beside("long.in").unwrap_or_default();
        Subject::new(format!("{} ({LONG})", SUDOKU.stem()), loaded, calls, input, 0)
    }

    fn new(name: String, loaded: Loaded, calls: Vec<Call>, input: Vec<u8>, limit: u64) -> Result<Subject, SubjectError> {
        let mut subject = Subject { name, loaded, calls, input, steps: 0, stopped: false, class: Class::I32 };
        let (mut steps, mut wide, mut floats, mut stopped) = (0, 0, 0, false);
        let watch = |step| {
            stopped = steps == limit;
            if stopped {
                return ControlFlow::Break(());
            }
            steps += 1;
            wide += u64::from(is_wide(&subject.loaded.program, step));
            floats += u64::from(is_on_floats(&subject.loaded.program, step));
            ControlFlow::Continue(())
        };
        VmEngine.run(subject.case(), &mut on_steps(watch))?;
        (subject.steps, subject.stopped) = (steps, stopped);
        subject.class = match () {
            () if subject.name.starts_with(SHA256) => Class::Sha256,
            () if floats as f64 >= FLOAT_SHARE * steps as f64 => Class::Float,
            () if wide as f64 >= WIDE_SHARE * steps as f64 => Class::Wide,
            () => Class::I32,
        };
        Ok(subject)
    }

    /// The case that engines run.
    pub fn case(&self) -> Case<'_> {
        Case::of(&self.loaded, &self.calls, &self.input)
    }

    /// Runs the program on an engine, up to the step at which the reference VM was stopped.
    ///
    /// # Errors
    /// Where the engine cannot run the program.
    pub fn round(&self, engine: &dyn Engine<Full>) -> Result<Speed, EngineError> {
        let (started, mut steps) = (Instant::now(), 0);
        let run = engine.run(self.case(), &mut on_steps(|_| self.after(&mut steps)))?;
        Ok(Speed { steps, tokens: 0, time: started.elapsed(), prompt: None, peak: None, outputs: run.state.outputs })
    }

    /// Like [`Subject::round`], on the network. The tokens are counted too, and the time until the first
    /// token is measured separately.
    ///
    /// # Errors
    /// Where the network cannot run the program.
    pub fn network_round(&self, network: &NetworkEngine) -> Result<Speed, EngineError> {
        let rows = network.prompt_rows(self.case())? as u64;
        let peak_is_told = memory::reset_peak();
        let (started, mut first, mut tokens, mut steps) = (Instant::now(), None, 0, 0);
        let watch = &mut |observed: &Observed<'_, Full>| match observed {
            Observed::Token(_) => {
                first.get_or_insert_with(Instant::now);
                tokens += 1;
                ControlFlow::Continue(())
            }
            Observed::Step(_) => self.after(&mut steps),
        };
        let run = network.run_observed(self.case(), watch, &mut ())?;
        let ended = Instant::now();
        let first = first.unwrap_or(ended);
        let prompt = Some(Prompt { rows, time: first - started });
        let peak = if peak_is_told { memory::peak() } else { None };
        Ok(Speed { steps, tokens, time: ended - first, prompt, peak, outputs: run.state.outputs })
    }

    /// Counts a step, and stops the run where the reference VM was stopped.
    fn after(&self, steps: &mut u64) -> ControlFlow<()> {
        *steps += 1;
        if self.stopped && *steps == self.steps { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

fn loaded(place: &Place) -> Result<Loaded, ReadError> {
    let Bytes { source, bytes } = place.read()?;
    load(&source, &bytes, &Process::default())
}

/// Whether a step reads or writes a value of 64 bits.
fn is_wide(program: &Program, step: Step) -> bool {
    let written = match step.effect {
        Effect::Push(value) | Effect::Local(_, value) | Effect::Global(_, value) => value.ty() == ValType::I64,
        _ => false,
    };
    written || program.code.get(step.pc as usize).is_some_and(|instr| instr.op.row().pops.contains(&Operand::I64))
}

/// Whether a step's instruction takes floats from the stack.
fn is_on_floats(program: &Program, step: Step) -> bool {
    let pops = program.code.get(step.pc as usize).map_or(&[][..], |instr| instr.op.row().pops);
    pops.iter().any(|operand| operand.ty().is_some_and(ValType::is_float))
}

/// The number of tokens of a program in one form of lowering.
#[derive(Clone, Debug, PartialEq)]
pub struct Measured {
    /// The form.
    pub form: &'static str,
    /// The program's class.
    pub class: Class,
    /// The number of instructions executed.
    pub steps: u64,
    /// The number of tokens emitted for these instructions.
    pub tokens: u64,
}

impl Measured {
    /// Tokens per instruction. `None` if no instruction was executed.
    pub fn ratio(&self) -> Option<f64> {
        (self.steps > 0).then(|| self.tokens as f64 / self.steps as f64)
    }
}

/// An average over programs, with its bound.
#[derive(Clone, Debug, PartialEq)]
pub struct Average {
    /// The form.
    pub form: &'static str,
    /// The class of the programs. `None` means all programs but those of floats.
    pub class: Option<Class>,
    /// The number of programs.
    pub programs: usize,
    /// The mean of the programs' tokens per instruction. Each program counts once.
    pub mean: f64,
    /// The sum of all tokens divided by the sum of all instructions.
    pub together: f64,
    /// The highest value of tokens per instruction.
    pub highest: f64,
    /// The maximum allowed mean, where there is a bound.
    pub bound: Option<f64>,
}

/// Averages per form, for each class and for all programs but those of floats.
pub fn averages(measured: &[Measured]) -> Vec<Average> {
    let mut forms: Vec<&'static str> = Vec::new();
    for Measured { form, .. } in measured {
        if !forms.contains(form) {
            forms.push(form);
        }
    }
    let average = |form: &'static str, class: Option<Class>| {
        let counts = |m: &&Measured| m.form == form && class.map_or(m.class != Class::Float, |class| m.class == class);
        let programs = || measured.iter().filter(counts);
        let ratios: Vec<f64> = programs().filter_map(Measured::ratio).collect();
        (!ratios.is_empty()).then(|| Average {
            form,
            class,
            programs: ratios.len(),
            mean: ratios.iter().sum::<f64>() / ratios.len() as f64,
            together: programs().map(|m| m.tokens as f64).sum::<f64>() / programs().map(|m| m.steps as f64).sum::<f64>(),
            highest: ratios.iter().copied().fold(0.0, f64::max),
            bound: BOUNDS.iter().find(|bound| bound.form == form && bound.class == class).map(|bound| bound.most),
        })
    };
    let classes = || Class::ALL.into_iter().map(Some).chain([None]);
    forms.into_iter().flat_map(|form| classes().filter_map(move |class| average(form, class))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn averages_are_by_form_and_class_with_their_bounds() {
        let measured = |form, class, steps, tokens| Measured { form, class, steps, tokens };
        let averages = averages(&[
            measured("plain", Class::I32, 30, 30),
            measured("plain", Class::Wide, 2, 10),
            measured("plain", Class::I32, 10, 20),
            measured("plain", Class::I32, 0, 1),
            measured("fused", Class::I32, 4, 2),
        ]);
        let told: Vec<_> = averages.iter().map(|a| (a.form, a.class, a.programs, a.mean, a.highest, a.bound)).collect();
        assert_eq!(
            told,
            [
                ("plain", Some(Class::I32), 2, 1.5, 2.0, Some(1.5)),
                ("plain", Some(Class::Wide), 1, 5.0, 5.0, Some(5.5)),
                ("plain", None, 3, 8.0 / 3.0, 5.0, None),
                ("fused", Some(Class::I32), 1, 0.5, 0.5, None),
                ("fused", None, 1, 0.5, 0.5, Some(0.76)),
            ]
        );
        assert_eq!(averages[0].together, 51.0 / 40.0);
    }
}
