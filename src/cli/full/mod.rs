//! The commands on programs of the full language.

mod bytes;
mod calls;
mod exhaustive;
mod imports;
mod input;
mod listing;
mod numbers;
mod run;
mod states;
mod system;
mod trace;

pub(super) use bytes::Dump;
pub(super) use exhaustive::exhaustive;
pub(super) use imports::list_imports;
pub(super) use input::{FullInput, Invocation, Invoked, generated};
pub(super) use listing::listing;
pub(super) use numbers::plain_numbers;
pub(super) use run::run;
pub(super) use states::states;
pub(super) use system::SystemArgs;
pub(super) use trace::trace;
