//! `wasmformer mutate`.

use std::collections::BTreeMap;
use std::io::Write;
use std::time::Instant;

use clap::Args;
use rayon::ThreadPool;
use rayon::prelude::*;

use super::jobs::{Jobs, Progress};
use super::results::Results;
use super::{CliError, Outcome, complain};
use crate::circuit::{Bounds, Circuit, CircuitError};
use crate::harness::mutate::ablate::{Unit, wrong};
use crate::harness::mutate::byte::equivalence::Rules;
use crate::harness::mutate::equivalence::{Class, General};
use crate::harness::mutate::{Fate, Mutant, Origin, Programs, Tensor, Trials, byte, full};
use crate::harness::{EngineError, Full, Language};
use crate::load::LanguageName;
use crate::transformer::{Model, Number};

#[derive(Args)]
pub(super) struct Mutate {
    /// The machine whose weights are changed. The full machine has some 780,000 mutants: use --sample
    #[arg(long, alias = "model", value_enum, default_value_t = LanguageName::Byte)]
    machine: LanguageName,
    #[command(flatten)]
    jobs: Jobs,
    /// Run only this many mutants, taken at even distances from all
    #[arg(long, value_name = "K", value_parser = clap::value_parser!(u32).range(1..))]
    sample: Option<u32>,
    /// Take out every head and neuron of the byte machine instead, and print which instructions of the suite
    /// go wrong without it: one line of CSV for each of them
    #[arg(long, conflicts_with = "sample")]
    csv: bool,
}

/// The most rows of a program's trace that `--csv` feeds in. Longer ones take most of the time and have no
/// instruction that the others have not.
const ABLATION_ROWS: usize = 400;

/// A machine whose weights are changed.
struct Subject<'a, T> {
    circuit: &'a Circuit,
    model: &'a Model<T>,
    /// What equivalence rules say of a mutant.
    class: &'a (dyn Fn(Mutant) -> Option<Class> + Sync),
    columns: &'static [Column],
    /// Whether there may be survivors that no rule explains.
    may_survive: bool,
    /// What the suite is called, and what a token that differs.
    words: [&'static str; 2],
    /// The name of a token, where it has another than its number.
    token: Option<fn(usize) -> String>,
}

/// A mutant's fate beside what the rules say of it.
struct Judged {
    fate: Fate,
    class: Option<Class>,
}

/// What became of a mutant, with the heading of its column.
type Column = (Kind, &'static str);

/// What became of a mutant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Suite,
    Generated,
    Probe,
    Equivalent,
    Unexercised,
    Survived,
}

const OF_BYTE: &[Column] = &[
    (Kind::Suite, "by suite"),
    (Kind::Generated, "generated"),
    (Kind::Probe, "probes"),
    (Kind::Equivalent, "equivalent"),
    (Kind::Survived, "unexplained"),
];

const OF_FULL: &[Column] = &[
    (Kind::Suite, "by corpus"),
    (Kind::Generated, "generated"),
    (Kind::Probe, "probes"),
    (Kind::Equivalent, "equivalent"),
    (Kind::Unexercised, "not exercised"),
    (Kind::Survived, "survived"),
];

impl Mutate {
    pub(super) fn execute(&self, out: &mut Results<'_>) -> Result<Outcome, CliError> {
        let pool = self.jobs.pool()?;
        if self.csv {
            return match self.machine {
                LanguageName::Byte => ablations(&pool, out),
                LanguageName::Full => Err(CliError::Usage("--csv is for the byte machine".to_string())),
            };
        }
        match self.machine {
            LanguageName::Byte => {
                let circuit = crate::byte::machine::circuit();
                let (model, bounds) = compiled(&circuit)?;
                let rules = Rules::new(&model, &circuit, &bounds);
                let subject = Subject {
                    circuit: &circuit,
                    model: &model,
                    class: &|mutant| rules.class(mutant),
                    columns: OF_BYTE,
                    may_survive: false,
                    words: ["suite", "step"],
                    token: None,
                };
                self.judge(&subject, &pool, || byte::programs(&model.config, byte::GENERATED), out)
            }
            LanguageName::Full => {
                let circuit = crate::full::machine::circuit();
                let (model, bounds) = compiled(&circuit)?;
                let rules = General::new(&model, &circuit, &bounds);
                let subject = Subject {
                    circuit: &circuit,
                    model: &model,
                    class: &|mutant| rules.class(mutant),
                    columns: OF_FULL,
                    may_survive: true,
                    words: ["corpus", "token"],
                    token: Some(Full::token_name),
                };
                self.judge(&subject, &pool, || full::programs(&model, full::GENERATED), out)
            }
        }
    }

