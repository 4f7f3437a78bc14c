//! Which numbers of a function are in registers.
//!
//! What a function has computed stays in a register as long as it is read again, if there are enough of them.
//! A number that is kept is stored as soon as it is computed. Another one is stored only if its register is
//! needed.

use crate::Op;

/// The number of registers that have numbers, the first ones.
const HELD: usize = 11;

/// The number of registers that an operation takes at most.
const SPARE: usize = 2;

/// The number of all these registers.
pub(super) const REGISTERS: usize = HELD + SPARE;

/// The registers during a function.
pub(super) struct Registers<'f> {
    function: &'f [Op],
    is_kept: &'f dyn Fn(u16) -> bool,
    holds: [Option<u16>; HELD],
    /// The numbers that are read, in ascending order, each with the last operation that reads it.
    last: Vec<(u16, usize)>,
    /// Registers that the current operation uses.
    busy: [bool; REGISTERS],
    at: usize,
}

impl<'f> Registers<'f> {
    pub fn new(function: &'f [Op], is_kept: &'f dyn Fn(u16) -> bool) -> Registers<'f> {
        let mut last: Vec<(u16, usize)> =
            function.iter().enumerate().flat_map(|(at, op)| op.read().map(move |number| (number, at))).collect();
        last.sort_unstable_by_key(|(number, at)| (*number, std::cmp::Reverse(*at)));
        last.dedup_by_key(|(number, _)| *number);
        Registers { function, is_kept, holds: [None; HELD], last, busy: [false; REGISTERS], at: 0 }
    }

    /// Begins an operation.
    pub fn begin(&mut self, at: usize) {
        self.at = at;
        self.busy = [false; REGISTERS];
        for number in self.function[at].read() {
            if let Some(register) = self.of(number) {
                self.busy[usize::from(register)] = true;
            }
        }
    }

    /// The register that a number is in.
    pub fn of(&self, number: u16) -> Option<u8> {
        self.holds.iter().position(|held| *held == Some(number)).map(|register| register as u8)
    }

    /// A register for the current operation, and the number in it that must be stored before.
    pub fn take(&mut self) -> (u8, Option<u16>) {
        let idle: Vec<usize> = (0..REGISTERS).filter(|register| !self.busy[*register]).collect();
        let free = idle.iter().copied().find(|register| *register < HELD && self.holds[*register].is_none());
        let next_read = |register: &usize| self.holds[*register].map(|number| self.next_read(number));
        let held = || idle.iter().copied().filter(|register| *register < HELD).max_by_key(next_read);
        let register = free.or_else(held).or(idle.first().copied()).expect("an operation takes few registers");
        self.busy[register] = true;
        let before = self.holds.get_mut(register).and_then(Option::take);
        let spilled = before.filter(|number| !(self.is_kept)(*number) && self.is_read_later(*number));
        (register as u8, spilled)
    }

    /// Ends what the current operation reads: any register can be taken now.
    pub fn end_reading(&mut self) {
        self.busy = [false; REGISTERS];
    }

    /// Whether a register cannot hold a number beyond the operation: it is a spare one, or has another number
    /// that is read later.
    pub fn is_lent(&self, register: u8, number: u16) -> bool {
        self.holds.get(usize::from(register)).is_none_or(|held| held.is_some_and(|held| held != number && self.is_read_later(held)))
    }

    fn next_read(&self, number: u16) -> usize {
        let later = self.function.iter().enumerate().skip(self.at);
        later.filter(|(_, op)| op.read().any(|read| read == number)).map(|(at, _)| at).next().unwrap_or(usize::MAX)
    }

    /// Whether a number is read after the current operation.
    pub fn is_read_later(&self, number: u16) -> bool {
        self.last.binary_search_by_key(&number, |(number, _)| *number).is_ok_and(|found| self.last[found].1 > self.at)
    }

    /// Ends the current operation, which leaves a number in a register.
    pub fn end(&mut self, number: u16, register: u8) {
        for register in 0..HELD {
            if self.holds[register].is_some_and(|held| held == number || !self.is_read_later(held)) {
                self.holds[register] = None;
            }
        }
        if self.is_read_later(number) {
            self.holds[usize::from(register)] = Some(number);
        }
    }
}
