//! What the byte machine's mutants are run on: the suite, generated programs, and probes; and the rules of
//! equivalence that ask for its numbers.

pub mod equivalence;
pub mod probes;

use rayon::prelude::*;

use super::ablate::Exercise;
use super::{Origin, Programs, Tape};
use crate::byte::trace::Step;
use crate::harness::byte::compliance::{STEP_LIMIT, suite};
use crate::harness::byte::{Byte, Generated};
use crate::harness::engine::{EngineError, record};
use crate::harness::vm::{VM, VmEngine};
use crate::transformer::Config;

/// Generated programs that mutants are run on, by their seeds from 0 on.
pub const GENERATED: u64 = 1000;

/// The programs, so many generated ones among them. They have all tokens.
///
/// # Errors
/// Where the config is not a byte machine's.
pub fn programs(config: &Config, generated: u64) -> Result<Programs<'static, f32>, EngineError> {
    let mut programs: Vec<(Origin, Generated)> = Vec::new();
    for entry in suite().map_err(|error| EngineError::new(VM, error.to_string()))? {
        let files = entry.module.header.files();
        programs.push((Origin::Suite(entry.path), Generated { program: entry.module.program, files }));
    }
    programs.extend((0..generated).map(|seed| (Origin::Generated(seed), Generated::from_seed(seed))));
    programs.extend(probes::probes().into_iter().map(|(name, generated)| (Origin::Probe(name), generated)));
    let tape = |(origin, generated): (Origin, Generated)| Ok((origin, tape(&generated, config)?));
    let tapes = programs.into_par_iter().map(tape).collect::<Result<_, _>>()?;
    Ok(Programs { tapes, probe: Box::new(|_| Ok(None)) })
}

/// The suite's programs whose traces have at most so many rows, with the instruction of each step.
///
/// # Errors
/// Where the config is not a byte machine's.
pub fn exercises(config: &Config, most_rows: usize) -> Result<Vec<Exercise<f32>>, EngineError> {
    let mut exercises = Vec::new();
    for entry in suite().map_err(|error| EngineError::new(VM, error.to_string()))? {
        let generated = Generated { files: entry.module.header.files(), program: entry.module.program };
        let tape = tape(&generated, config)?;
        if tape.len() <= most_rows {
            let recorded = record(&VmEngine, generated.case(), STEP_LIMIT)?;
            let instruction = |step: &Step| generated.program.code()[step.pc].op.row().mnemonic;
            exercises.push(Exercise { tape, instructions: recorded.steps.iter().map(instruction).collect() });
        }
    }
    Ok(exercises)
}

/// The tape of a program's run on the reference VM.
pub(super) fn tape(generated: &Generated, config: &Config) -> Result<Tape<f32>, EngineError> {
    let recorded = record(&VmEngine, generated.case(), STEP_LIMIT)?;
    Tape::new::<Byte>(generated.case(), recorded.steps.iter().map(|step| step.token.id()), config)
}
