//! Runs of a network: the network generates, or it is fed a run's tokens.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::ops::ControlFlow;

use super::{NetworkEngine, Passes};
use crate::harness::engine::{Case, Emitted, EngineError, Observed, Run, Watch};
use crate::harness::machine::{Machine, Reader, Size};
use crate::transformer::{
    Batched, CompiledSession, Generation, IndexedSession, Network, Number, Observer, Session, StoreRow, generate, teacher_forced,
};

/// The number of consecutive tokens without a step after which a run is lost. A full program needs the most
/// such tokens before its first step, for globals of eight bytes each, or in a branch that moves a whole
/// frame: eight bytes per slot, each read and written.
const LOST_AFTER: u64 = 1 << 18;

/// The number of tokens per check of the memory that a run uses.
const WEIGHED_EVERY: u64 = 4096;

impl<L: Machine> NetworkEngine<L> {
    /// Like [`Engine::run`](crate::harness::Engine::run), with an observer of each forward pass.
    ///
    /// # Errors
    /// Where the program cannot be lowered, or needs more memory than allowed.
    pub fn run_observed(
        &self,
        case: Case<'_, L>,
        watch: &mut Watch<'_, L>,
        observer: &mut impl Observer<L::Number>,
    ) -> Result<Run<L>, EngineError> {
        match &self.passes {
            Passes::Dense(model) => self.run_by(&mut Session::new(model), case, watch, observer),
            Passes::Indexed(model) => self.run_by(&mut IndexedSession::new(model), case, watch, observer),
            Passes::Compiled(model) => self.run_by(&mut CompiledSession::new(model), case, watch, observer),
        }
    }

