//! Comparing a run with the header of its program.

use crate::full::isa::ValType;
use crate::full::program::Header;
use crate::full::program::header::Expected;
use crate::full::trace::End;
use crate::shown::bytes;

use super::Run;

/// How a run, whose results have these types, differs from its program's header. `None` if it does not
/// differ.
pub fn failure(header: &Header, run: &Run, types: &[ValType]) -> Option<String> {
    if !header.expects_something() {
        return None;
    }
    let as_expected = match (&run.end, header.trap, header.exit) {
        (End::Returned(values), None, None) => {
            let is = |results: &Vec<Expected>| {
                results.len() == values.len() && results.iter().zip(values).zip(types).all(|((result, value), ty)| result.is(*value, *ty))
            };
            header.results.as_ref().is_none_or(is)
        }
        (End::Trapped(trap), expected, None) => Some(*trap) == expected,
        (End::Exited(status), None, expected) => *status == expected.unwrap_or(0),
        _ => false,
    };
    if !as_expected {
        return Some(format!("the run did not end as the header expects: {}", run.end.typed(types)));
    }
    let streams = [("outputs", header.outputs(), &run.state.outputs), ("error messages", header.errors(), &run.state.errors)];
    streams.into_iter().find_map(|(what, expected, actual)| {
        let expected = expected.filter(|expected| expected != actual)?;
        Some(format!("{what} {} instead of {}", bytes(actual), bytes(expected)))
    })
}