    fn judge<'m, T: Number>(
        &self,
        subject: &Subject<'m, T>,
        pool: &ThreadPool,
        programs: impl FnOnce() -> Result<Programs<'m, T>, EngineError> + Send,
        out: &mut Results<'_>,
    ) -> Result<Outcome, CliError> {
        let start = Instant::now();
        let all = Mutant::all(subject.model);
        let wanted = self.sample.map_or(all.len(), |sample| all.len().min(sample as usize));
        let mutants: Vec<Mutant> = (0..wanted).map(|index| all[index * all.len() / wanted]).collect();
        let progress = Progress::new(mutants.len(), "mutants", out);
        let trials = pool.install(|| Trials::new(subject.model, programs()?))?;
        let judge = |mutant: &Mutant| {
            if progress.is_stopped() {
                return Ok(None);
            }
            let judged = Judged { fate: trials.judge(*mutant)?, class: (subject.class)(*mutant) };
            let _ = progress.tick();
            Ok(Some(judged))
        };
        let judged = pool.install(|| mutants.par_iter().map(judge).collect::<Result<Vec<Option<Judged>>, CliError>>())?;
        let judged: Vec<Judged> = judged.into_iter().flatten().collect();
        drop(progress);

        if judged.len() < mutants.len() {
            writeln!(out, "stopped after {} of {} mutants", judged.len(), mutants.len())?;
        }
        writeln!(out, "{} of {} mutants of {} weights; {} programs", judged.len(), all.len(), subject.model.non_zeros(), trials.len())?;
        subject.table(out, &judged)?;
        subject.survivors(out, &judged)?;
        complain(&format!("{:.1} s", start.elapsed().as_secs_f64()));
        let is_sound = |j: &Judged| match (&j.fate.killer, j.class) {
            (Some(_), class) => class.is_none(),
            (None, class) => subject.may_survive || class.is_some(),
        };
        Ok(if judged.iter().all(is_sound) { Outcome::Good } else { Outcome::Bad })
    }
}

/// The ablation table of the byte machine, as CSV.
fn ablations(pool: &ThreadPool, out: &mut Results<'_>) -> Result<Outcome, CliError> {
    let circuit = crate::byte::machine::circuit();
    let (model, _) = compiled::<f32>(&circuit)?;
    let exercises = pool.install(|| byte::exercises(&model.config, ABLATION_ROWS))?;
    let units = Unit::all(&circuit);
    let progress = Progress::new(units.len(), "heads and neurons", out);
    let of = |unit: &Unit| {
        let counts = (!progress.is_stopped()).then(|| wrong(&unit.out_of(&model), &exercises));
        let _ = progress.tick();
        counts
    };
    let counted = pool.install(|| units.par_iter().map(of).collect::<Vec<_>>());
    drop(progress);
    writeln!(out, "kind,layer,number,name,instruction,executed,wrong")?;
    for (unit, counts) in units.iter().zip(&counted) {
        let (kind, layer, number, name) = unit.describe(&circuit);
        for (instruction, (executed, wrong)) in counts.iter().flatten() {
            writeln!(out, "{kind},{layer},{number},\"{}\",{instruction},{executed},{wrong}", name.replace('"', "\"\""))?;
        }
    }
    match counted.iter().filter(|counts| counts.is_none()).count() {
        0 => Ok(Outcome::Good),
        missing => Err(CliError::Usage(format!("stopped; {missing} heads and neurons are missing"))),
    }
}

fn compiled<T: Number>(circuit: &Circuit) -> Result<(Model<T>, Bounds), CliError> {
    circuit.compile().map_err(|error: CircuitError| CliError::Usage(error.to_string()))
}

