//! The studio: watching the machine at work. What the command and the pages show is computed here or in the
//! TypeScript engine, by real forward passes; nothing is prepared by hand.
//!
//! - [`xray`]: everything inside one step's forward pass.
//! - [`picture`]: that, drawn as an SVG.
//! - [`site`]: the pages' files, those made by this program included: weights, names, examples.
//! - [`server`]: a web server for them, on this machine only.

pub mod picture;
pub mod server;
pub mod site;
pub mod xray;
