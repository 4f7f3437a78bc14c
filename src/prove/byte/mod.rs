//! The proof of the byte machine's weights.

mod arguments;
mod attention;
mod depth;
mod exact;
mod fetch;
mod invariant;
pub mod mutants;
mod neurons;
mod places;
mod ranges;
mod result;
mod selection;
mod situation;
mod spec;
mod stack;
mod steps;
pub mod witness;

use super::network::Network;
use super::obligation::{Log, Proof, Refutation};
use super::{Failure, Kind, Method};
use crate::byte::machine::ConfigError;
use crate::transformer::Model;
use invariant::{Holds, Invariant};
use ranges::Ranges;
pub use situation::Situation;
pub use spec::Specification;

/// Proves the weights of a byte machine. The specification is the reference VM's; it may serve many proofs.
///
/// # Errors
/// If the config is not a byte machine's. Weights that cannot be proved give a proof with a refutation.
pub fn prove(model: &Model<f32>, specification: &Specification) -> Result<Proof, ConfigError> {
    let mut log = Log::default();
    let refutation = match Network::of(model) {
        Err(error) => Some(Refutation::not_exact(&error, "f32")),
        Ok(network) => {
            let invariant = Invariant::of(&model.config, &network)?;
            discharge(&mut log, &invariant, &network, specification).err()
        }
    };
    Ok(Proof {
        machine: crate::byte::machine::NAME,
        theorem: arguments::THEOREM,
        assumptions: arguments::ASSUMPTIONS,
        obligations: log.obligations,
        claims: Vec::new(),
        refutation: refutation.map(|refutation| *refutation),
    })
}

fn discharge(log: &mut Log, invariant: &Invariant, network: &Network, specification: &Specification) -> Result<(), Box<Refutation>> {
    let statement = "eight layers; each lane of the invariant has one name; tokens set only lanes of their own, and none of the host's";
    log.discharge((Kind::Induction, Method::Enumeration), "embedding", statement, |tally| {
        if network.layers.len() != 8 {
            return Err(Failure::new(format!("there are {} layers", network.layers.len())));
        }
        for lane in 0..network.d_model {
            let holds = invariant.holds(lane);
            let is_many = matches!(holds, Holds::Nothing | Holds::Own | Holds::Flag | Holds::Previous);
            if !is_many && invariant.lanes(holds).count() > 1 {
                return Err(Failure::new(format!("there are two lanes {}", invariant.name(lane))));
            }
        }
        for (token, embedded) in network.tokens.iter().enumerate() {
            invariant.reads_only(embedded, || format!("the embedding of token {token}"), |holds| holds == Holds::Own)?;
            tally.cases += 1;
        }
        Ok(())
    })?;
    let lanes = fetch::prove(log, invariant, network)?;
    depth::prove(log, invariant, network, &lanes)?;
    stack::prove(log, invariant, network, &lanes)?;
    let found = places::prove(log, invariant, network, &lanes)?;
    let ranges = Ranges { invariant, network, lanes: &lanes, found: &found };
    let seen = steps::prove(log, ranges, specification)?;
    exact::prove(log, ranges, &seen)?;
    arguments::ARGUMENTS.iter().for_each(|(name, text)| log.argue(Kind::Induction, name, text));
    Ok(())
}
