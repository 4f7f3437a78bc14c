//! The host of the full machine: everything that surrounds the network while it runs.
//!
//! The host gives the listing, or the rows that hold the program if the weights do. Then it appends every
//! token that the network emits. After a question for input, it also appends the answer. Bytes of a question
//! to the system go to the run's [world](crate::full::wasi), and after the question for a byte of its answer,
//! the host appends that byte. The host reads nothing else, keeps nothing else, and stops at tokens that end
//! a run.

use crate::full::listing::token::{Event, Family, Token, Vocabulary};
use crate::full::program::input::{self, Answer, Input};
use crate::transformer::{Host, Next, Number, Row, Specialized, StoreRow};

/// Maximum number of rows of the prompt that are given at a time.
const PART: usize = 512;

/// The host of one run.
#[derive(Clone, Debug)]
pub struct FullHost<'a> {
    vocabulary: &'a Vocabulary,
    /// The part of the listing that is still to be given.
    listing: std::slice::Iter<'a, Token>,
    /// With what a run begins instead, if the weights hold the program.
    specialized: Option<Box<Specialized>>,
    input: input::Bytes<'a>,
}

impl<'a> FullHost<'a> {
    /// A host for a run of a listing with this input.
    pub fn new(vocabulary: &'a Vocabulary, listing: &'a [Token], input: impl Into<Input<'a>>) -> FullHost<'a> {
        FullHost { vocabulary, listing: listing.iter(), specialized: None, input: input.into().bytes() }
    }

    /// A host for a run of the program that the weights hold.
    pub fn holding(vocabulary: &'a Vocabulary, specialized: Box<Specialized>, input: impl Into<Input<'a>>) -> FullHost<'a> {
        FullHost { specialized: Some(specialized), ..FullHost::new(vocabulary, &[], input) }
    }

    fn row<T>(&self, token: Token) -> Row<T> {
        Row { token: self.vocabulary.id(token), positional: Vec::new() }
    }
}

/// The answer to a question for a byte of input or of the system's answer: a byte, −1 at the end, or −2 where
/// the host would have to wait for the byte.
pub fn answer(question: Event, input: &mut input::Bytes<'_>) -> Token {
    let answer = match question {
        Event::Receive => input.receive(),
        Event::Poll => input.poll(),
        _ => input.ask(),
    };
    match answer {
        Answer::Byte(byte) => Family::Byte(0).token(byte.into()),
        Answer::End => Family::Ones(0).token(255),
        Answer::Later => Family::Ones(0).token(254),
    }
}

impl<T: Number> Host<T> for FullHost<'_> {
    fn begin(&mut self) -> Next<T> {
        if let Some(specialized) = &self.specialized {
            let row = |token| Row { token, positional: Vec::new() };
            let stores = specialized.store_rows().map(|(store, index, token)| StoreRow { store, index, row: row(token) });
            return Next { stores: stores.collect(), rows: specialized.prompt.iter().map(|token| row(*token)).collect() };
        }
        let mut first = Next { stores: Vec::new(), rows: Vec::with_capacity(PART.min(self.listing.len())) };
        self.go_on(&mut first);
        first
    }

    fn go_on(&mut self, given: &mut Next<T>) -> bool {
        if self.listing.as_slice().is_empty() {
            return false;
        }
        let (part, left) = self.listing.as_slice().split_at(PART.min(self.listing.len()));
        self.listing = left.iter();
        given.rows.clear();
        given.rows.extend(part.iter().map(|token| self.row(*token)));
        true
    }

    fn accept(&mut self, token: usize, given: &mut Next<T>) -> bool {
        let Some(token) = self.vocabulary.token(token) else { return false };
        // The stores have been filled.
        given.stores.clear();
        given.rows.clear();
        given.rows.push(self.row(token));
        match (token.family, token.event()) {
            (_, Some(event)) if event.is_question() => {
                let answer = answer(event, &mut self.input);
                given.rows.push(self.row(answer));
            }
            (_, Some(Event::Step)) => {}
            (Family::Send, _) => self.input.send(token.number as u8),
            (Family::Exit | Family::Event, _) => return false,
            _ => {}
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transformer::HeldStore;

    #[test]
    fn stores_are_filled_once() {
        let vocabulary = Vocabulary::new();
        let specialized = Specialized {
            program: String::new(),
            digest: String::new(),
            form: String::new(),
            prompt: vec![0],
            tokens: vocabulary.size(),
            stores: vec![HeldStore { store: 0, first: vocabulary.size(), count: 3 }],
            rows: String::new(),
            host: None,
        };
        let mut host = FullHost::holding(&vocabulary, specialized.into(), &[]);
        let mut given: Next<f64> = host.begin();
        assert_eq!((given.stores.len(), given.rows.len()), (3, 1));
        assert!(host.accept(vocabulary.id(Family::Byte(0).token(1)), &mut given));
        assert_eq!((given.stores.len(), given.rows.len()), (0, 1));
    }

    #[test]
    fn a_prompt_is_given_once_in_parts() {
        let vocabulary = Vocabulary::new();
        for length in [1, PART, PART + 1, 3 * PART] {
            let listing: Vec<Token> = (0..length).map(|row| Family::Forward(0).token((row % 2048) as u16)).collect();
            let mut host = FullHost::new(&vocabulary, &listing, &[]);
            let mut given: Next<f64> = host.begin();
            let mut rows = given.rows.clone();
            while host.go_on(&mut given) {
                assert!((1..=PART).contains(&given.rows.len()));
                rows.extend(given.rows.iter().cloned());
            }
            let tokens: Vec<usize> = rows.iter().map(|row| row.token).collect();
            assert_eq!(tokens, listing.iter().map(|token| vocabulary.id(*token)).collect::<Vec<_>>());
        }
    }
}
