//! A process as an engine. The process can be any program that speaks the line protocol of
//! `engines/README.md`.
//!
//! On the steps level the process is only the network. It receives a model folder, then rows (tokens with
//! their positional encodings), and answers with the next token. The host runs in this process. On the
//! [results] level the external process is an engine of WebAssembly. A process is not trusted: an answer that
//! is malformed, late or out of range is a failure that names what happened. After a failure the process is
//! killed and the engine is retired, so a process that hangs costs its time limit only once.

pub mod descendants;
pub mod failure;
pub mod message;
pub mod partner;
pub mod process;
pub mod results;

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use super::form_of;
use failure::WrongAnswer;
use message::{Answer, PROTOCOL, Question, Token, Want};
use partner::Partner;

use crate::harness::engine::{Case, Emitted, Engine, EngineError, Observed, Run, Transformer, Watch};
use crate::harness::machine::{Machine, MachineError, Reader};
use crate::harness::residuals::Residuals;
use crate::shown;
use crate::transformer::{Config, Host, Next, Number, Stage, argmax};

/// A process as an engine.
#[derive(Debug)]
pub struct ExternalEngine<L: Machine> {
    partner: Partner,
    /// `None` on the results level.
    network: Option<ExternalNetwork<L>>,
}

/// What is known about the network in a process.
#[derive(Debug)]
struct ExternalNetwork<L: Machine> {
    vocabulary: L::Vocabulary,
    config: Config,
    /// Held during a run: a process has one run at a time, and programs are compared in parallel.
    running: Mutex<()>,
}

impl<L: Machine> ExternalEngine<L> {
    /// An engine of the steps level. It loads the model folder, whose config is `config`. An engine that
    /// cannot load the folder is retired.
    pub fn of_steps(partner: Partner, folder: &Path, config: &Config) -> ExternalEngine<L> {
        // The error is not needed here: the partner keeps it as the reason of its retirement.
        let _ = partner.ask("load", &Question::Load { protocol: PROTOCOL, folder }, |answer| match answer {
            Answer::Loaded {} => Ok(()),
            Answer::Token(_) => Err(WrongAnswer::Other("load with a token").into()),
            Answer::Error { reason } => Err(WrongAnswer::Cannot { what: "load the model", reason: shown::shown(&reason) }.into()),
        });
        let network = ExternalNetwork { vocabulary: L::Vocabulary::default(), config: config.clone(), running: Mutex::default() };
        ExternalEngine { partner, network: Some(network) }
    }

    /// An engine of the results level.
    pub fn of_results(partner: Partner) -> ExternalEngine<L> {
        partner.allow_lines_of(results::MAX_LINE);
        ExternalEngine { partner, network: None }
    }

    /// The process.
    pub fn partner(&self) -> &Partner {
        &self.partner
    }

    /// Runs a case with the host in this process. `want` lists the parts that answers should hold. The
    /// external process must offer them. `lanes` is called with the last row's index and its residual stream
    /// after each stage of each pass.
    fn drive(
        &self,
        network: &ExternalNetwork<L>,
        case: Case<'_, L>,
        want: &[Want],
        watch: &mut Watch<'_, L>,
        lanes: &mut dyn FnMut(usize, &[Vec<f64>]),
    ) -> Result<Run<L>, EngineError> {
        let unable = |error: MachineError| self.partner.error(error.to_string());
        let lowered = L::lower(case, form_of::<L>(&network.config)).map_err(unable)?;
        let (mut host, mut reader) = L::surround(case.shorten(), &lowered, &network.vocabulary, &network.config).map_err(unable)?;
        let program = L::program_json(case, &lowered, &network.vocabulary);
        let _running = network.running.lock().unwrap_or_else(PoisonError::into_inner);
        let mut next = Some(whole_prompt(&mut host));
        let (mut rows, mut stopped, mut begun) = (0, false, false);
        while let Some(mut given) = next.take().filter(|_| !stopped) {
            rows += given.rows.len();
            let question = if begun { Question::next(&given) } else { Question::begin(&program, want, &given) };
            begun = true;
            let answer = self.partner.ask(question.name(), &question, |answer| Ok(network.check(answer, want)?))?;
            if let Some(of_answer) = &answer.lanes {
                lanes(rows - 1, of_answer);
            }
            let logits = || answer.logits.clone().unwrap_or_default();
            let logits = answer.logits.is_some().then_some(&logits as &dyn Fn() -> Vec<f64>);
            let digest = answer.digest.map(|[low, high]| u64::from(high) << 32 | u64::from(low));
            stopped = watch(&Observed::Token(&Emitted { token: answer.token, logits, digest })).is_break();
            let steps = reader.take(&host, answer.token);
            stopped |= steps.iter().any(|step| watch(&Observed::Step(*step)).is_break());
            next = (host.accept(answer.token, &mut given) && reader.end().is_none()).then_some(given);
        }
        self.partner.tell(b"{\"type\":\"end\"}\n");
        let (end, state) = reader.finish(host);
        Ok(Run { end: end.unwrap_or_else(L::stopped), state })
    }

