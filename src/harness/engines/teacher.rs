//! Forward passes on a known trace, as an engine.

use std::cell::RefCell;
use std::collections::VecDeque;

use super::IndexedEngine;
use crate::byte::machine::ByteHost;
use crate::byte::trace::{End, Replay, Step, Token};
use crate::byte::vm::Vm;
use crate::harness::engine::{Case, Engine, EngineError, Observed, Residuals, Run, Watch};
use crate::transformer::{Batched, Config, IndexedSession, Model, Observer, Session, teacher_forced};

/// Teacher forcing: the reference VM's trace is fed in, and each position must emit its next token. Much
/// faster than generating, and by induction the same claim.
///
/// Its trace is the tokens that the positions emit, up to the first that differs from the reference VM's:
/// after that they would answer another question.
#[derive(Clone, Debug)]
pub struct TeacherForcedEngine<'m> {
    passes: Passes<'m>,
}

/// What computes the forward passes.
#[derive(Clone, Debug)]
enum Passes<'m> {
    Dense(&'m Model<f32>),
    Indexed(IndexedEngine),
}

impl<'m> TeacherForcedEngine<'m> {
    /// Dense passes with these weights.
    pub fn new(model: &'m Model<f32>) -> TeacherForcedEngine<'m> {
        TeacherForcedEngine { passes: Passes::Dense(model) }
    }

    /// The passes of an indexed engine.
    pub fn indexed(engine: &IndexedEngine) -> TeacherForcedEngine<'static> {
        TeacherForcedEngine { passes: Passes::Indexed(engine.clone()) }
    }

    /// As [`Engine::run`], with a look into each forward pass.
    ///
    /// # Errors
    /// Where the model is not a byte machine.
    pub fn run_observed(&self, case: Case<'_>, watch: &mut Watch<'_>, observer: &mut impl Observer<f32>) -> Result<Run, EngineError> {
        match &self.passes {
            Passes::Dense(model) => self.run_with(&mut Session::new(model), &model.config, case, watch, observer),
            Passes::Indexed(engine) => self.run_with(&mut IndexedSession::new(engine.model()), engine.config(), case, watch, observer),
        }
    }

    fn config(&self) -> &Config {
        match &self.passes {
            Passes::Dense(model) => &model.config,
            Passes::Indexed(engine) => engine.config(),
        }
    }

    fn run_with<N: Batched<f32>>(
        &self,
        network: &mut N,
        config: &Config,
        case: Case<'_>,
        watch: &mut Watch<'_>,
        observer: &mut impl Observer<f32>,
    ) -> Result<Run, EngineError> {
        let host = ByteHost::new(case.program, case.files, config);
        let mut host = host.map_err(|reason| EngineError { engine: self.name().to_string(), reason })?;
        let mut replay = Replay::new(case.program);
        let mut vm = Vm::new(case.program, case.files);
        // Steps fed in whose positions have not been watched yet.
        let ahead: RefCell<VecDeque<Step>> = RefCell::new(VecDeque::new());
        let continuation = std::iter::from_fn(|| {
            let step = vm.step()?;
            ahead.borrow_mut().push_back(step);
            Some(step.token.id())
        });
        let mut end = End::Stopped;
        let mut differs = false;
        teacher_forced(network, &mut host, continuation, observer, |network, row, token| {
            let Some(expected) = ahead.borrow_mut().pop_front() else { return false };
            let step = Step { pc: expected.pc, token: Token::from_id(token).unwrap_or(Token::Pad) };
            replay.step(step.pc, step.token);
            let logits = || network.logits_at(row).into_iter().map(f64::from).collect();
            let go_on = watch(&Observed { step, logits: Some(&logits) }).is_continue();
            differs = step != expected;
            go_on && !differs
        });
        if differs {
            end = End::Lost;
        } else if ahead.borrow().is_empty() {
            end = host.end().unwrap_or(End::Stopped);
        }
        let (outputs, files) = host.into_outputs_and_files();
        Ok(Run { end, state: replay.into_state(outputs, files) })
    }
}

impl Engine for TeacherForcedEngine<'_> {
    fn name(&self) -> &str {
        match self.passes {
            Passes::Dense(_) => "dense-forced",
            Passes::Indexed(_) => "forced",
        }
    }

    fn has_logits(&self) -> bool {
        true
    }

    fn run(&self, case: Case<'_>, watch: &mut Watch<'_>) -> Result<Run, EngineError> {
        self.run_observed(case, watch, &mut ())
    }
    fn run_seen(&self, case: Case<'_>, watch: &mut Watch<'_>, mut residuals: Residuals<'_>) -> Result<Run, EngineError> {
        self.run_observed(case, watch, &mut residuals)
    }

    fn lanes(&self) -> &[String] {
        &self.config().lanes
    }
}
