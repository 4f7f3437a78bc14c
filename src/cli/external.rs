//! `--engine-cmd`: external processes as engines.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use serde::Serialize;

use super::CliError;
use super::engines::Commanded;
use super::findings::quoted;
use crate::harness::compare::{Logits, differs, given_up};
use crate::harness::engine::Transformer;
use crate::harness::engines::Bounded;
use crate::harness::engines::external::message::{Level, PROTOCOL};
use crate::harness::engines::external::partner::Partner;
use crate::harness::{Case, Conformance, Engine, ExternalEngine, NetworkEngine, Recorded, Stop, Verdict, conform};
use crate::transformer::folder;

/// Names of built-in engines, which a process cannot have in reports.
const OWN_NAMES: [&str; 4] = ["vm", "wasmi", "dense", "indexed"];

/// The longest time limit in seconds; much longer limits overflow the clock.
const MAX_TIMEOUT: f64 = 86_400.0;

#[derive(Args)]
pub(super) struct ExternalArgs {
    /// Also compare an external process that speaks the protocol of engines/README.md; may be repeated
    #[arg(long = "engine-cmd", value_name = "COMMAND", value_parser = parse_command)]
    commands: Vec<CommandLine>,
    /// The time limit for each answer of an external process
    #[arg(long = "engine-timeout", value_name = "SECONDS", default_value = "10", value_parser = parse_seconds)]
    timeout: Duration,
}

/// A command line: the text as typed, and its words.
#[derive(Clone, Debug)]
struct CommandLine {
    text: String,
    words: Vec<String>,
}

/// The conformance of one external engine on one program.
#[derive(Serialize)]
pub(super) struct Said {
    engine: String,
    #[serde(flatten)]
    pub conformance: Conformance,
}

/// The counts of one external engine over all programs.
#[derive(Serialize)]
pub(super) struct Summary {
    engine: String,
    command: String,
    protocol: u64,
    level: Level,
    offers_logits: bool,
    offers_digest: bool,
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
    /// The dense pass, with which logits are compared; `None` if no process is of the steps level.
    dense: Option<Bounded<L>>,
    /// The indexed pass with the same weights, if it is proven to give the same bits: beyond the limit of
    /// the dense pass, logits are compared with its.
    indexed: Option<NetworkEngine<L>>,
    /// The temporary folder with weights that were exported for the processes; removed when this value is
    /// dropped.
    _folder: Option<tempfile::TempDir>,
    stop: Stop,
}

impl ExternalArgs {
    /// Whether the command line names no process.
    pub(super) fn is_empty(&self) -> bool {
        self.commands.is_empty()
    }

    /// Starts the processes and reads their first message. Each process gets a unique name.
    fn partners(&self, stop: &Stop) -> Result<Vec<(Partner, &str)>, CliError> {
        let mut partners: Vec<(Partner, &str)> = Vec::new();
        for CommandLine { text, words } in &self.commands {
            let partner = Partner::start(words, self.timeout, stop.clone());
            let mut partner = partner.map_err(|error| CliError::Usage(format!("--engine-cmd {text:?} cannot be started: {error}")))?;
            let taken = |name: &str| OWN_NAMES.contains(&name) || partners.iter().any(|(partner, _)| partner.name() == name);
            let plain = partner.name().to_string();
            let mut name = plain.clone();
            let mut count = 1;
            while taken(&name) {
                count += 1;
                name = format!("{plain} #{count}");
            }
            partner.rename(name);
            partners.push((partner, text));
        }
        Ok(partners)
    }

