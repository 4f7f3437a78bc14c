//! `--engine-cmd`: processes as engines of `wasmformer diff`.

use std::io::Write;
use std::path::Path;
use std::time::Duration;

use clap::Args;
use serde::Serialize;

use super::CliError;
use super::engines::Commanded;
use crate::harness::compare::{Logits, differs};
use crate::harness::engines::Bounded;
use crate::harness::engines::external::message::PROTOCOL;
use crate::harness::{
    Case, Conformance, Engine, EngineError, ExternalEngine, NetworkEngine, Recorded, Stop, Transformer, Verdict, conform,
};
use crate::transformer::folder;

/// The longest time limit that makes sense; longer ones overflow the clock.
const MAX_TIMEOUT: f64 = 86_400.0;

#[derive(Args)]
pub(super) struct ExternalArgs {
    /// Compare a process too: a command that speaks the protocol of engines/README.md; may be repeated
    #[arg(long = "engine-cmd", value_name = "COMMAND", value_parser = parse_command)]
    commands: Vec<CommandLine>,
    /// How long such a process may take for each answer
    #[arg(long = "engine-timeout", value_name = "SECONDS", default_value = "10", value_parser = parse_seconds)]
    timeout: Duration,
}

/// A command line as typed, and its words.
#[derive(Clone, Debug)]
struct CommandLine {
    text: String,
    words: Vec<String>,
}

/// What is said of one engine on one program.
#[derive(Serialize)]
pub(super) struct Said {
    engine: String,
    #[serde(flatten)]
    pub conformance: Conformance,
}

/// What is said of one engine on all programs.
#[derive(Serialize)]
pub(super) struct Summary {
    engine: String,
    command: String,
    protocol: u64,
    offers_logits: bool,
    offers_lanes: bool,
    agree: usize,
    diverge: usize,
    failed: usize,
    not_run: usize,
    /// Steps that agreed.
    steps: usize,
    /// Steps whose logits were equal to the bit.
    logits: usize,
}

/// The processes of a run of `diff`.
pub(super) struct Externals<L: Commanded> {
    engines: Vec<(ExternalEngine<L>, Summary)>,
    /// What their logits are held against, where there are processes.
    dense: Option<Bounded<L>>,
    /// Weights that were exported for them; removed with this.
    _folder: Option<tempfile::TempDir>,
    stop: Stop,
}

impl ExternalArgs {
    /// Whether none is asked for.
    pub(super) fn is_empty(&self) -> bool {
        self.commands.is_empty()
    }

    /// Starts the processes, with the weights in a folder, or with a copy of the dense engine's; that is run for so many steps, and
    /// on prompts of so many rows.
    pub(super) fn start<L: Commanded>(
        &self,
        weights: Option<&Path>,
        dense: impl FnOnce() -> Result<NetworkEngine<L>, CliError>,
        most: (usize, usize),
        stop: &Stop,
    ) -> Result<Externals<L>, CliError> {
        let mut externals = Externals { engines: Vec::new(), dense: None, _folder: None, stop: stop.clone() };
        if self.commands.is_empty() {
            return Ok(externals);
        }
        let dense = dense()?;
        let folder = match weights {
            Some(weights) => std::path::absolute(weights)?,
            None => {
                let temporary = tempfile::Builder::new().prefix("wasmformer-").tempdir();
                let temporary = temporary.map_err(|error| CliError::Usage(format!("no temporary folder for the weights: {error}")))?;
                dense.model().map_or(Ok(()), |model| folder::save(model, temporary.path()))?;
                externals._folder.insert(temporary).path().to_path_buf()
            }
        };
        for CommandLine { text, words } in &self.commands {
            let engine = ExternalEngine::start(words, &folder, dense.config(), self.timeout, stop.clone());
            let mut engine = engine.map_err(|error| CliError::Usage(format!("--engine-cmd {text:?} cannot be started: {error}")))?;
            let taken =
                |name: &str| ["vm", "wasmi", "dense", "indexed"].contains(&name) || externals.engines.iter().any(|(e, _)| e.name() == name);
            let plain = engine.name().to_string();
            let mut name = plain.clone();
            let mut count = 1;
            while taken(&name) {
                count += 1;
                name = format!("{plain} #{count}");
            }
            engine.rename(name.clone());
            let summary = Summary {
                engine: name,
                command: text.clone(),
                protocol: PROTOCOL,
                offers_logits: engine.has_logits(),
                offers_lanes: engine.lanes().is_some(),
                agree: 0,
                diverge: 0,
                failed: 0,
                not_run: 0,
                steps: 0,
                logits: 0,
            };
            externals.engines.push((engine, summary));
        }
        externals.dense = Some(Bounded::new(Box::new(dense), most));
        Ok(externals)
    }
}

impl<L: Commanded> Externals<L> {
    /// Compares each process on a case whose expected run is known, and of which the engines within this process were judged already.
    /// Where those differ, logits have nothing to be compared with, and only the trace is. `None` where it was stopped.
    pub(super) fn judge(
        &mut self,
        case: Case<'_, L>,
        (reference, expected): (&str, &Recorded<L>),
        judged: &Verdict,
    ) -> Result<Option<Vec<Said>>, CliError> {
        let Some(dense) = &self.dense else { return Ok(Some(Vec::new())) };
        if let Verdict::Inconclusive { reason } = judged {
            return Ok(Some(self.not_run(&format!("inconclusive: {reason}"))));
        }
        let mut logits = Logits::ignored();
        if let Verdict::Agree { .. } = judged {
            logits = Logits::of(dense);
            differs(case, expected, dense, &mut logits)?;
        }
        let conformances = self.each(|engine| conform(case, (reference, expected), engine, dense, logits.clone()))?;
        // What was stopped has not failed.
        Ok((!self.stop.is_requested()).then(|| self.count(conformances)))
    }

