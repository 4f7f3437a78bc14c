//! That f32 holds every number of every pass, whatever the order of summation.
//!
//! All weights and inputs are integers, so it is enough that the terms of no sum have magnitudes that add up
//! to 2^24.

use super::attention::EXACT;
use super::invariant::{Holds, LAST, range};
use super::ranges::Ranges;
use super::result::Seen;
use crate::circuit::Interval;
use crate::prove::network::{Head, Linear};
use crate::prove::obligation::{Log, Tally};
use crate::prove::{Failure, Kind, Method, Refutation};
use crate::transformer::Attention;

/// Discharges the exactness of all sums and products.
pub(super) fn prove(log: &mut Log, ranges: Ranges<'_>, seen: &Seen) -> Result<(), Box<Refutation>> {
    let statement =
        "the terms of every sum, in every layer and every row, have magnitudes that add up to less than 2^24; all weights are integers";
    log.discharge((Kind::Exactness, Method::Intervals), "exact arithmetic", statement, |tally| {
        let mut held = ranges.all();
        let files = ranges.of_files();
        let lane = |holds| ranges.invariant.lane(holds);
        let [result, q4096, q256] = [Holds::Result, Holds::Quotient4096, Holds::Quotient256].map(lane);
        // The sum over all rows has the row's own delta in it; the depth after a step is a depth, or the step
        // is the last one.
        held[lane(Holds::Depth)] = range(-2, LAST + 1);
        for (index, layer) in ranges.network.layers.iter().enumerate() {
            if let Some(step) = index.checked_sub(5) {
                held[result] = seen.results[step];
            }
            if index > 5 {
                held[q4096] = seen.quotients[0];
            }
            if index > 6 {
                held[q256] = seen.quotients[1];
            }
            let mut sums: Vec<i128> = held.iter().map(|lane| lane.magnitude()).collect();
            for (head, number) in layer.heads.iter().zip(0..) {
                let rows = if let Attention::Cross(_) = head.kind { &files } else { &held };
                let who = || format!("layer {index}, head {number}");
                head_is_exact(head, &held, rows, &mut sums, tally, who)?;
            }
            all(&sums, tally, || format!("the output of layer {index}'s attention"))?;

            let mut sums: Vec<i128> = held.iter().map(|lane| lane.magnitude()).collect();
            for neuron in &layer.neurons {
                let who = || format!("layer {index}, neuron {}", neuron.index);
                all(&[neuron.gate.magnitude(&held), neuron.value.magnitude(&held)], tally, who)?;
                let output = neuron.gate.range(&held).relu() * neuron.value.range(&held);
                all(&[output.magnitude()], tally, who)?;
                neuron.output.terms().for_each(|(lane, weight)| sums[lane] += (output * weight).magnitude());
            }
            all(&sums, tally, || format!("the output of layer {index}'s neurons"))?;
        }
        held[result] = seen.results[3];
        for (token, logit) in ranges.network.logits.iter().enumerate() {
            all(&[logit.magnitude(&held)], tally, || format!("the logit of token {token}"))?;
        }
        Ok(())
    })
}

fn head_is_exact(
    head: &Head,
    held: &[Interval],
    rows: &[Interval],
    sums: &mut [i128],
    tally: &mut Tally,
    who: impl Fn() -> String,
) -> Result<(), Failure> {
    let magnitude = |form: &Linear, lanes: &[Interval]| form.magnitude(lanes);
    let mut score = 0;
    for ((query, key), value) in head.query.iter().zip(&head.key).zip(&head.value) {
        let (query, key) = (magnitude(query, held), magnitude(key, rows));
        all(&[query, key, magnitude(value, rows)], tally, &who)?;
        score += query * key;
    }
    all(&[score], tally, &who)?;
    // A sum over rows is a depth at every row: it adds no more than the lane's range, which is in `sums`.
    if head.kind != Attention::Sum {
        for (lane, dimension, weight) in head.writes() {
            let value = head.value[dimension].range(rows).hull(Interval::point(0));
            sums[lane] += (value * weight).magnitude();
        }
    }
    Ok(())
}

fn all(magnitudes: &[i128], tally: &mut Tally, who: impl Fn() -> String) -> Result<(), Failure> {
    tally.cases += magnitudes.len() as u64;
    match magnitudes.iter().find(|magnitude| **magnitude >= EXACT) {
        Some(magnitude) => Err(Failure::new(format!("{} can reach {magnitude}, and f32 is exact below 2^24", who()))),
        None => Ok(()),
    }
}
