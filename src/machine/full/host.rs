//! The host of the full machine: all that surrounds the network while it runs.
//!
//! It gives the listing, then appends every token that the network emits; after the question for input also the
//! answer. It reads nothing else, keeps nothing else, and stops at tokens that end a run.

use super::token::{Event, Family, Token, Vocabulary};
use crate::transformer::{Host, Next, Number, Row};

/// A run's surroundings.
#[derive(Clone, Debug)]
pub struct FullHost<'a> {
    vocabulary: &'a Vocabulary,
    listing: &'a [Token],
    input: std::slice::Iter<'a, u8>,
}

impl<'a> FullHost<'a> {
    /// A host for a run of a listing with this input.
    pub fn new(vocabulary: &'a Vocabulary, listing: &'a [Token], input: &'a [u8]) -> FullHost<'a> {
        FullHost { vocabulary, listing, input: input.iter() }
    }

    fn row<T>(&self, token: Token) -> Row<T> {
        Row { token: self.vocabulary.id(token), positional: Vec::new() }
    }
}

/// The answer to the question for input: a byte, or −1 at the end.
pub fn answer(byte: Option<u8>) -> Token {
    byte.map_or(Family::Ones(0).token(255), |byte| Family::Byte(0).token(byte.into()))
}

impl<T: Number> Host<T> for FullHost<'_> {
    fn begin(&mut self) -> Next<T> {
        Next { stores: Vec::new(), rows: self.listing.iter().map(|token| self.row(*token)).collect() }
    }

    fn accept(&mut self, token: usize, mut spent: Next<T>) -> Option<Next<T>> {
        let token = self.vocabulary.token(token)?;
        spent.rows.clear();
        spent.rows.push(self.row(token));
        match (token.family, token.event()) {
            // Input held in memory never has to be waited for.
            (_, Some(Event::Ask | Event::Poll)) => {
                let answer = answer(self.input.next().copied());
                spent.rows.push(self.row(answer));
            }
            (_, Some(Event::Step)) => {}
            (Family::Exit | Family::Event, _) => return None,
            _ => {}
        }
        Some(spent)
    }
}