    /// Starts the processes. Processes of the steps level are given a folder of weights: `weights`, or a
    /// temporary folder with the dense engine's weights.
    pub(super) fn start<L: Commanded>(
        &self,
        weights: Option<&Path>,
        dense: impl FnOnce() -> Result<NetworkEngine<L>, CliError>,
        stop: &Stop,
    ) -> Result<Started<'_, L>, CliError> {
        let partners = self.partners(stop)?;
        let has_steps = partners.iter().any(|(partner, _)| partner.hello().level == Level::Steps);
        let network = has_steps.then(|| dense().and_then(|dense| WithWeights::new(dense, weights))).transpose()?;
        let engine = |partner: Partner| match &network {
            Some(network) if partner.hello().level == Level::Steps => {
                ExternalEngine::of_steps(partner, &network.folder, network.dense.config())
            }
            _ => ExternalEngine::of_results(partner),
        };
        let engines = partners.into_iter().map(|(partner, command)| (engine(partner), command)).collect();
        Ok(Started { engines, network })
    }

    /// The options of the command line that start the same processes.
    pub(super) fn options(&self) -> String {
        self.commands.iter().map(|command| format!(" --engine-cmd {}", quoted(&command.text))).collect()
    }

    /// What identifies the behaviour of the processes, as far as it is known here: their command lines.
    pub(super) fn identity(&self) -> Vec<&str> {
        self.commands.iter().map(|command| &command.text[..]).collect()
    }
}

/// Processes, each with its command.
pub(super) struct Started<'a, L: Commanded> {
    pub engines: Vec<(ExternalEngine<L>, &'a str)>,
    /// The network whose weights the processes of the steps level have; `None` if there is no such process.
    network: Option<WithWeights<L>>,
}

/// A network with its weights in a folder.
struct WithWeights<L: Commanded> {
    dense: NetworkEngine<L>,
    folder: PathBuf,
    /// The folder, if it is a temporary one; removed when this value is dropped.
    temporary: Option<tempfile::TempDir>,
}

impl<L: Commanded> WithWeights<L> {
    /// A network whose weights are in the folder `weights`, or are exported to a temporary folder.
    fn new(dense: NetworkEngine<L>, weights: Option<&Path>) -> Result<WithWeights<L>, CliError> {
        if let Some(weights) = weights {
            return Ok(WithWeights { dense, folder: std::path::absolute(weights)?, temporary: None });
        }
        let temporary = tempfile::Builder::new().prefix("wasmformer-").tempdir();
        let temporary =
            temporary.map_err(|error| CliError::Usage(format!("a temporary folder for the weights cannot be made: {error}")))?;
        dense.model().map_or(Ok(()), |model| folder::save(model, temporary.path()))?;
        Ok(WithWeights { dense, folder: temporary.path().to_path_buf(), temporary: Some(temporary) })
    }
}

impl<L: Commanded> Externals<L> {
    /// Processes to compare with the reference, and, if they are networks, with the dense pass. The dense
    /// pass is limited to `most`: a number of steps, and a number of prompt rows.
    pub(super) fn new(
        Started { engines, network }: Started<'_, L>,
        indexed: Option<NetworkEngine<L>>,
        most: (usize, usize),
        stop: &Stop,
    ) -> Externals<L> {
        let summed_up = |(engine, command): (ExternalEngine<L>, &str)| {
            let summary = Summary::new(&engine, command);
            (engine, summary)
        };
        let engines = engines.into_iter().map(summed_up).collect();
        let (dense, folder) = network.map(|network| (network.dense, network.temporary)).unzip();
        let dense = dense.map(|dense| Bounded::new(Box::new(dense), most));
        let indexed = indexed.filter(|_| dense.is_some());
        Externals { engines, dense, indexed, _folder: folder.flatten(), stop: stop.clone() }
    }

    /// Compares each process on a case. `expected` is the case's expected run, and `judged` is the verdict on
    /// the built-in engines. If the built-in engines diverge, there are no logits to compare with, so only
    /// traces are compared. Returns `None` if the comparison was stopped.
    pub(super) fn judge(
        &mut self,
        case: Case<'_, L>,
        (reference, expected): (&str, &Recorded<L>),
        judged: &Verdict,
    ) -> Result<Option<Vec<Said>>, CliError> {
        if self.engines.is_empty() {
            return Ok(Some(Vec::new()));
        }
        let mut logits = Logits::ignored();
        if let (Verdict::Agree { .. } | Verdict::Inconclusive { .. }, Some(dense), true) = (judged, &self.dense, self.have_logits()) {
            logits = Logits::of(dense);
            for engine in [Some(dense as &dyn Engine<L>), self.indexed.as_ref().map(|indexed| indexed as _)].into_iter().flatten() {
                differs(case, expected, engine, &mut logits).or_else(|error| if error.is_fault { Err(error) } else { Ok(None) })?;
            }
        }
        let dense = self.dense.as_ref().map(|dense| dense as &dyn Engine<L>);
        let conformances = self.each(|engine| {
            let said = conform(case, (reference, expected), engine, dense, logits.clone());
            so_far(said, expected, engine.tells_steps())
        });
        // A process that was stopped has not failed.
        Ok((!self.stop.is_requested()).then(|| self.count(conformances)))
    }

