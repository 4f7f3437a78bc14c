//! The input of a program, owned, because wasmtime requires state of host functions that does not borrow.

use std::collections::VecDeque;

use crate::full::program::Input;
use crate::full::program::input::Answer;

/// The [parts](Input::parts) of an input. They are consumed in order.
pub(super) struct Parts(VecDeque<VecDeque<u8>>);

impl Parts {
    /// The parts of an input.
    pub(super) fn of(input: Input<'_>) -> Parts {
        Parts(input.parts().into_iter().map(VecDeque::from).collect())
    }

    /// The next byte, or the end.
    pub(super) fn ask(&mut self) -> Answer {
        if self.has_to_wait() {
            self.0.pop_front();
        }
        self.poll()
    }

    /// The next byte, or the end, or the answer that the byte has not arrived yet.
    pub(super) fn poll(&mut self) -> Answer {
        if self.has_to_wait() {
            return Answer::Later;
        }
        self.0.front_mut().and_then(VecDeque::pop_front).map_or(Answer::End, Answer::Byte)
    }

    /// Whether the current part is used up and another part follows.
    fn has_to_wait(&self) -> bool {
        self.0.len() > 1 && self.0.front().is_some_and(VecDeque::is_empty)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_waited_for_as_the_stream_was() {
        let mut parts = Parts([&b"ab"[..], b"c"].map(|part| part.iter().copied().collect()).into());
        let (a, b, c) = (Answer::Byte(b'a'), Answer::Byte(b'b'), Answer::Byte(b'c'));
        assert_eq!([parts.poll(), parts.ask(), parts.poll(), parts.poll()], [a, b, Answer::Later, Answer::Later]);
        assert_eq!([parts.ask(), parts.poll(), parts.ask()], [c, Answer::End, Answer::End]);
    }
}
