//! Failures of a process. Each message describes what the process did instead of a correct answer, as a
//! predicate that follows the process's name.

use std::time::Duration;

use thiserror::Error;

use super::message::PROTOCOL;

/// Why a process is retired.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Failure {
    /// The process ended, or closed its output.
    #[error("{how} {when}{last_words}")]
    Died {
        /// How it ended.
        how: String,
        /// When it ended.
        when: String,
        /// A clause with the last line of standard error, or empty.
        last_words: String,
    },
    /// The expected line did not come in time.
    #[error("hangs: it did not send {what} within {} s{last_words}", timeout.as_secs_f64())]
    Hangs {
        /// The expected line.
        what: String,
        /// The time limit.
        timeout: Duration,
        /// A clause with the last line of standard error, or empty.
        last_words: String,
    },
    /// The harness was asked to stop before this line came.
    #[error("was interrupted before {0}")]
    Interrupted(String),
    /// A line came without a question.
    #[error("wrote a line without being asked: {0}")]
    Unasked(String),
    /// A line of more than this many bytes came without a question.
    #[error("wrote a line of more than {0} bytes without being asked")]
    UnaskedTooLong(usize),
    /// A line is longer than allowed.
    #[error("wrote a line of more than {bytes} bytes instead of {what}")]
    TooLong {
        /// The maximum length in bytes.
        bytes: usize,
        /// The expected line.
        what: String,
    },
    /// A question cannot be serialised.
    #[error("cannot be asked: {0}")]
    Unaskable(String),
    /// The first line is not a `hello`.
    #[error("wrote {line} instead of hello: {why}")]
    NoHello {
        /// The line.
        line: String,
        /// Why the line is not valid.
        why: String,
    },
    /// The process speaks another version of the protocol.
    #[error("speaks version {0} of the protocol; this harness speaks {PROTOCOL}")]
    OtherVersion(u64),
    /// A line is not an answer.
    #[error("answered {question} with {line}, which is not a valid answer: {why}")]
    NoAnswer {
        /// The question's name.
        question: String,
        /// The line.
        line: String,
        /// Why the line is not valid.
        why: String,
    },
    /// An answer has invalid contents.
    #[error(transparent)]
    WrongAnswer(#[from] WrongAnswer),
}

/// What is wrong with an answer.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum WrongAnswer {
    /// The answer belongs to another question.
    #[error("answered {0}")]
    Other(&'static str),
    /// The process says that it cannot do something.
    #[error("says that it cannot {what}: {reason}")]
    Cannot {
        /// What it cannot do.
        what: &'static str,
        /// The reason.
        reason: String,
    },
    /// The token is outside the vocabulary.
    #[error("answered token {token}, outside the vocabulary of {vocabulary}")]
    Token {
        /// The token.
        token: usize,
        /// The number of tokens in the vocabulary.
        vocabulary: usize,
    },
    /// A part of the answer is missing, or is there although it was not asked for.
    #[error("answered token {token} with {part} {}", if *.is_missing { "missing" } else { "not asked for" })]
    Part {
        /// The token.
        token: usize,
        /// The part.
        part: &'static str,
        /// Whether the part is missing.
        is_missing: bool,
    },
    /// There are more or fewer logits than tokens.
    #[error("answered {logits} logits; the vocabulary has {vocabulary}")]
    Logits {
        /// The number of logits.
        logits: usize,
        /// The number of tokens in the vocabulary.
        vocabulary: usize,
    },
    /// The token does not follow from the logits.
    #[error("answered token {token}, but the arg-max of its logits is {best}")]
    ArgMax {
        /// The token.
        token: usize,
        /// The arg-max of the logits.
        best: usize,
    },
    /// The lanes do not have the shape `[stages, lanes]`.
    #[error("answered lanes whose shape is not [{stages}, {lanes}]")]
    Lanes {
        /// The number of stages of a pass.
        stages: usize,
        /// The number of lanes per stage.
        lanes: usize,
    },
    /// The answer has a memory and the module does not have one, or the reverse.
    #[error("answered {} memory", if *.is_there { "with a" } else { "without the" })]
    Memory {
        /// Whether the answer has a memory.
        is_there: bool,
    },
    /// The memory's length is not possible, or the memory has more bytes than its length.
    #[error("answered a memory with a length of {length} bytes and contents of {bytes} bytes")]
    Contents {
        /// The memory's length.
        length: usize,
        /// The number of bytes given as the memory's contents.
        bytes: usize,
    },
    /// The module does not have such an import that ends runs.
    #[error("answered that {module:?}.{name:?} was called with {argument:?}")]
    Called {
        /// The import's module.
        module: String,
        /// The import's name.
        name: String,
        /// The call's argument.
        argument: Option<i32>,
    },
}
