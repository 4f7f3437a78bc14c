//! Ending work early, so that the results known by then can still be reported.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A flag that asks all holders of its clones to end their work early.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<AtomicBool>);

/// A callback that is called after each part of long work, on the thread that did the part. It may end the
/// work there.
pub type Tick<'t> = dyn Fn() -> ControlFlow<()> + Sync + 't;

impl Stop {
    /// Asks the holders to end their work.
    pub fn request(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether the holders were asked to end their work.
    pub fn is_requested(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Asks the holders to end their work if a [`Tick`] returned a break.
    pub fn heed(&self, flow: ControlFlow<()>) {
        if flow.is_break() {
            self.request();
        }
    }

    /// Whether to continue.
    pub fn flow(&self) -> ControlFlow<()> {
        if self.is_requested() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}