    /// Whether a process that still runs has logits: to compute those it must have takes longer than to run
    /// the program.
    fn have_logits(&self) -> bool {
        let mut running = self.engines.iter().filter(|(engine, _)| engine.partner().retired().is_none());
        running.any(|(engine, _)| engine.transformer().is_some_and(Transformer::has_logits))
    }

    /// Counts a program on which no process is run.
    pub(super) fn not_run(&mut self, reason: &str) -> Vec<Said> {
        let conformances = self.each(|_| Conformance::NotRun { reason: reason.to_string() });
        self.count(conformances)
    }

    /// Returns `of` of each process. A process that failed before its first program is reported as failed on
    /// that program.
    fn each(&self, of: impl Fn(&ExternalEngine<L>) -> Conformance) -> Vec<Conformance> {
        let one = |(engine, summary): &(ExternalEngine<L>, Summary)| match engine.partner().retired() {
            Some(failure) if summary.is_untouched() => Conformance::Failed { reason: failure.to_string() },
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

    /// Lets the processes end, and returns a summary of each.
    pub(super) fn finish(self) -> Vec<Summary> {
        let finish = |(engine, summary): (ExternalEngine<L>, Summary)| {
            engine.finish();
            summary
        };
        self.engines.into_iter().map(finish).collect()
    }
}

/// The conformance of an engine, where agreement on the beginning of a run only is not counted as agreement.
fn so_far<L: Commanded>(said: Conformance, expected: &Recorded<L>, tells_steps: bool) -> Conformance {
    let given_up = given_up(expected);
    let is_seen = tells_steps || given_up.is_none();
    match (said, given_up.or_else(|| L::cut_short(&expected.run.end))) {
        (Conformance::Agree { .. }, Some(reason)) => {
            let so_far = if is_seen { "; the run agrees so far" } else { "" };
            Conformance::NotRun { reason: format!("inconclusive: {reason}{so_far}") }
        }
        (said, _) => said,
    }
}

impl Said {
    /// Prints the conformance, unless it is agreement.
    pub(super) fn print(&self, program: &str, out: &mut dyn Write) -> Result<(), CliError> {
        let engine = &self.engine;
        match &self.conformance {
            Conformance::Agree { .. } => {}
            Conformance::Diverge { report } => writeln!(out, "diverge       {program}: {report}")?,
            Conformance::Failed { reason } => {
                writeln!(out, "failed        {program}: {engine} {reason}")?;
                writeln!(out, "              {engine} is not run on the remaining programs")?;
            }
            Conformance::NotRun { reason } => writeln!(out, "not run       {program}: {engine}: {reason}")?,
        }
        Ok(())
    }
}

impl Summary {
    /// A summary with all counts 0.
    fn new<L: Commanded>(engine: &ExternalEngine<L>, command: &str) -> Summary {
        let hello = engine.partner().hello();
        Summary {
            engine: engine.name().to_string(),
            command: command.to_string(),
            protocol: PROTOCOL,
            level: hello.level,
            offers_logits: hello.logits,
            offers_digest: hello.digest,
            offers_lanes: hello.lanes,
            agree: 0,
            diverge: 0,
            failed: 0,
            not_run: 0,
            steps: 0,
            logits: 0,
        }
    }

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
        let Summary { engine, command, level, agree, diverge, failed, not_run, steps, logits, .. } = self;
        write!(f, "engine {engine} ({command}): {agree} agree, {diverge} diverge, {failed} failed, {not_run} not run")?;
        match level {
            Level::Steps => write!(f, "; {steps} steps agree, {logits} of them with all logits equal to the bit"),
            Level::Results => f.write_str("; it reports no steps: only the end and the final state of each run are compared"),
        }
    }
}

/// Splits a command line into words at blanks, except between single or double quotes. No shell is involved.
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
        _ => Err(format!("expected a number of seconds above 0, at most {MAX_TIMEOUT}")),
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
