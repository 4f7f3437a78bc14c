//! Generating by a network: what the engines that do so have in common.

use crate::byte::machine::ByteHost;
use crate::byte::trace::{End, Replay};
use crate::harness::engine::{Case, EngineError, Observed, Run, Watch};
use crate::transformer::{Config, Network, Observer, generate};

/// Runs a case by generating with `network`, a fresh session of a model of this config.
///
/// # Errors
/// Where the config is not of a byte machine.
pub(super) fn run(
    engine: &str,
    network: &mut impl Network<f32>,
    config: &Config,
    case: Case<'_>,
    watch: &mut Watch<'_>,
    observer: &mut impl Observer<f32>,
) -> Result<Run, EngineError> {
    let host = ByteHost::new(case.program, case.files, config);
    let mut host = host.map_err(|reason| EngineError { engine: engine.to_string(), reason })?;
    let mut replay = Replay::new(case.program);
    generate(network, &mut host, observer, |host: &ByteHost<'_>, token, network| {
        let step = host.as_step(token);
        replay.step(step.pc, step.token);
        let logits = || network.logits().into_iter().map(f64::from).collect();
        watch(&Observed { step, logits: Some(&logits) }).is_continue()
    });
    let end = host.end().unwrap_or(End::Stopped);
    let (outputs, files) = host.into_outputs_and_files();
    Ok(Run { end, state: replay.into_state(outputs, files) })
}
