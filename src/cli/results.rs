//! Standard output. When writing to it fails, the command is asked to stop, and later output is discarded. So
//! the command ends as after any other stop: it prints its results so far.

use std::io::{self, Write};

use crate::harness::Stop;

/// The output to which a command writes its results.
pub(super) struct Results<'o> {
    out: &'o mut dyn Write,
    stop: Stop,
    lost: Option<io::Error>,
}

impl Results<'_> {
    pub(super) fn new(out: &mut dyn Write) -> Results<'_> {
        Results { out, stop: Stop::default(), lost: None }
    }

    /// The flag that asks the command to stop.
    pub(super) fn stop(&self) -> &Stop {
        &self.stop
    }

    /// Whether all that was written could be flushed.
    pub(super) fn arrived(&mut self) -> bool {
        let _ = self.flush();
        self.lost.is_none()
    }

    /// The error because of which output was lost, if any was.
    pub(super) fn into_lost(mut self) -> Option<io::Error> {
        let _ = self.flush();
        self.lost
    }

    /// Runs `attempt`, unless output was lost before. An error that a retry cannot mend is stored and
    /// requests the stop; `done` is then returned, as if all had been written.
    fn unless_lost<T>(&mut self, done: T, attempt: impl FnOnce(&mut dyn Write) -> io::Result<T>) -> io::Result<T> {
        if self.lost.is_some() {
            return Ok(done);
        }
        match attempt(self.out) {
            Err(error) if error.kind() != io::ErrorKind::Interrupted => {
                self.lost = Some(error);
                self.stop.request();
                Ok(done)
            }
            result => result,
        }
    }
}

impl Write for Results<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.unless_lost(bytes.len(), |out| out.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.unless_lost((), |out| out.flush())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A writer that accepts this number of bytes.
    struct Full(usize);

    impl Write for Full {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 = self.0.checked_sub(bytes.len()).ok_or(io::ErrorKind::BrokenPipe)?;
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn what_is_lost_stops_the_command_and_is_no_error_to_it() {
        let mut out = Full(4);
        let mut results = Results::new(&mut out);
        let stop = results.stop().clone();
        writeln!(results, "abc").unwrap();
        assert!(results.arrived() && !stop.is_requested());
        writeln!(results, "d").unwrap();
        assert!(!results.arrived() && stop.is_requested());
        writeln!(results, "e").unwrap();
        assert_eq!(results.into_lost().map(|error| error.kind()), Some(io::ErrorKind::BrokenPipe));
    }
}
