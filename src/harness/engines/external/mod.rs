//! A process as an engine: any program that speaks the line protocol of `engines/README.md`.
//!
//! The process is only the network. It is given a model folder, then rows (tokens with their positional encodings);
//! it answers with the token that follows. The host stays here. Nothing that a process does is believed: what is no
//! answer, comes late or is out of range is a failure that names what happened. After a failure the process is
//! killed and the engine is retired, so that a process that hangs costs its time limit once.

pub mod descendants;
pub mod message;
pub mod process;

use std::cell::RefCell;
use std::path::PathBuf;
use std::time::Duration;

use message::{Answer, Hello, PROTOCOL, Question, Token, Want};
use process::{Process, excerpt};

use crate::harness::Stop;
use crate::harness::engine::{Case, Emitted, Engine, EngineError, Observed, Run, Transformer, Watch};
use crate::harness::machine::{Machine, Reader};
use crate::harness::residuals::Residuals;
use crate::shown;
use crate::transformer::{Config, Host, Next, Number, Stage, argmax};

/// A name in reports is cut to this many characters.
const MAX_NAME: usize = 40;

/// A process as an engine.
#[derive(Debug)]
pub struct ExternalEngine<L: Machine> {
    name: String,
    vocabulary: L::Vocabulary,
    config: Config,
    logits: bool,
    lanes: bool,
    state: RefCell<State>,
}

#[derive(Debug)]
enum State {
    Running(Process),
    /// What it was retired for.
    Retired(String),
}

impl<L: Machine> ExternalEngine<L> {
    /// Starts a command, and has it load a model folder, whose config this is. `timeout` limits each answer; none is waited for
    /// once it is asked to stop.
    ///
    /// # Errors
    /// Where the command cannot be started.
    pub fn start(
        command: &[String],
        folder: &PathBuf,
        config: &Config,
        timeout: Duration,
        stop: Stop,
    ) -> std::io::Result<ExternalEngine<L>> {
        let mut process = Process::start(command, timeout, stop)?;
        let name = command.first().cloned().unwrap_or_default();
        let mut engine = ExternalEngine {
            name,
            vocabulary: L::Vocabulary::default(),
            config: config.clone(),
            logits: false,
            lanes: false,
            state: RefCell::new(State::Retired("did not start".to_string())),
        };
        let state = match engine.greet(&mut process, folder) {
            Ok(()) => State::Running(process),
            Err(reason) => State::Retired(reason),
        };
        engine.state = RefCell::new(state);
        Ok(engine)
    }

    fn greet(&mut self, process: &mut Process, folder: &PathBuf) -> Result<(), String> {
        let line = process.hear("hello")?;
        let hello: Hello = serde_json::from_slice(&line).map_err(|error| format!("wrote {} instead of hello: {error}", excerpt(&line)))?;
        if hello.protocol != PROTOCOL {
            return Err(format!("speaks version {} of the protocol; this harness speaks {PROTOCOL}", hello.protocol));
        }
        let name: String = hello.engine.chars().filter(|c| !shown::is_hidden(*c)).take(MAX_NAME).collect();
        if !name.trim().is_empty() {
            self.name = name;
        }
        (self.logits, self.lanes) = (hello.logits, hello.lanes);
        match ask(process, &Question::Load { protocol: PROTOCOL, folder })? {
            Answer::Loaded {} => Ok(()),
            Answer::Token(_) => Err("answered load with a token".to_string()),
            Answer::Error { reason } => Err(format!("says that it cannot load the model: {}", shown::shown(&reason))),
        }
    }

    /// Distinguishes it from an engine of the same name.
    pub fn rename(&mut self, name: String) {
        self.name = name;
    }

    /// What it was retired for, if it was.
    pub fn retired(&self) -> Option<String> {
        match &*self.state.borrow() {
            State::Running(_) => None,
            State::Retired(reason) => Some(reason.clone()),
        }
    }

    /// Runs a case with the host on this side. `want` is what answers should hold; the process must offer it. `lanes` sees the
    /// last row's residual stream after each stage of each pass, with the row's index.
    fn drive(
        &self,
        case: Case<'_, L>,
        want: &[Want],
        watch: &mut Watch<'_, L>,
        lanes: &mut dyn FnMut(usize, &[Vec<f64>]),
    ) -> Result<Run<L>, EngineError> {
        let unable = |reason| EngineError::new(&self.name, reason);
        let lowered = L::lower(case, L::Form::default()).map_err(unable)?;
        let (mut host, mut reader) = L::surround(case.shorten(), &lowered, &self.vocabulary, &self.config).map_err(unable)?;
        let program = L::program_json(case, &lowered, &self.vocabulary);
        let mut next = Some(whole_prompt(&mut host));
        let (mut rows, mut stopped, mut begun) = (0, false, false);
        while let Some(given) = next.take().filter(|_| !stopped) {
            rows += given.rows.len();
            let question = if begun { Question::next(&given) } else { Question::begin(&program, want, &given) };
            begun = true;
            let answer = self.ask(&question, want)?;
            if let Some(of_answer) = &answer.lanes {
                lanes(rows - 1, of_answer);
            }
            let logits = || answer.logits.clone().unwrap_or_default();
            let logits = answer.logits.is_some().then_some(&logits as &dyn Fn() -> Vec<f64>);
            stopped = watch(&Observed::Token(&Emitted { token: answer.token, logits })).is_break();
            let steps = reader.take(&host, answer.token);
            stopped |= steps.iter().any(|step| watch(&Observed::Step(*step)).is_break());
            next = host.accept(answer.token, Next::default()).filter(|_| reader.end().is_none());
        }
        if let State::Running(process) = &*self.state.borrow() {
            process.tell(b"{\"type\":\"end\"}\n".to_vec());
        }
        let (end, state) = reader.finish(host);
        Ok(Run { end: end.unwrap_or_else(L::stopped), state })
    }

