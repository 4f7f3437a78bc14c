//! What long commands share: the number of threads, and a progress bar.

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use rayon::{ThreadPool, ThreadPoolBuilder};

use super::CliError;

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

/// A progress bar on standard error, where that is a terminal.
pub(super) fn progress(length: usize, what: &str) -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} {msg}, {elapsed} of about {duration}");
    let bar = ProgressBar::new(length as u64).with_message(what.to_string());
    style.map_or(bar.clone(), |style| bar.with_style(style))
}
