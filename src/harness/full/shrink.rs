//! Making a diverging module small.

use wasm_shrink::WasmShrink;

use super::{Full, Generated};
use crate::full::program::Export;
use crate::harness::compare::{Verdict, compare};
use crate::harness::engine::{Engine, EngineError};
use crate::harness::generate::{Generate, Shrunk};
use crate::harness::report::Report;

/// Changes that are tried in vain before a module counts as small.
const ATTEMPTS: u32 = 400;

/// Shrinks a module on which the engines diverge, invoked as it is. `None` if they do not.
///
/// # Errors
/// Where the first engine cannot run the module.
pub(super) fn shrink(generated: &Generated, engines: &[&dyn Engine<Full>], limit: usize) -> Result<Option<Shrunk<Generated>>, EngineError> {
    let judge = |generated: &Generated| -> Result<Option<Report>, EngineError> {
        let judged = Full::with_case(generated, |case| compare(case, engines, limit));
        Ok(match judged {
            Ok(judged) => {
                if let (Verdict::Diverge(report), _) = judged? {
                    Some(*report)
                } else {
                    None
                }
            }
            Err(_) => None,
        })
    };
    let Some(report) = judge(generated)? else { return Ok(None) };
    let mut shrunk = Shrunk { generated: generated.clone(), report, candidates: 0 };
    let invoked = invoked(generated);
    let mut is_interesting = |wasm: &[u8]| {
        let Some(candidate) = invoking(&shrunk.generated, wasm, invoked.as_deref()) else { return Ok(false) };
        shrunk.candidates += 1;
        match judge(&candidate) {
            Ok(Some(report)) if report.manner() == shrunk.report.manner() => {
                (shrunk.generated, shrunk.report) = (candidate, report);
                Ok(true)
            }
            _ => Ok(false),
        }
    };
    // It says no more than that it found nothing smaller.
    let _ = WasmShrink::default().attempts(ATTEMPTS).run(generated.wasm.clone(), &mut is_interesting);
    Ok(Some(shrunk))
}

/// The name of the function that is invoked.
fn invoked(generated: &Generated) -> Option<String> {
    let loaded = generated.load().ok()?;
    let (function, _) = generated.invocation(&loaded);
    loaded.program.exports.iter().find(|(_, export)| Some(*export) == function.map(Export::Function)).map(|(name, _)| name.clone())
}

/// The same invocation of another module, if it has the function.
fn invoking(generated: &Generated, wasm: &[u8], name: Option<&str>) -> Option<Generated> {
    let candidate = Generated { wasm: wasm.to_vec(), ..generated.clone() };
    let loaded = candidate.load().ok()?;
    let Some(name) = name else { return Some(candidate) };
    let function = loaded.program.exported_function(name)?;
    let choice = loaded.program.exported_functions().position(|exported| exported == function)?;
    Some(Generated { choice: u8::try_from(choice).ok()?, ..candidate })
}
