//! What long commands share: the number of threads, and a progress bar.

use std::ops::ControlFlow;

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use rayon::{ThreadPool, ThreadPoolBuilder};

use super::CliError;
use super::results::Results;
use crate::harness::Stop;

#[derive(Args)]
pub(super) struct Jobs {
    /// Threads; 0 is one for each core
    #[arg(long, value_name = "J", default_value_t = 0)]
    jobs: usize,
}

impl Jobs {
    pub(super) fn pool(&self) -> Result<ThreadPool, CliError> {
        let pool = ThreadPoolBuilder::new().num_threads(self.jobs).build();
        pool.map_err(|error| CliError::Usage(format!("no thread pool: {error}")))
    }
}

/// Makes sure of a pool for work that is given to no other: where no threads may be started, it is this
/// thread.
pub(super) fn default_pool() {
    if ThreadPoolBuilder::new().build_global().is_err() {
        let _ = ThreadPoolBuilder::new().num_threads(1).use_current_thread().build_global();
    }
}

/// How far a long command is: a bar on standard error, where that is a terminal. The command goes on while
/// nobody asks it to stop, by an interruption or by closing its output.
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

    /// One more is done.
    pub(super) fn tick(&self) -> ControlFlow<()> {
        self.bar.inc(1);
        self.stop.flow()
    }

    /// So many are done.
    pub(super) fn set(&self, position: u64) {
        self.bar.set_position(position);
    }

    /// Whether to stop.
    pub(super) fn is_stopped(&self) -> bool {
        self.stop.is_requested()
    }

    /// Does something that writes to the terminal.
    pub(super) fn suspend<T>(&self, write: impl FnOnce() -> T) -> T {
        self.bar.suspend(write)
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