impl<T: Number> Subject<'_, T> {
    fn kind(&self, Judged { fate, class }: &Judged) -> Kind {
        match (&fate.killer, class) {
            (Some((Origin::Suite(_), _)), _) => Kind::Suite,
            (Some((Origin::Generated(_), _)), _) => Kind::Generated,
            (Some((Origin::Probe(_), _)), _) => Kind::Probe,
            (None, Some(_)) => Kind::Equivalent,
            (None, None) if self.may_survive && !fate.exercised => Kind::Unexercised,
            (None, None) => Kind::Survived,
        }
    }

    /// Mutants by matrix: killed, and by which programs first; equivalent; and what neither is.
    fn table(&self, out: &mut dyn Write, judged: &[Judged]) -> Result<(), CliError> {
        let headings: String = self.columns.iter().map(|(_, heading)| format!("  {heading}")).collect();
        writeln!(out, "{:<26}  mutants  killed{headings}", "matrix")?;
        let kinds: Vec<(Tensor, Kind)> = judged.iter().map(|judged| (judged.fate.mutant.site.tensor, self.kind(judged))).collect();
        for tensor in Tensor::all(self.model.layers.len()) {
            let of_tensor: Vec<Kind> = kinds.iter().filter(|(other, _)| *other == tensor).map(|(_, kind)| *kind).collect();
            if !of_tensor.is_empty() {
                self.row(out, &tensor.to_string(), &of_tensor)?;
            }
        }
        let kinds: Vec<Kind> = kinds.into_iter().map(|(_, kind)| kind).collect();
        self.row(out, "all", &kinds)?;

        let killed = kinds.iter().filter(|kind| is_kill(**kind)).count();
        let tellable = killed + count(&kinds, Kind::Survived);
        let exercised = if self.may_survive { "exercised and " } else { "" };
        writeln!(out, "{killed} of {tellable} mutants that are {exercised}not equivalent are killed: {:.2} %", percent(killed, tellable))?;
        let by_suite = count(&kinds, Kind::Suite);
        writeln!(out, "the {} alone: {by_suite} of {tellable}, {:.2} %", self.words[0], percent(by_suite, tellable))?;
        Ok(())
    }

    fn row(&self, out: &mut dyn Write, name: &str, kinds: &[Kind]) -> Result<(), CliError> {
        let killed = kinds.iter().filter(|kind| is_kill(**kind)).count();
        let cells = self.columns.iter().map(|(kind, heading)| format!("  {:>width$}", count(kinds, *kind), width = heading.len()));
        writeln!(out, "{name:<26}  {:>7}  {killed:>6}{}", kinds.len(), cells.collect::<String>())?;
        Ok(())
    }

    /// Survivors by class with the reason, then those that no rule explains, then rules that a program
    /// refutes.
    fn survivors(&self, out: &mut dyn Write, judged: &[Judged]) -> Result<(), CliError> {
        let mut classes: BTreeMap<Class, Vec<Mutant>> = BTreeMap::new();
        for judged in judged.iter().filter(|judged| judged.fate.killer.is_none()) {
            judged.class.iter().for_each(|class| classes.entry(*class).or_default().push(judged.fate.mutant));
        }
        for (class, mutants) in &classes {
            let proof = format!("{:?}", class.proof).to_lowercase();
            writeln!(out, "\nequivalent, {}: {} ({proof}: {})", class.name, mutants.len(), class.reason)?;
            mutants.iter().try_for_each(|mutant| writeln!(out, "  {}", self.line(*mutant)))?;
        }
        for (kind, name) in self.columns.iter().filter(|(kind, _)| matches!(kind, Kind::Unexercised | Kind::Survived)) {
            let of_kind: Vec<&Judged> = judged.iter().filter(|judged| self.kind(judged) == *kind).collect();
            if self.may_survive && !of_kind.is_empty() {
                writeln!(out, "\n{name}: {}", of_kind.len())?;
            }
            let before = if self.may_survive { "  ".to_string() } else { format!("\n{name}: ") };
            of_kind.iter().try_for_each(|judged| writeln!(out, "{before}{}", self.line(judged.fate.mutant)))?;
        }
        for Judged { fate, class } in judged {
            if let (Some((origin, at)), Some(class)) = (&fate.killer, class) {
                let (line, name, word) = (self.line(fate.mutant), class.name, self.words[1]);
                writeln!(out, "\nrefuted: {line} is equivalent by a rule ({name}), but {origin} differs at {word} {at}")?;
            }
        }
        Ok(())
    }

    fn line(&self, mutant: Mutant) -> String {
        let site = mutant.site;
        let mut names = site.describe(self.circuit);
        if let (Some(name), Tensor::Embedding | Tensor::Unembedding) = (self.token, site.tensor) {
            names = format!("{}, {names}", name(site.row));
        }
        format!("{} [{}, {}] {} {}: {names}", site.tensor, site.row, site.column, site.weight(self.model), mutant.change)
    }
}

fn is_kill(kind: Kind) -> bool {
    matches!(kind, Kind::Suite | Kind::Generated | Kind::Probe)
}

fn count(kinds: &[Kind], wanted: Kind) -> usize {
    kinds.iter().filter(|kind| **kind == wanted).count()
}

fn percent(part: usize, whole: usize) -> f64 {
    100.0 * part as f64 / whole.max(1) as f64
}
