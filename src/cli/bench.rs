//! `wasmformer bench`.

use std::io::Write;
use std::path::PathBuf;
use std::time::Instant;

use clap::Args;
use rayon::ThreadPoolBuilder;

use super::r#gen::write_file;
use super::jobs::progress;
use super::{CliError, Outcome};
use crate::harness::bench::growth::{Cost, costs};
use crate::harness::bench::{NESTED_LOOPS, Speed, plot, race};
use crate::harness::compliance::suite;
use crate::harness::engines::TeacherForcedEngine;
use crate::harness::{Case, DenseEngine, Engine, IndexedEngine, VmEngine, WasmiEngine};
use crate::machine::byte;
use crate::program::reader::{Module, read_bytes, read_file};
use crate::program::{Files, Source};
use crate::transformer::{IndexedModel, folder};

/// Lengths of the trace at which a token's cost is measured; the dense pass only at the first few.
const LENGTHS: [u64; 5] = [1_000, 10_000, 100_000, 1_000_000, 10_000_000];
const DENSE_LENGTHS: usize = 2;
/// The steps of the program that all engines run once more, for a length at which the dense pass is compared.
const SHORT: u64 = 1_000;

#[derive(Args)]
pub(super) struct Bench {
    /// Programs to run besides the suite and the nested loops
    programs: Vec<PathBuf>,
    /// Leave out the traces of a million and of ten million tokens
    #[arg(long)]
    quick: bool,
    /// Draw the cost of a token over the length of the trace
    #[arg(long, value_name = "SVG")]
    plot: Option<PathBuf>,
}

impl Bench {
    pub(super) fn execute(&self, out: &mut dyn Write) -> Result<Outcome, CliError> {
        let nested = read_bytes(&Source::named("nested-loops.wat"), NESTED_LOOPS.as_bytes())?;
        let programs = self.programs.iter().map(|path| read_file(path)).collect::<Result<Vec<Module>, _>>()?;
        let bar = progress(4 + programs.len(), "parts");

        writeln!(out, "From weights in a folder to ready: {:.1} ms.\n", loading()? * 1e3)?;
        bar.inc(1);

        let (dense, indexed) = (DenseEngine::compiled(), IndexedEngine::compiled());
        // Growth comes first: resident memory is the whole process's.
        self.growth(out, &nested, &dense, &indexed)?;
        bar.inc(1);

        let (vm, wasmi, forced) = (VmEngine, WasmiEngine::default(), TeacherForcedEngine::indexed(&indexed));
        let dense_forced = TeacherForcedEngine::new(dense.model());
        let engines: [&(dyn Engine + Sync); 6] = [&vm, &wasmi, &indexed, &forced, &dense, &dense_forced];
        writeln!(out, "| program | steps | {} |", engines.map(|engine| engine.name().to_string()).join(" | "))?;
        writeln!(out, "| --- | ---: |{}", " ---: |".repeat(engines.len()))?;
        let one_thread =
            ThreadPoolBuilder::new().num_threads(1).build().map_err(|error| CliError::Usage(format!("no thread pool: {error}")))?;
        let race = |cases: &[Case<'_>], limit| one_thread.install(|| race(cases, &engines, limit));
        let entries = suite()?;
        let files: Vec<Files> = entries.iter().map(|entry| entry.module.header.files()).collect();
        let cases: Vec<Case<'_>> =
            entries.iter().zip(&files).map(|(entry, files)| Case { program: &entry.module.program, files }).collect();
        row(out, "the compliance suite", &race(&cases, u64::MAX)?)?;
        bar.inc(1);
        let case = Case { program: &nested.program, files: &nested.header.files() };
        row(out, "nested loops, first 1,000 steps", &race(&[case], SHORT)?)?;
        bar.inc(1);
        for (path, module) in self.programs.iter().zip(&programs) {
            let case = Case { program: &module.program, files: &module.header.files() };
            row(out, &path.display().to_string(), &race(&[case], u64::MAX)?)?;
            bar.inc(1);
        }
        bar.finish_and_clear();
        writeln!(out, "\nIn tokens a second, and as a multiple of the dense pass; each engine on one thread, the best of five rounds.")?;
        Ok(Outcome::Good)
    }

    fn growth(&self, out: &mut dyn Write, nested: &Module, dense: &DenseEngine, indexed: &IndexedEngine) -> Result<(), CliError> {
        let case = Case { program: &nested.program, files: &nested.header.files() };
        let lengths = if self.quick { &LENGTHS[..3] } else { &LENGTHS };
        let of_indexed = costs(case, indexed, lengths)?;
        let of_dense = costs(case, dense, &LENGTHS[..DENSE_LENGTHS])?;
        writeln!(out, "| length of the trace | indexed, ns a token | resident memory | dense, ns a token | dense / indexed |")?;
        writeln!(out, "| ---: | ---: | ---: | ---: | ---: |")?;
        for (index, Cost { length, nanoseconds, memory }) in of_indexed.iter().enumerate() {
            let memory = memory.map_or("not told".to_string(), |bytes| format!("{:.1} MB", bytes as f64 / 1e6));
            let dense = of_dense.get(index).map(|cost| cost.nanoseconds);
            let cells = dense
                .map_or("not run: it slows down with length | ".to_string(), |dense| format!("{dense:.0} | {:.0}", dense / nanoseconds));
            writeln!(out, "| {} | {nanoseconds:.0} | {memory} | {cells} |", thousands(*length))?;
        }
        writeln!(out)?;
        match &self.plot {
            Some(path) => write_file(path, &plot::costs(&[("indexed", of_indexed), ("dense", of_dense)])),
            None => Ok(()),
        }
    }
}

/// Seconds from an exported folder to a model that can run: the best of ten.
fn loading() -> Result<f64, CliError> {
    let (model, _) = byte::compile::<f32>().map_err(|error| CliError::Usage(error.to_string()))?;
    let folder = tempfile::tempdir()?;
    folder::save(&model, folder.path())?;
    let mut best = f64::INFINITY;
    for _ in 0..10 {
        let started = Instant::now();
        let loaded = folder::load::<f32>(folder.path())?;
        std::hint::black_box(IndexedModel::new(&loaded));
        best = best.min(started.elapsed().as_secs_f64());
    }
    Ok(best)
}

fn row(out: &mut dyn Write, name: &str, speeds: &[Speed]) -> Result<(), CliError> {
    let [.., dense, _] = speeds else { return Ok(()) };
    let cell = |speed: &Speed| {
        let tokens = speed.tokens_per_second();
        format!(" {} ({:.1} ×) |", thousands(tokens as u64), tokens / dense.tokens_per_second())
    };
    writeln!(out, "| {name} | {} |{}", thousands(dense.steps), speeds.iter().map(cell).collect::<String>())?;
    Ok(())
}

/// A number with its thousands set apart.
fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let groups: Vec<&str> = digits.as_bytes().rchunks(3).rev().map(|group| std::str::from_utf8(group).unwrap_or_default()).collect();
    groups.join(",")
}
