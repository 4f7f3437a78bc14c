//! The stock machine as an engine: greedy decoding of the prompt, by this crate's own pass of the Llama
//! architecture.

use std::ops::ControlFlow;
use std::sync::OnceLock;

use super::Byte;
use crate::byte::stock::{self, MAX_ROWS, NAME, Reader, Vocabulary};
use crate::byte::trace::End;
use crate::harness::engine::{Case, Engine, EngineError, Observed, Run, Watch};
use crate::transformer::llama::{LlamaModel, Pass, Session};

/// The stock machine with some weights.
#[derive(Debug, Default)]
pub struct StockEngine {
    /// The weights, if they are not the compiled ones.
    model: Option<LlamaModel>,
    /// Made when it is first needed, because an engine may be named and not run.
    prepared: OnceLock<(Pass, Vocabulary)>,
}

impl StockEngine {
    /// The machine with other weights than the compiled ones.
    pub fn with(model: LlamaModel) -> StockEngine {
        StockEngine { model: Some(model), prepared: OnceLock::new() }
    }

    fn prepared(&self) -> &(Pass, Vocabulary) {
        self.prepared.get_or_init(|| {
            let pass = match &self.model {
                Some(model) => Pass::new(model),
                None => Pass::new(&stock::compile().expect("the stock machine compiles, as the tests show").0),
            };
            (pass, Vocabulary::new())
        })
    }
}

impl Engine<Byte> for StockEngine {
    fn name(&self) -> &str {
        NAME
    }

    fn run(&self, case: Case<'_, Byte>, watch: &mut Watch<'_, Byte>) -> Result<Run<Byte>, EngineError> {
        let (pass, vocabulary) = self.prepared();
        let mut session = Session::new(pass);
        let prompt = stock::prompt(case.program, case.files);
        if prompt.len() > MAX_ROWS {
            return Err(EngineError::new(NAME, format!("the prompt has {} words; the machine is proven up to {MAX_ROWS}", prompt.len())));
        }
        prompt.iter().for_each(|word| session.push(vocabulary.id(*word), &mut ()));
        let mut reader = Reader::new(case.program, case.files);
        let end = loop {
            let token = session.token();
            let Ok(step) = reader.take(vocabulary.word(token)) else { break End::Lost };
            if let Some(step) = step
                && let ControlFlow::Break(()) = watch(&Observed::Step(step))
            {
                break reader.end().unwrap_or(End::Stopped);
            }
            if let Some(end) = reader.end() {
                break end;
            }
            if session.rows() == MAX_ROWS {
                return Err(EngineError::new(NAME, format!("the run is longer than the {MAX_ROWS} words for which the machine is proven")));
            }
            session.push(token, &mut ());
        };
        Ok(Run { end, state: reader.into_state() })
    }
}
