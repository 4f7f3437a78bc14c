//! Soaking in batches, with a checkpoint after each batch. An interrupted run continues from its checkpoint.

use std::fs;
use std::io::{ErrorKind, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::files::{lock, write_file};
use super::jobs::Progress;
use super::results::Results;
use super::{CliError, Outcome, complain};
use crate::shown;

/// A kind of soaking: it runs programs of a seed's sequence on engines, and counts the results.
pub(super) trait Soaking {
    /// The counts.
    type Counts: Default + Serialize + DeserializeOwned;

    /// Programs between two checkpoints.
    const BATCH: u64;

    /// Runs programs and adds to the counts.
    fn run(&self, indices: Range<u64>, counts: &mut Self::Counts, progress: &Progress) -> Result<(), CliError>;

    /// The number of programs in the counts.
    fn programs(counts: &Self::Counts) -> u64;

    /// Prints the counts.
    fn tell(&self, counts: &Self::Counts, out: &mut dyn Write) -> Result<Outcome, CliError>;
}

/// When soaking is done.
#[derive(Clone, Copy)]
pub(super) enum Until {
    /// After this number of programs.
    Count(u64),
    /// After this number of seconds.
    Seconds(u64),
}

/// The checkpoint file of a run, and the identity of runs that may continue from it.
pub(super) struct Kept {
    /// The checkpoint's file.
    pub path: PathBuf,
    /// Identifies the executable, the weights and what was measured. A checkpoint with another identity is
    /// not used, because its results are not results of this run.
    pub of: String,
}

#[derive(Serialize, Deserialize)]
struct Checkpoint<C> {
    of: String,
    next: u64,
    /// Whether the folder was created for this checkpoint.
    made_folder: bool,
    counts: C,
}

/// Runs a seed's programs in batches, and prints the counts of all batches. If the run is stopped, the next
/// run continues where it ended.
pub(super) fn soak<S: Soaking>(soaking: &S, kept: &Kept, until: Until, out: &mut Results<'_>) -> Result<Outcome, CliError> {
    let folder = kept.path.parent().unwrap_or(Path::new("."));
    let made_folder = !folder.exists();
    fs::create_dir_all(folder).map_err(|error| CliError::Usage(format!("{}: cannot be made: {error}", shown::path(folder))))?;
    let lock = lock(&kept.path)?;
    let mut checkpoint = resume::<S>(kept, until, made_folder)?;
    let started = Instant::now();
    let (length, unit) = match until {
        Until::Count(count) => (count, "programs"),
        Until::Seconds(seconds) => (seconds, "seconds"),
    };
    let progress = Progress::new(length as usize, unit, out);
    let is_done = |next| match until {
        Until::Count(count) => next >= count,
        Until::Seconds(seconds) => started.elapsed() >= Duration::from_secs(seconds),
    };
    while !is_done(checkpoint.next) && !progress.is_stopped() {
        let end = checkpoint.next.saturating_add(S::BATCH);
        let end = if let Until::Count(count) = until { end.min(count) } else { end };
        soaking.run(checkpoint.next..end, &mut checkpoint.counts, &progress)?;
        checkpoint.next = end;
        let json = serde_json::to_string(&checkpoint).map_err(|error| CliError::Usage(error.to_string()))?;
        write_file(&kept.path, &json)?;
        progress.set(if let Until::Count(_) = until { end } else { started.elapsed().as_secs() });
    }
    drop(progress);

    let outcome = soaking.tell(&checkpoint.counts, out)?;
    if !is_done(checkpoint.next) {
        complain(&format!("stopped; the same command will continue at program {}", checkpoint.next));
    } else if out.arrived() {
        // A run that is done and whose counts are printed needs no checkpoint; the next run is a new one.
        let _ = fs::remove_file(&kept.path);
        drop(lock);
        if checkpoint.made_folder {
            let _ = fs::remove_dir(folder);
        }
    }
    Ok(outcome)
}

/// The checkpoint of an interrupted run if its identity is that of this run, else a new checkpoint.
fn resume<S: Soaking>(Kept { path, of }: &Kept, until: Until, made_folder: bool) -> Result<Checkpoint<S::Counts>, CliError> {
    let anew = || Checkpoint { of: of.clone(), next: 0, made_folder, counts: S::Counts::default() };
    let shown = shown::path(path);
    let json = match fs::read(path) {
        Ok(json) => json,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(anew()),
        Err(error) => return Err(CliError::Usage(format!("{shown}: cannot be read: {error}"))),
    };
    match serde_json::from_slice::<Checkpoint<S::Counts>>(&json) {
        Ok(checkpoint) if checkpoint.of != *of => {
            complain(&format!("{shown}: the checkpoint belongs to another build of wasmformer or to other weights; starting at program 0"));
            Ok(anew())
        }
        Ok(checkpoint) if checkpoint.next != S::programs(&checkpoint.counts) => {
            complain(&format!(
                "{shown}: the checkpoint is damaged: its counts do not add up to {} programs; starting at program 0",
                checkpoint.next
            ));
            Ok(anew())
        }
        Ok(Checkpoint { next, .. }) if matches!(until, Until::Count(count) if count < next) => Err(CliError::Usage(format!(
            "{shown}: an interrupted run has {next} programs already, more than --count asks for; let it go on with a larger count, \
             remove it, or name another --output"
        ))),
        Ok(checkpoint) => {
            complain(&format!("{shown}: continuing at program {}", checkpoint.next));
            Ok(checkpoint)
        }
        Err(error) => {
            complain(&format!("{shown}: the checkpoint is damaged: {error}; starting at program 0"));
            Ok(anew())
        }
    }
}
