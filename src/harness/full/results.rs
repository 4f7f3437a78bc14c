//! A run at the results level: only its end and its final state are compared.

use std::convert::Infallible;

use thiserror::Error;
use wasm_encoder::reencode::Error;

use super::Case;
use super::answers::answers;
use super::instrument::results::{self, CALLS, CONVERSION, ENDS, REFUSE};
use super::instrument::{UNSERVED, index_of};
use crate::full::isa::{Trap, ValType};
use crate::full::program::{Immediate, Module, Program, Refusal, Value};
use crate::full::trace::End;

/// The reason why an engine of WebAssembly cannot be asked for the results of a case.
#[derive(Debug, Error)]
pub enum ResultsError {
    /// The program is linked from several modules.
    #[error("a program linked from several modules is not a single WebAssembly module")]
    Linked,
    /// An argument, a result or a global is a reference.
    #[error("a reference as an argument, a result or a global is not compared by its results alone")]
    References,
    /// Calls go through several tables.
    #[error("why a call through one of several tables traps is not told by results alone")]
    Tables,
    /// The module cannot be written.
    #[error(transparent)]
    Instrument(#[from] Error<Infallible>),
}

/// A case for an engine of WebAssembly that gives results only.
#[derive(Debug)]
pub struct ResultsRun<'a> {
    program: &'a Program,
    /// The module of the case's program.
    pub module: &'a Module,
    /// The module to run: `module`, instrumented, in the binary format.
    pub wasm: Vec<u8>,
    /// The arguments of each call, in order. The name of the export to call is derived from the call's index.
    pub calls: Vec<&'a [Value]>,
    /// The system's answer to each question.
    pub answers: Vec<Vec<u8>>,
}

/// The types of the arguments and results of the calls to make.
fn calls_types(case: Case<'_>) -> impl Iterator<Item = ValType> {
    case.calls.iter().map(move |call| case.program.type_of(call.function)).flat_map(|ty| ty.params.iter().chain(&ty.results)).copied()
}

impl<'a> ResultsRun<'a> {
    /// Instruments a case.
    ///
    /// # Errors
    /// Where the case has no module, or the module cannot be written.
    pub fn new(case: Case<'a>) -> Result<ResultsRun<'a>, ResultsError> {
        let program = case.program;
        let module = case.module.ok_or(ResultsError::Linked)?;
        let types = calls_types(case);
        if types.chain(program.globals.iter().map(|global| global.ty.value)).any(ValType::is_reference) {
            return Err(ResultsError::References);
        }
        if results::called_tables(module).nth(1).is_some() {
            return Err(ResultsError::Tables);
        }
        let starts = program.starts.iter().map(|function| (*function, &[][..]));
        let calls = starts.chain(case.calls.iter().map(|call| (call.function, &call.arguments[..])));
        let (functions, calls): (Vec<u32>, Vec<&[Value]>) =
            calls.map(|(function, arguments)| (index_of(program, module, function), arguments)).unzip();
        let wasm = results::instrument(module, &functions)?;
        Ok(ResultsRun { program, module, wasm, calls, answers: answers(case) })
    }

    /// The exports that return the globals, in order.
    pub fn globals(&self) -> impl Iterator<Item = String> {
        (0..self.program.globals.len()).map(results::global_name)
    }

    /// The end of a run by a call of an import that is not the host's. `None` where the module has no such
    /// import.
    pub fn called(&self, module: &str, name: &str, argument: Option<i32>) -> Option<End> {
        match (module, name, argument) {
            (ENDS, CALLS, None) => Some(End::Trapped(Trap::CallStackExhausted)),
            (ENDS, CONVERSION, None) => Some(End::Trapped(Trap::InvalidConversion)),
            (ENDS, REFUSE, Some(pc)) => match &self.program.code.get(pc as usize)?.immediate {
                Immediate::Refused(what) => Some(End::Refused(what.clone())),
                _ => None,
            },
            (UNSERVED, index, None) => {
                let import = self.module.imports.get(index.parse::<usize>().ok()?).filter(|import| import.is_unserved())?;
                Some(End::Refused(Refusal::Import(import.path().into())))
            }
            _ => None,
        }
    }
}