    /// Runs a case with a network that has this engine's weights.
    fn run_by<N: Batched<L::Number>>(
        &self,
        network: &mut N,
        case: Case<'_, L>,
        watch: &mut Watch<'_, L>,
        observer: &mut impl Observer<L::Number>,
    ) -> Result<Run<L>, EngineError> {
        let lowered = self.lower(case)?;
        let size = self.size(&lowered);
        let of_prompt = size.host + self.kept_of(&size);
        if of_prompt > self.memory {
            return Err(self.too_much(&format!("its prompt of {} rows takes about", size.rows), of_prompt));
        }
        let surround =
            || L::surround(case.shorten(), &lowered, &self.vocabulary, &self.config).map_err(|error| self.error(error.to_string()));
        let surroundings = surround()?;
        let untaught = |token| (token, L::Lesson::default());
        let mut lessons: Box<dyn Iterator<Item = (usize, L::Lesson)> + '_> = match (&self.teacher, L::lessons(case)) {
            (None, _) => return self.generate(network, &size, surroundings, watch, observer),
            (Some(_), Some(lessons)) => Box::new(lessons),
            (Some(Passes::Dense(model)), None) => Box::new(Generation::new(Session::new(model), surround()?.0).map(untaught)),
            (Some(Passes::Indexed(model)), None) => Box::new(Generation::new(IndexedSession::new(model), surround()?.0).map(untaught)),
            (Some(Passes::Compiled(model)), None) => Box::new(Generation::new(CompiledSession::new(model), surround()?.0).map(untaught)),
        };
        self.force(network, &mut *lessons, surroundings, watch, observer)
    }

    /// Runs a case by generating with any network that should answer like a network with this engine's
    /// weights.
    ///
    /// # Errors
    /// As [`NetworkEngine::run_observed`].
    #[cfg(test)]
    pub(in crate::harness) fn generate_by<N: Network<L::Number>>(
        &self,
        network: &mut N,
        case: Case<'_, L>,
        watch: &mut Watch<'_, L>,
    ) -> Result<Run<L>, EngineError> {
        let lowered = self.lower(case)?;
        let surroundings =
            L::surround(case.shorten(), &lowered, &self.vocabulary, &self.config).map_err(|error| self.error(error.to_string()))?;
        self.generate(network, &self.size(&lowered), surroundings, watch, &mut ())
    }

    pub(super) fn lower(&self, case: Case<'_, L>) -> Result<L::Lowered, EngineError> {
        L::lower(case, self.form).map_err(|error| self.error(error.to_string()))
    }

    fn generate<N: Network<L::Number>>(
        &self,
        network: &mut N,
        size: &Size,
        (mut host, mut reader): (L::Host<'_>, L::Reader<'_>),
        watch: &mut Watch<'_, L>,
        observer: &mut impl Observer<L::Number>,
    ) -> Result<Run<L>, EngineError> {
        let (mut stopped, mut silent) = (false, 0);
        let (mut unweighed, mut kept) = (WEIGHED_EVERY, 0);
        generate(network, &mut host, observer, |host, token, network| {
            let logits = || network.logits().into_iter().map(Number::to_f64).collect();
            stopped = watch(&Observed::Token(&Emitted { token, logits: Some(&logits), digest: None })).is_break();
            let steps = reader.take(host, token);
            silent = if steps.is_empty() { silent + 1 } else { 0 };
            stopped |= tell(steps, watch).is_break();
            unweighed += 1;
            if unweighed > WEIGHED_EVERY {
                (unweighed, kept) = (0, size.host + network.kept() as u64);
            }
            !stopped && silent < LOST_AFTER && reader.end().is_none() && kept <= self.memory
        });
        if kept > self.memory && !stopped && reader.end().is_none() {
            return Err(self.too_much("its run takes", kept));
        }
        let (end, state) = reader.finish(host);
        let otherwise = || match (stopped, silent) {
            (true, _) => L::stopped(),
            (false, LOST_AFTER) => L::lost(format!("{LOST_AFTER} tokens without a step")),
            _ => L::lost("the run ended without a token that ends it".to_string()),
        };
        Ok(Run { end: end.unwrap_or_else(otherwise), state })
    }

    fn force<N: Batched<L::Number>>(
        &self,
        network: &mut N,
        lessons: &mut dyn Iterator<Item = (usize, L::Lesson)>,
        (mut host, mut reader): (L::Host<'_>, L::Reader<'_>),
        watch: &mut Watch<'_, L>,
        observer: &mut impl Observer<L::Number>,
    ) -> Result<Run<L>, EngineError> {
        // Tokens that were fed in and whose positions were not checked yet.
        let ahead: RefCell<VecDeque<(usize, L::Lesson)>> = RefCell::default();
        let continuation = std::iter::from_fn(|| {
            let (token, lesson) = lessons.next()?;
            ahead.borrow_mut().push_back((token, lesson));
            Some(token)
        });
        let (mut differs, mut stopped, mut silent, mut emitted) = (None, false, 0, 0);
        let (mut unweighed, mut kept) = (WEIGHED_EVERY, 0);
        teacher_forced(network, &mut host, continuation, observer, |network, row, token| {
            let Some((expected, lesson)) = ahead.borrow_mut().pop_front() else { return false };
            let logits = || network.logits_at(row).into_iter().map(Number::to_f64).collect();
            stopped = watch(&Observed::Token(&Emitted { token, logits: Some(&logits), digest: None })).is_break();
            let steps = reader.take_for(lesson, token);
            silent = if steps.is_empty() { silent + 1 } else { 0 };
            stopped |= tell(steps, watch).is_break();
            differs = (token != expected).then(|| other_token::<L>(emitted, token, expected));
            emitted += 1;
            unweighed += 1;
            if unweighed > WEIGHED_EVERY {
                (unweighed, kept) = (0, network.kept() as u64);
            }
            !stopped && differs.is_none() && silent < LOST_AFTER && kept <= self.memory
        });
        if kept > self.memory && !stopped && reader.end().is_none() {
            return Err(self.too_much("its run takes", kept));
        }
        let is_ahead = !ahead.borrow().is_empty();
        let (end, state) = reader.finish(host);
        let end = match (differs, end) {
            (Some(how), _) => L::lost(how),
            (None, Some(end)) if !is_ahead => end,
            (None, _) => L::stopped(),
        };
        Ok(Run { end, state })
    }

    /// The rows and memory that a lowered case needs with these weights. Where they hold the program, the
    /// rows of the stores count.
    pub(super) fn size(&self, lowered: &L::Lowered) -> Size {
        let Some(specialized) = &self.config.specialized else { return L::size(lowered) };
        let held = specialized.stores.iter().map(|held| held.count as u64 * self.config.bytes_a_store_row::<L::Number>(held.store));
        let rows = (specialized.prompt.len() + specialized.store_rows().count()) as u64;
        Size { rows, host: rows * size_of::<StoreRow<L::Number>>() as u64, indexed: held.sum() }
    }

    /// Approximate number of bytes that the network will store for a prompt.
    fn kept_of(&self, size: &Size) -> u64 {
        match &self.passes {
            Passes::Indexed(_) | Passes::Compiled(_) => size.indexed,
            Passes::Dense(model) => size.rows * model.config.bytes_a_row::<L::Number>(),
        }
    }

    fn too_much(&self, what: &str, bytes: u64) -> EngineError {
        let limit = self.memory;
        self.error(format!("{what} {} of memory; the limit is {}, set by --max-memory", in_bytes(bytes), in_bytes(limit)))
    }

    pub(super) fn error(&self, reason: String) -> EngineError {
        EngineError::new(&self.name, reason)
    }
}

/// Describes how a position's token differs from the token fed in.
fn other_token<L: Machine>(index: usize, token: usize, expected: usize) -> String {
    format!("token {index} is {} where {} was fed in", L::token_name(token), L::token_name(expected))
}

/// Reports steps to a watch, until the watch stops the run.
fn tell<L: Machine>(steps: &[L::Step], watch: &mut Watch<'_, L>) -> ControlFlow<()> {
    steps.iter().try_for_each(|step| watch(&Observed::Step(*step)))
}

/// A number of bytes for human readers.
fn in_bytes(bytes: u64) -> String {
    match bytes {
        0..1_000_000 => format!("{bytes} bytes"),
        1_000_000..1_000_000_000 => format!("{:.1} MB", bytes as f64 / 1e6),
        _ => format!("{:.1} GB", bytes as f64 / 1e9),
    }
}
