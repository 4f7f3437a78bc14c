//! What a process did instead of answering as it should, in words that follow its name.

use std::time::Duration;

use thiserror::Error;

use super::message::PROTOCOL;

/// Why a process is retired.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Failure {
    /// It ended, or closed its output: how, when, and its last words.
    #[error("{how} {when}{last_words}")]
    Died {
        /// How.
        how: String,
        /// When.
        when: String,
        /// A clause, or nothing.
        last_words: String,
    },
    /// What was waited for did not come in time.
    #[error("hangs: {what} did not come within {} s{last_words}", timeout.as_secs_f64())]
    Hangs {
        /// What was waited for.
        what: String,
        /// The time limit.
        timeout: Duration,
        /// A clause, or nothing.
        last_words: String,
    },
    /// The harness was asked to stop before this came.
    #[error("was interrupted before {0}")]
    Interrupted(String),
    /// A line came unasked.
    #[error("wrote a line that nobody asked for: {0}")]
    Unasked(String),
    /// A line of more than so many bytes came unasked.
    #[error("wrote a line of more than {0} bytes that nobody asked for")]
    UnaskedTooLong(usize),
    /// A line is longer than it may be.
    #[error("wrote a line of more than {bytes} bytes instead of {what}")]
    TooLong {
        /// Bytes that it may have.
        bytes: usize,
        /// What was waited for.
        what: String,
    },
    /// A question cannot be written.
    #[error("cannot be asked: {0}")]
    Unaskable(String),
    /// The first line is no hello.
    #[error("wrote {line} instead of hello: {why}")]
    NoHello {
        /// The line.
        line: String,
        /// Why it is none.
        why: String,
    },
    /// It speaks another version of the protocol.
    #[error("speaks version {0} of the protocol; this harness speaks {PROTOCOL}")]
    OtherVersion(u64),
    /// A line is no answer.
    #[error("answered {question} with {line}, which is no answer: {why}")]
    NoAnswer {
        /// The question's name.
        question: String,
        /// The line.
        line: String,
        /// Why it is none.
        why: String,
    },
    /// An answer says what cannot be.
    #[error(transparent)]
    WrongAnswer(#[from] WrongAnswer),
}

/// What is wrong with an answer.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum WrongAnswer {
    /// It is one to another question.
    #[error("answered {0}")]
    Other(&'static str),
    /// It says that the process cannot do this.
    #[error("says that it cannot {what}: {reason}")]
    Cannot {
        /// What.
        what: &'static str,
        /// Why.
        reason: String,
    },
    /// The token is not in the vocabulary of so many.
    #[error("answered token {token}, outside the vocabulary of {vocabulary}")]
    Token {
        /// The token.
        token: usize,
        /// The vocabulary's length.
        vocabulary: usize,
    },
    /// A part of the answer is missing, or was not asked for.
    #[error("answered token {token} with {part} {}", if *.is_missing { "missing" } else { "not asked for" })]
    Part {
        /// The token.
        token: usize,
        /// The part.
        part: &'static str,
        /// Whether it is missing.
        is_missing: bool,
    },
    /// There are more or fewer logits than tokens.
    #[error("answered {logits} logits; the vocabulary has {vocabulary}")]
    Logits {
        /// How many.
        logits: usize,
        /// The vocabulary's length.
        vocabulary: usize,
    },
    /// The token does not follow from the logits.
    #[error("answered token {token}, but the arg-max of its logits is {best}")]
    ArgMax {
        /// The token.
        token: usize,
        /// The one that follows.
        best: usize,
    },
    /// The lanes are not so many stages of so many.
    #[error("answered lanes of another shape than [{stages}, {lanes}]")]
    Lanes {
        /// Stages of a pass.
        stages: usize,
        /// Lanes after each.
        lanes: usize,
    },
    /// There is a memory where the module has none, or the reverse.
    #[error("answered {} memory", if *.is_there { "with a" } else { "without the" })]
    Memory {
        /// Whether there is one.
        is_there: bool,
    },
    /// No memory has this length, or holds so much in it.
    #[error("answered a memory of {length} bytes with {bytes} bytes in it")]
    Contents {
        /// Its length.
        length: usize,
        /// Bytes in it.
        bytes: usize,
    },
    /// The module imports nothing of the kind that ends runs.
    #[error("answered that {module:?}.{name:?} was called with {argument:?}")]
    Called {
        /// The import's module.
        module: String,
        /// Its name.
        name: String,
        /// Its argument.
        argument: Option<i32>,
    },
}
