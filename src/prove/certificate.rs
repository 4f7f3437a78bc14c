//! The certificate of a proof: what was proved, of which weights, and how, as JSON.

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::full::claims::Claim;
use super::{Obligation, Proof};
use crate::transformer::folder::writer;
use crate::transformer::{Model, Number};

/// The version of the certificate's form.
const FORM: u32 = 1;

/// A certificate.
#[derive(Clone, Debug, Serialize)]
pub struct Certificate<'p> {
    form: u32,
    written_by: String,
    machine: &'static str,
    /// SHA-256 of all weights: each matrix in the order of the forward pass, row by row, as little-endian
    /// floats.
    weights_sha256: String,
    theorem: &'static str,
    assumptions: &'static [&'static str],
    holds: bool,
    cases: u64,
    seconds: f64,
    obligations: &'p [Obligation],
    /// What is claimed of each instruction, where that differs between instructions.
    #[serde(skip_serializing_if = "are_none")]
    instructions: &'p [Claim],
    refuted: Option<Refuted>,
}

/// The obligation that failed.
#[derive(Clone, Debug, Serialize)]
struct Refuted {
    kind: super::Kind,
    name: String,
    statement: String,
    reason: String,
    situation: Option<super::byte::Situation>,
    /// A program that shows the failure, as text.
    program: Option<String>,
}

impl<'p> Certificate<'p> {
    /// The certificate of a proof of these weights. `program` shows the failure, if the proof failed.
    pub fn new<T: Number>(proof: &'p Proof, model: &Model<T>, program: Option<String>) -> Certificate<'p> {
        let refuted = proof.refutation.as_ref().map(|refutation| Refuted {
            kind: refutation.kind,
            name: refutation.name.clone(),
            statement: refutation.statement.clone(),
            reason: refutation.failure.reason.clone(),
            situation: refutation.failure.situation,
            program,
        });
        Certificate {
            form: FORM,
            written_by: writer(),
            machine: proof.machine,
            weights_sha256: digest(model),
            theorem: proof.theorem,
            assumptions: proof.assumptions,
            holds: proof.holds(),
            cases: proof.cases(),
            seconds: proof.obligations.iter().map(|obligation| obligation.seconds).sum(),
            obligations: &proof.obligations,
            instructions: &proof.claims,
            refuted,
        }
    }

    /// The certificate's bytes.
    pub fn bytes(&self) -> Vec<u8> {
        let mut json = serde_json::to_vec_pretty(self).unwrap_or_else(|error| unreachable!("a certificate is JSON: {error}"));
        json.push(b'\n');
        json
    }
}

fn are_none(claims: &[Claim]) -> bool {
    claims.is_empty()
}

fn digest<T: Number>(model: &Model<T>) -> String {
    let mut digest = Sha256::new();
    let mut bytes = Vec::new();
    for (_, matrix) in model.matrices() {
        bytes.clear();
        matrix.elements().for_each(|weight| weight.write_le(&mut bytes));
        digest.update(&bytes);
    }
    digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
