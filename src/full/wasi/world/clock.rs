//! Clocks.

use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

/// Nanoseconds in a second.
pub const SECOND: u64 = 1_000_000_000;
/// The nanoseconds by which a set clock advances at each question, so that a program that waits for a time
/// ends.
const STEP: u64 = 1_000_000;
/// The time at which a set clock starts unless told otherwise, in seconds since 1970: the year 2000.
pub const START: u64 = 946_684_800;

/// The clock of all runs.
#[derive(Debug)]
pub enum Clock {
    /// A clock that starts at a time, in nanoseconds since 1970, and advances by a step at each question.
    Set(u64),
    /// This computer's clock. The first run that asks reads it; later runs get the same times.
    Real(Real),
}

/// The times that runs got from this computer's clock.
#[derive(Debug)]
pub struct Real {
    begin: Instant,
    times: Mutex<Vec<Time>>,
}

/// A time, on both clocks of WASI, in nanoseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Time {
    /// Since 1970.
    pub date: u64,
    /// Since a point before the run.
    pub elapsed: u64,
}

impl Default for Clock {
    fn default() -> Clock {
        Clock::Set(START * SECOND)
    }
}

impl Clock {
    /// This computer's clock.
    pub fn real() -> Clock {
        Clock::Real(Real { begin: Instant::now(), times: Mutex::default() })
    }

    /// The smallest difference of two times, in nanoseconds.
    pub fn resolution(&self) -> u64 {
        match self {
            Clock::Set(_) => STEP,
            Clock::Real(_) => 1,
        }
    }
}

/// The clock of one run.
#[derive(Clone, Debug)]
pub struct Ticking<'a> {
    clock: &'a Clock,
    /// The number of questions of this run so far.
    questions: usize,
    elapsed: u64,
}

impl<'a> Ticking<'a> {
    /// A clock before the first question of a run.
    pub fn new(clock: &'a Clock) -> Ticking<'a> {
        Ticking { clock, questions: 0, elapsed: 0 }
    }

    /// The time now.
    pub fn now(&mut self) -> Time {
        self.after(0)
    }

    /// The time after waiting for so many nanoseconds.
    pub fn after(&mut self, nanoseconds: u64) -> Time {
        self.questions += 1;
        match self.clock {
            Clock::Set(start) => {
                self.elapsed = self.elapsed.saturating_add(nanoseconds.max(STEP));
                Time { date: start.saturating_add(self.elapsed), elapsed: self.elapsed }
            }
            Clock::Real(real) => real.at(self.questions - 1, nanoseconds),
        }
    }
}

impl Real {
    /// The answer to a question, by its index in a run. Waits for the nanoseconds if no run has asked yet.
    fn at(&self, index: usize, nanoseconds: u64) -> Time {
        let mut times = self.times.lock().unwrap_or_else(PoisonError::into_inner);
        while times.len() <= index {
            thread::sleep(Duration::from_nanos(nanoseconds));
            let date = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
            times.push(Time { date: date.as_nanos() as u64, elapsed: self.begin.elapsed().as_nanos() as u64 });
        }
        times[index]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_clock_advances_at_each_question_and_a_real_one_is_read_once() {
        let set = Clock::Set(5 * SECOND);
        let mut first = Ticking::new(&set);
        assert_eq!(first.now(), Time { date: 5 * SECOND + STEP, elapsed: STEP });
        assert_eq!(first.after(SECOND).elapsed, STEP + SECOND);
        assert_eq!(Ticking::new(&set).now().elapsed, STEP);

        let real = Clock::real();
        let mut first = Ticking::new(&real);
        let times = [first.now(), first.after(2_000_000), first.now()];
        assert!(times[1].elapsed >= times[0].elapsed + 2_000_000 && times[0].date > START * SECOND);
        let mut second = Ticking::new(&real);
        assert_eq!([second.now(), second.now(), second.now()], times);
    }
}