    /// Closes the process's input and gives the process time to exit by itself.
    pub fn finish(self) {
        self.partner.finish();
    }
}

impl<L: Machine> ExternalNetwork<L> {
    /// Checks that an answer is a token within range, that it has exactly the wanted parts, and that the
    /// token is the arg-max of its logits.
    fn check(&self, answer: Answer, want: &[Want]) -> Result<Token, WrongAnswer> {
        let answer = match answer {
            Answer::Token(token) => token,
            Answer::Loaded {} => return Err(WrongAnswer::Other("loaded instead of a token")),
            Answer::Error { reason } => return Err(WrongAnswer::Cannot { what: "go on", reason: shown::shown(&reason) }),
        };
        let (token, vocabulary) = (answer.token, self.config.vocab_size);
        if token >= vocabulary {
            return Err(WrongAnswer::Token { token, vocabulary });
        }
        let parts = [
            ("logits", answer.logits.is_some(), Want::Logits),
            ("digest", answer.digest.is_some(), Want::Digest),
            ("lanes", answer.lanes.is_some(), Want::Lanes),
        ];
        if let Some((part, is_there, _)) = parts.into_iter().find(|(_, is_there, part)| *is_there != want.contains(part)) {
            return Err(WrongAnswer::Part { token, part, is_missing: !is_there });
        }
        if let Some(logits) = &answer.logits {
            if logits.len() != vocabulary {
                return Err(WrongAnswer::Logits { logits: logits.len(), vocabulary });
            }
            let best = argmax(logits);
            if best != token {
                return Err(WrongAnswer::ArgMax { token, best });
            }
        }
        let stages = 1 + 2 * self.config.layers();
        if let Some(lanes) = &answer.lanes
            && (lanes.len() != stages || lanes.iter().any(|lanes| lanes.len() != self.config.d_model))
        {
            return Err(WrongAnswer::Lanes { stages, lanes: self.config.d_model });
        }
        Ok(answer)
    }
}

/// Everything that a host gives before the first token, with the parts of a long prompt joined.
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
        self.partner.name()
    }

    fn tells_steps(&self) -> bool {
        self.network.is_some()
    }

    fn run(&self, case: Case<'_, L>, watch: &mut Watch<'_, L>) -> Result<Run<L>, EngineError> {
        let Some(network) = &self.network else { return L::run_for_results(case, &self.partner) };
        let hello = self.partner.hello();
        let want: &[Want] = match (hello.logits, hello.digest) {
            (true, true) => &[Want::Digest],
            (true, false) => &[Want::Logits],
            (false, _) => &[],
        };
        self.drive(network, case, want, watch, &mut |_, _| {})
    }

    fn transformer(&self) -> Option<&dyn Transformer<L>> {
        self.tells_steps().then_some(self)
    }
}

impl<L: Machine> Transformer<L> for ExternalEngine<L> {
    fn has_logits(&self) -> bool {
        self.partner.hello().logits
    }

    fn lanes(&self) -> Option<&[String]> {
        self.network.as_ref().filter(|_| self.partner.hello().lanes).map(|network| &network.config.lanes[..])
    }

    fn run_with_logits(&self, case: Case<'_, L>, watch: &mut Watch<'_, L>) -> Option<Result<Run<L>, EngineError>> {
        let network = self.network.as_ref()?;
        Some(self.drive(network, case, &[Want::Logits], watch, &mut |_, _| {}))
    }

    fn prompt_rows(&self, case: Case<'_, L>) -> Result<usize, EngineError> {
        let form = self.network.as_ref().map_or(L::Form::default(), |network| form_of::<L>(&network.config));
        let lowered = L::lower(case, form).map_err(|error| self.partner.error(error.to_string()))?;
        Ok(L::size(&lowered).rows as usize)
    }

    fn run_seen(&self, case: Case<'_, L>, watch: &mut Watch<'_, L>, mut residuals: Residuals<'_>) -> Result<Run<L>, EngineError> {
        let network = self.network.as_ref().ok_or_else(|| self.partner.error("shows no lanes"))?;
        let stages = (0..network.config.layers()).flat_map(|layer| [Stage::Attention(layer), Stage::Ffn(layer)]);
        let stages: Vec<Stage> = [Stage::Embedded].into_iter().chain(stages).collect();
        self.drive(network, case, &[Want::Lanes], watch, &mut |row, lanes| {
            stages.iter().zip(lanes).for_each(|(stage, lanes)| residuals.show(row, *stage, lanes));
        })
    }
}
