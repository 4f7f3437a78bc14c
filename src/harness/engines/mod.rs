//! Engines of any language: the network within this process, and [`external`] engines.

mod bounded;
pub mod external;
#[cfg(test)]
mod faults;
mod network;

pub use bounded::Bounded;
pub use external::ExternalEngine;
pub use network::NetworkEngine;
use network::form_of;
