//! The studio: pages and an X-ray that show the machine at work. Everything that they show is computed by
//! real forward passes, here or in the TypeScript engine; nothing is prepared by hand.
//!
//! - [`xray`]: everything inside one step's forward pass.
//! - [`why`]: why a token was chosen, as a sum.
//! - [`picture`]: the X-ray drawn as an SVG.
//! - [`site`]: the files of the pages, including the files that this program generates: weights, names,
//!   examples.
//! - [`examples`]: programs for the full machine.
//! - [`program`]: a reader's own program, as the pages get it.
//! - [`state`]: the reference VM's state before a step.
//! - [`server`]: a web server for these files, on this computer only.

mod connections;
pub mod examples;
pub mod picture;
pub mod program;
mod request;
pub mod server;
pub mod site;
pub mod state;
pub mod why;
pub mod xray;