    /// Asks the process; on any failure it is retired.
    fn ask(&self, question: &Question<'_>, want: &[Want]) -> Result<Token, EngineError> {
        let mut state = self.state.borrow_mut();
        let answer = match &mut *state {
            State::Running(process) => ask(process, question).and_then(|answer| self.check(answer, want)),
            State::Retired(reason) => Err(format!("is retired: it {reason}")),
        };
        answer.map_err(|reason| {
            if matches!(&*state, State::Running(_)) {
                *state = State::Retired(reason.clone());
            }
            EngineError::new(&self.name, reason)
        })
    }

    /// A token within range, with what is wanted and nothing else, that follows from its logits.
    fn check(&self, answer: Answer, want: &[Want]) -> Result<Token, String> {
        let answer = match answer {
            Answer::Token(token) => token,
            Answer::Loaded {} => return Err("answered loaded instead of a token".to_string()),
            Answer::Error { reason } => return Err(format!("says that it cannot go on: {}", shown::shown(&reason))),
        };
        let (token, vocabulary) = (answer.token, self.config.vocab_size);
        if token >= vocabulary {
            return Err(format!("answered token {token}, outside the vocabulary of {vocabulary}"));
        }
        let wanted = |part| if want.contains(&part) { "missing" } else { "not asked for" };
        if answer.logits.is_some() != want.contains(&Want::Logits) {
            return Err(format!("answered token {token} with logits {}", wanted(Want::Logits)));
        }
        if answer.lanes.is_some() != want.contains(&Want::Lanes) {
            return Err(format!("answered token {token} with lanes {}", wanted(Want::Lanes)));
        }
        if let Some(logits) = &answer.logits {
            if logits.len() != vocabulary {
                return Err(format!("answered {} logits; the vocabulary has {vocabulary}", logits.len()));
            }
            let best = argmax(logits);
            if best != token {
                return Err(format!("answered token {token}, but the arg-max of its logits is {best}"));
            }
        }
        let stages = 1 + 2 * self.config.layers();
        if let Some(lanes) = &answer.lanes
            && (lanes.len() != stages || lanes.iter().any(|lanes| lanes.len() != self.config.d_model))
        {
            return Err(format!("answered lanes of another shape than [{stages}, {}]", self.config.d_model));
        }
        Ok(answer)
    }

    /// Lets the process end by itself.
    pub fn finish(self) {
        if let State::Running(process) = self.state.into_inner() {
            process.finish();
        }
    }
}

/// Puts a question to a process and reads its answer.
fn ask(process: &mut Process, question: &Question<'_>) -> Result<Answer, String> {
    process.must_be_silent()?;
    let mut line = serde_json::to_vec(question).map_err(|error| format!("cannot be asked: {error}"))?;
    line.push(b'\n');
    process.tell(line);
    let line = process.hear(&format!("the answer to {}", question.name()))?;
    serde_json::from_slice(&line)
        .map_err(|error| format!("answered {} with {}, which is no answer: {error}", question.name(), excerpt(&line)))
}

/// All that a host gives before the first token, the parts of a long prompt put together.
fn whole_prompt<T: Number>(host: &mut impl Host<T>) -> Next<T> {
    let mut whole = host.begin();
    let mut part = Next::default();
    while host.go_on(&mut part) {
        whole.rows.append(&mut part.rows);
    }
    whole
}

impl<L: Machine> Engine<L> for ExternalEngine<L> {
    fn name(&self) -> &str {
        &self.name
    }

    fn run(&self, case: Case<'_, L>, watch: &mut Watch<'_, L>) -> Result<Run<L>, EngineError> {
        let want: &[Want] = if self.logits { &[Want::Logits] } else { &[] };
        self.drive(case, want, watch, &mut |_, _| {})
    }

    fn transformer(&self) -> Option<&dyn Transformer<L>> {
        Some(self)
    }
}

impl<L: Machine> Transformer<L> for ExternalEngine<L> {
    fn has_logits(&self) -> bool {
        self.logits
    }

    fn lanes(&self) -> Option<&[String]> {
        self.lanes.then_some(&self.config.lanes)
    }

    fn prompt_rows(&self, case: Case<'_, L>) -> Result<usize, EngineError> {
        let lowered = L::lower(case, L::Form::default()).map_err(|reason| EngineError::new(&self.name, reason))?;
        Ok(L::size(&lowered).rows as usize)
    }

    fn run_seen(&self, case: Case<'_, L>, watch: &mut Watch<'_, L>, mut residuals: Residuals<'_>) -> Result<Run<L>, EngineError> {
        let stages = (0..self.config.layers()).flat_map(|layer| [Stage::Attention(layer), Stage::Ffn(layer)]);
        let stages: Vec<Stage> = [Stage::Embedded].into_iter().chain(stages).collect();
        self.drive(case, &[Want::Lanes], watch, &mut |row, lanes| {
            stages.iter().zip(lanes).for_each(|(stage, lanes)| residuals.show(row, *stage, lanes));
        })
    }
}
