//! Shared by long commands: the number of threads, and a progress bar.

use std::ops::ControlFlow;

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use rayon::{ThreadPool, ThreadPoolBuilder};

use super::CliError;
use super::results::Results;
use crate::harness::Stop;

#[derive(Args)]
pub(super) struct Jobs {
    /// The number of threads; 0 means one per core
    #[arg(long, value_name = "J", default_value_t = 0)]
    jobs: usize,
}

impl Jobs {
    pub(super) fn pool(&self) -> Result<ThreadPool, CliError> {
        let pool = ThreadPoolBuilder::new().num_threads(self.jobs).build();
        pool.map_err(|error| CliError::Usage(format!("no thread pool: {error}")))
    }
}

/// Builds the global pool, for work that is not given to another pool. If no threads can be started, the pool
/// is this thread.
pub(super) fn default_pool() {
    if ThreadPoolBuilder::new().build_global().is_err() {
        let _ = ThreadPoolBuilder::new().num_threads(1).use_current_thread().build_global();
    }
}

/// The progress of a long command: a bar on standard error, if standard error is a terminal. It also reports
/// whether the command must stop, because of an interruption or because its output was closed.
pub(super) struct Progress {
    bar: ProgressBar,
    stop: Stop,
}

impl Progress {
    pub(super) fn new(length: usize, what: &str, out: &Results<'_>) -> Progress {
        let style = ProgressStyle::with_template("{bar:40} {pos}/{len} {msg}, {elapsed} of about {duration}");
        let bar = ProgressBar::new(length as u64).with_message(what.to_string());
        let bar = style.map_or(bar.clone(), |style| bar.with_style(style));
        bar.tick();
        Progress { bar, stop: out.stop().clone() }
    }

    /// Counts one more part as done. Breaks if the command must stop.
    pub(super) fn tick(&self) -> ControlFlow<()> {
        self.bar.inc(1);
        self.stop.flow()
    }

    /// Sets the number of parts that are done.
    pub(super) fn set(&self, position: u64) {
        self.bar.set_position(position);
    }

    /// Whether the command must stop.
    pub(super) fn is_stopped(&self) -> bool {
        self.stop.is_requested()
    }

    /// Runs a function that writes to the terminal, with the bar hidden.
    pub(super) fn suspend<T>(&self, write: impl FnOnce() -> T) -> T {
        self.bar.suspend(write)
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
