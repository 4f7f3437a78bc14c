//! The system of a run, as answers that were given before.

use std::collections::VecDeque;

/// The questions that a run has asked, and the answers that it still gets.
pub(super) struct Asked {
    /// The bytes of all questions.
    pub(super) requests: Vec<u8>,
    answers: VecDeque<VecDeque<u8>>,
    answer: VecDeque<u8>,
    asks: bool,
}

impl Asked {
    /// A run before its first question. `answers` are those to its questions, in order.
    pub(super) fn of(answers: &[Vec<u8>]) -> Asked {
        let answers = answers.iter().map(|answer| answer.iter().copied().collect()).collect();
        Asked { requests: Vec::new(), answers, answer: VecDeque::new(), asks: false }
    }

    /// Takes a byte of a question.
    pub(super) fn send(&mut self, byte: u8) {
        self.requests.push(byte);
        self.asks = true;
    }

    /// The next byte of the answer, or −1 at its end.
    pub(super) fn receive(&mut self) -> i32 {
        if std::mem::take(&mut self.asks) {
            self.answer = self.answers.pop_front().unwrap_or_default();
        }
        self.answer.pop_front().map_or(-1, i32::from)
    }
}
