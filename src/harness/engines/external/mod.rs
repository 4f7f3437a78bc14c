//! A process as an engine: any program that speaks the line protocol of `python/ENGINES.md`.
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

use message::{Answer, Hello, Listing, PROTOCOL, Question, Token, Want};
use process::{Process, excerpt};

use crate::byte::machine::ByteHost;
use crate::byte::trace::{End, Replay, Step};
use crate::harness::Stop;
use crate::harness::engine::{Case, Engine, EngineError, Observed, Run, Watch};
use crate::shown;
use crate::transformer::{Config, Host, Next, argmax};

/// A name in reports is cut to this many characters.
const MAX_NAME: usize = 40;

/// A process as an engine.
#[derive(Debug)]
pub struct ExternalEngine {
    name: String,
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

impl ExternalEngine {
    /// Starts a command, and has it load a model folder, whose config this is. `timeout` limits each answer; none is waited for
    /// once it is asked to stop.
    ///
    /// # Errors
    /// Where the command cannot be started.
    pub fn start(command: &[String], folder: &PathBuf, config: &Config, timeout: Duration, stop: Stop) -> std::io::Result<ExternalEngine> {
        let mut process = Process::start(command, timeout, stop)?;
        let name = command.first().cloned().unwrap_or_default();
        let mut engine = ExternalEngine {
            name,
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

    /// Whether its answers can hold logits.
    pub fn offers_logits(&self) -> bool {
        self.logits
    }

    /// Whether its answers can hold lanes.
    pub fn offers_lanes(&self) -> bool {
        self.lanes
    }

    /// What it was retired for, if it was.
    pub fn retired(&self) -> Option<String> {
        match &*self.state.borrow() {
            State::Running(_) => None,
            State::Retired(reason) => Some(reason.clone()),
        }
    }

    /// Begins a case. `want` is what answers should hold; the process must offer it.
    ///
    /// # Errors
    /// Where the model is not a byte machine.
    pub fn begin<'e>(&'e self, case: Case<'e>, want: Vec<Want>) -> Result<ExternalRun<'e>, EngineError> {
        let host = ByteHost::new(case.program, case.files, &self.config);
        let mut host = host.map_err(|reason| EngineError { engine: self.name.clone(), reason })?;
        let next = Some(host.begin());
        let program = Some(Listing::new(case.program, case.files));
        Ok(ExternalRun { engine: self, host, replay: Replay::new(case.program), program, want, next })
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
            EngineError { engine: self.name.clone(), reason }
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

impl Engine for ExternalEngine {
    fn name(&self) -> &str {
        &self.name
    }

    fn run(&self, case: Case<'_>, watch: &mut Watch<'_>) -> Result<Run, EngineError> {
        let want = if self.logits { vec![Want::Logits] } else { Vec::new() };
        let mut run = self.begin(case, want)?;
        while let Some(answer) = run.answer()? {
            let step = run.as_step(&answer);
            run.accept(&answer);
            let logits = || answer.logits.clone().unwrap_or_default();
            if watch(&Observed { step, logits: self.logits.then_some(&logits) }).is_break() {
                break;
            }
        }
        Ok(run.finish())
    }
}

/// A case being run by a process: the host on this side.
pub struct ExternalRun<'e> {
    engine: &'e ExternalEngine,
    host: ByteHost<'e>,
    replay: Replay<'e>,
    /// `None` once it was sent.
    program: Option<Listing>,
    want: Vec<Want>,
    next: Option<Next<f32>>,
}

impl ExternalRun<'_> {
    /// The process's answer to what the host says next; `None` if the run has ended.
    ///
    /// # Errors
    /// What the process did instead of answering; it is retired then.
    pub fn answer(&mut self) -> Result<Option<Token>, EngineError> {
        let Some(next) = self.next.take() else { return Ok(None) };
        let program = self.program.take();
        let question = match &program {
            Some(program) => Question::begin(program, &self.want, &next),
            None => Question::next(&next),
        };
        self.engine.ask(&question, &self.want).map(Some)
    }

    /// The step that an answer is.
    pub fn as_step(&self, answer: &Token) -> Step {
        self.host.as_step(answer.token)
    }

    /// Has the host take the token of an answer.
    pub fn accept(&mut self, answer: &Token) {
        let step = self.as_step(answer);
        self.replay.step(step.pc, step.token);
        self.next = self.host.accept(answer.token, Next::default());
    }

    /// Tells the process that the run is over, and sums it up.
    pub fn finish(self) -> Run {
        if let State::Running(process) = &*self.engine.state.borrow() {
            process.tell(b"{\"type\":\"end\"}\n".to_vec());
        }
        let end = self.host.end().unwrap_or(End::Stopped);
        let (outputs, files) = self.host.into_outputs_and_files();
        Run { end, state: self.replay.into_state(outputs, files) }
    }
}
