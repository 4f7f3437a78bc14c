//! Ending work before it is done, so that what is known by then can still be told.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Asks all who hold a clone of it to end their work early.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<AtomicBool>);

/// Called after each part of long work, on whichever thread has done it. It may end the work there.
pub type Tick<'t> = dyn Fn() -> ControlFlow<()> + Sync + 't;

impl Stop {
    /// Asks.
    pub fn request(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether it was asked.
    pub fn is_requested(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Asks where a [`Tick`] says so.
    pub fn heed(&self, flow: ControlFlow<()>) {
        if flow.is_break() {
            self.request();
        }
    }

    /// Whether to go on.
    pub fn flow(&self) -> ControlFlow<()> {
        if self.is_requested() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}
