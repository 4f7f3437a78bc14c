//! `wasmformer studio`.

use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread;

use clap::Args;

use super::{CliError, Outcome};
use crate::harness::Byte;
use crate::studio::server::Server;
use crate::studio::site;
use crate::studio::xray::Examiner;
use crate::wasm::Bytes;

#[derive(Args)]
pub(super) struct Studio {
    /// A program, .wat or .wasm, to open in the pages
    #[arg(conflicts_with = "export")]
    file: Option<PathBuf>,
    /// The port to listen on; 0 uses any free port
    #[arg(long, value_name = "P", default_value_t = 8024)]
    port: u16,
    /// Write the pages to a new folder for a static web server, instead of serving them
    #[arg(long, value_name = "DIR", conflicts_with = "port")]
    export: Option<PathBuf>,
}

impl Studio {
    /// Serves until Ctrl-C.
    pub(super) fn execute(&self, out: &mut dyn Write) -> Result<Outcome, CliError> {
        let mut files = site::files(&Examiner::<Byte>::compiled())?;
        if let Some(folder) = &self.export {
            let refused = |error| CliError::Usage(format!("{}: cannot be written: {error}", folder.display()));
            files.extend(site::full_files());
            site::write(&files, folder).map_err(refused)?;
            writeln!(out, "{}", folder.join("index.html").display())?;
            return Ok(Outcome::Good);
        }
        let mut page = String::new();
        if let Some(path) = &self.file {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let own = site::own_file(&name, Bytes::read(path)?.bytes);
            page = format!("run.html#f={}", own.path);
            files.push(own);
        }
        let server = Server::bind(self.port, files);
        let server = server.map_err(|error| {
            CliError::Usage(format!("port {} of 127.0.0.1 cannot be used: {error}; --port 0 uses any free port", self.port))
        })?;
        let handle = Arc::clone(&server);
        let handled = ctrlc::set_handler(move || handle.stop());
        handled.map_err(|error| CliError::Usage(format!("Ctrl-C cannot be handled: {error}")))?;
        writeln!(out, "http://{}/{page}  (Ctrl-C ends it)", server.address())?;
        out.flush()?;
        let preparing = Arc::clone(&server);
        thread::spawn(move || preparing.prepare());
        server.serve();
        Ok(Outcome::Good)
    }
}
