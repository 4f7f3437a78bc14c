//! The studio: watching the machine at work. What the command and the pages show is computed here or in the
//! TypeScript engine, by real forward passes; nothing is prepared by hand.
//!
//! - [`xray`]: everything inside one step's forward pass.

pub mod xray;