    /// Counts a program that no process is run on.
    pub(super) fn not_run(&mut self, reason: &str) -> Vec<Said> {
        let conformances = self.each(|_| Ok(Conformance::NotRun { reason: reason.to_string() }));
        self.count(conformances.unwrap_or_default())
    }

    /// What each process makes of a program. One that failed before its first program fails at it.
    fn each(&self, of: impl Fn(&ExternalEngine<L>) -> Result<Conformance, EngineError>) -> Result<Vec<Conformance>, EngineError> {
        let one = |(engine, summary): &(ExternalEngine<L>, Summary)| match engine.retired() {
            Some(reason) if summary.is_untouched() => Ok(Conformance::Failed { reason }),
            _ => of(engine),
        };
        self.engines.iter().map(one).collect()
    }

    fn count(&mut self, conformances: Vec<Conformance>) -> Vec<Said> {
        let one = |((engine, summary), conformance): (&mut (ExternalEngine<L>, Summary), Conformance)| {
            summary.count(&conformance);
            Said { engine: engine.name().to_string(), conformance }
        };
        self.engines.iter_mut().zip(conformances).map(one).collect()
    }

    /// Lets the processes end, and sums up: a line for each.
    pub(super) fn finish(self) -> Vec<Summary> {
        let finish = |(engine, summary): (ExternalEngine<L>, Summary)| {
            engine.finish();
            summary
        };
        self.engines.into_iter().map(finish).collect()
    }
}

impl Said {
    /// Prints what is not agreement.
    pub(super) fn print(&self, program: &str, out: &mut dyn Write) -> Result<(), CliError> {
        let engine = &self.engine;
        match &self.conformance {
            Conformance::Agree { .. } => {}
            Conformance::Diverge { report } => writeln!(out, "diverge       {program}: {report}")?,
            Conformance::Failed { reason } => {
                writeln!(out, "failed        {program}: {engine} {reason}")?;
                writeln!(out, "              {engine} is retired: it is not run on the programs that follow")?;
            }
            Conformance::NotRun { reason } => writeln!(out, "not run       {program}: {engine}: {reason}")?,
        }
        Ok(())
    }
}

impl Summary {
    fn is_untouched(&self) -> bool {
        self.agree + self.diverge + self.failed + self.not_run == 0
    }

    fn count(&mut self, conformance: &Conformance) {
        match conformance {
            Conformance::Agree { steps, logits } => {
                self.agree += 1;
                self.steps += steps;
                self.logits += logits;
            }
            Conformance::Diverge { .. } => self.diverge += 1,
            Conformance::Failed { .. } => self.failed += 1,
            Conformance::NotRun { .. } => self.not_run += 1,
        }
    }
}

impl std::fmt::Display for Summary {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Summary { engine, command, agree, diverge, failed, not_run, steps, logits, .. } = self;
        write!(f, "engine {engine} ({command}): {agree} agree, {diverge} diverge, {failed} failed, {not_run} not run")?;
        write!(f, "; {steps} steps agree, {logits} of them with all logits equal to the bit")
    }
}

/// Parts a command line into words at blanks, except between quotes, single or double. No shell is involved.
fn parse_command(text: &str) -> Result<CommandLine, String> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    for c in text.chars() {
        match (c, quote) {
            (_, Some(open)) if c == open => quote = None,
            ('"' | '\'', None) => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (_, None) if c.is_whitespace() => words.extend(word.take()),
            _ => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    match (quote, words.first()) {
        (Some(quote), _) => Err(format!("{quote} is not closed")),
        (None, None) => Err("no command".to_string()),
        (None, Some(_)) => Ok(CommandLine { text: text.to_string(), words }),
    }
}

fn parse_seconds(text: &str) -> Result<Duration, String> {
    match text.parse() {
        Ok(seconds) if seconds > 0.0 && seconds <= MAX_TIMEOUT => Ok(Duration::from_secs_f64(seconds)),
        _ => Err(format!("not a number of seconds above 0 and up to {MAX_TIMEOUT}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn command_lines_are_parted_at_blanks_outside_quotes() {
        let words = |text| parse_command(text).map(|command| command.words);
        assert_eq!(words(" a  b\tc "), Ok(vec!["a".into(), "b".into(), "c".into()]));
        assert_eq!(words("'a b'c \"it's\" ''"), Ok(vec!["a bc".into(), "it's".into(), String::new()]));
        assert!(words("'a").is_err() && words("  ").is_err());
    }

    #[test]
    fn time_limits_are_positive_and_finite() {
        assert_eq!(parse_seconds("0.5"), Ok(Duration::from_millis(500)));
        for wrong in ["0", "-1", "NaN", "inf", "1e99", "ten"] {
            assert!(parse_seconds(wrong).is_err(), "{wrong}");
        }
    }
}
