//! Memory: four families of keys and values, by address modulo 4.
//!
//! Bytes a to a + 3 are in four different families. So the row of a store of four bytes writes one key per
//! family, and a load queries each family once. An access to eight bytes is two such accesses. A byte's key
//! is its address plus 1. The key is 0 in a family that the row does not write. A load compares the key found
//! with the key sought: a byte never written is 0.
//!
//! The keys of a family are 4 apart, so there is room for another memory between them: the bank, in which
//! tables are. In the bank a byte's key is its address plus 2, in the family of the address.
//!
//! The bytes at the start are rows of the listing. Where the program is in the weights, four stores have
//! them, and a byte never written is the store's.

use super::fetch::{Instruction, Registers, Source};
use super::gate::{BEYOND_HALF, not, relu_if, step_if};
use super::own::{HALF, Own};
use super::slots::Operands;
use crate::circuit::{Form, Graph, Key, Lane};
use crate::full::listing::features::Feature;
use crate::full::program::limits::{MAX_PAGES, PAGE};

const BYTES: i64 = (MAX_PAGES * PAGE) as i64;
/// Greater addresses are replaced by this one: all of them are out of bounds, with any offset.
const ADDRESS_LIMIT: i64 = BYTES + 128;
/// Subtracting this makes any address negative.
const BEYOND_ADDRESS: i64 = ADDRESS_LIMIT + 128;

/// The distance from an address, given modulo 4, to the first byte of a family at or after it.
fn offset(family: usize, address: usize) -> i64 {
    (family as i64 - address as i64).rem_euclid(4)
}

/// The number of residues: the sum of address, addend and offset, each modulo 4, is 0 to 9.
const RESIDUES: usize = 10;
/// More than any residue.
const BEYOND_RESIDUE: i64 = 16;
/// More than any key, and than any difference of keys, even if their neurons were not of the same address.
const BEYOND_KEY: i64 = 1 << 37;

/// The number for the residue: `of[0]`, plus the differences up to `of[residue]`.
fn by_residue(steps: &[Form], of: &[i64; RESIDUES]) -> Form {
    (1..RESIDUES).fold(Form::from(of[0]), |sum, residue| sum + &steps[residue] * (of[residue] - of[residue - 1]))
}

/// The instruction's access to memory.
pub struct Access {
    /// The bytes loaded; 0 for a byte that the instruction does not load.
    pub loaded: [Lane; 8],
    /// 1 if a byte that the instruction accesses is beyond the memory's end.
    pub out_of_bounds: Form,
}

impl Access {
    /// Places the access.
    pub fn place(g: &mut Graph, own: &Own, registers: &Registers, source: Source<'_>, i: &Instruction, o: &Operands) -> Access {
        let is = |feature| i.is(feature);
        let accesses = is(Feature::Memory);
        let offset_low = i.immediate[0];
        let capped = g.relu(offset_low) - g.relu(offset_low - ADDRESS_LIMIT);
        let capped = g.lane("offset, capped", capped);
        let residue = o.mod_4 + o.addend_mod_4 + i.immediate_mod_4;
        let steps: Vec<Form> = (0..RESIDUES)
            .map(|residue_at_least| {
                if residue_at_least == 0 {
                    return Form::from(1);
                }
                g.step_lane(format!("residue at least {residue_at_least}"), &residue - residue_at_least as i64).into()
            })
            .collect();
        let sum = o.top.low + o.addend;
        let address = &sum + capped + 1 + is(Feature::Bank);
        // How far the access ends beyond the memory, plus 1, if the sum does not reach 2^32; else 2^32 more.
        let beyond = &sum + offset_low + is(Feature::AccessWidth) - o.pages * i64::from(PAGE);
        let mut reaches = |x: Form| step_if(g, x, accesses, BEYOND_HALF);
        let out_of_bounds = reaches(&beyond - 1) - reaches(sum - HALF) + reaches(beyond - 1 - HALF);
        let out_of_bounds = g.lane("out of bounds", out_of_bounds);
        g.state(out_of_bounds, (0, 2), "where the sum reaches 2^32, the access ends beyond the memory plus 2^32, or does not");

        // From 2^32 on, the address is less by 2^32. What is capped falls back to 0 between, where all
        // addresses are out of bounds.
        let mut capped_if = |condition: Lane| {
            let mut from = |start: i64| {
                let x = &address - start;
                relu_if(g, &x, condition, BEYOND_HALF) - relu_if(g, x - ADDRESS_LIMIT, condition, BEYOND_HALF)
            };
            from(0) - from(HALF / 2) + from(HALF)
        };
        let (sought, stored_to) = (capped_if(accesses), capped_if(is(Feature::Store)));
        let address_sought = g.lane("address sought", sought);
        g.state(address_sought, (0, i128::from(ADDRESS_LIMIT)), "it rises, falls and rises again");
        let keys: Vec<Key> = (0..4)
            .map(|family| {
                let listed = match source {
                    Source::Prompt => g.relu(registers.data_address - not(own.data_at[family]) * (1 << 26)),
                    Source::Weights(_) => Form::default(),
                };
                let number = written(g, i, &stored_to + listed, &residue, family);
                unless_trapped(g, number, out_of_bounds)
            })
            .collect();
        let values: Vec<Lane> = (0..4).map(|family| stored(g, own, i, o, &residue, family)).collect();

        // Per family, for the lower and for the upper four bytes: the value found, its key minus the key
        // sought, and the byte at the start, if the weights have it.
        let mut found = Vec::new();
        for upper in 0..2 {
            for family in 0..4 {
                let ahead = by_residue(&steps, &std::array::from_fn(|residue| offset(family, residue)));
                let sought = g.lane(format!("sought in family {family}"), address_sought + ahead);
                let query = sought + 4 * upper;
                let name = format!("memory family {family}");
                let [value, key] = g.nearest(&name, &query, &keys[family], [values[family].into(), keys[family].key.clone()]);
                let initial = match source {
                    Source::Prompt => None,
                    Source::Weights(held) => Some(held.find_data(g, family, &query)),
                };
                found.push((value, key - query, initial));
            }
        }
        // 1 if the address has this residue modulo 4, else 0.
        let is_residue = |wanted: usize| {
            let at = |residue: usize| if residue + 1 < RESIDUES { &steps[residue] - &steps[residue + 1] } else { steps[residue].clone() };
            (wanted..RESIDUES).step_by(4).map(at).sum::<Form>()
        };
        let loaded = std::array::from_fn(|byte| {
            let wanted = match byte {
                0 => is(Feature::Load),
                1 => is(Feature::LoadAtLeast(2)),
                2 | 3 => is(Feature::LoadAtLeast(4)),
                _ => is(Feature::LoadAtLeast(8)),
            };
            let mut sum = Form::default();
            for family in 0..4 {
                let (value, distance, initial) = &found[byte / 4 * 4 + family];
                // Where the byte is not wanted, the gate is shut even if all steps count.
                let opens = is_residue((family + 8 - byte) % 4) - not(wanted) * BEYOND_RESIDUE;
                let gate = distance - not(opens.clone()) * BEYOND_KEY;
                // The byte at the start, and where the byte found is of the key sought, the difference to it.
                let value = Form::from(*value) - initial.map_or(Form::default(), Form::from);
                sum += g.neuron(&gate + 1, &value) - g.neuron(&gate, &value) * 2 + g.neuron(gate - 1, value);
                sum += initial.map_or(Form::default(), |initial| g.neuron(opens, initial));
            }
            let lane = g.lane(format!("byte {byte} loaded"), sum);
            g.state(lane, (0, 255), "one family has the byte");
            lane
        });
        let within_bounds = g.relu(not(out_of_bounds));
        Access { loaded, out_of_bounds: not(within_bounds) }
    }
}

/// The key that the row writes in a family, if the access is within bounds: that of the byte stored, or of a
/// byte of the listing's data. A key that is not positive means that nothing is written. `address` is 0 where
/// the instruction is not a store and the row has no data.
fn written(g: &mut Graph, i: &Instruction, address: Form, residue: &Form, family: usize) -> Lane {
    let mut key = address;
    for width in [1, 2, 4] {
        let is = i.is(Feature::StoreWidth(width));
        let ahead: [i64; RESIDUES] = std::array::from_fn(|residue| {
            let ahead = offset(family, residue);
            if ahead < i64::from(width) { ahead } else { ahead - BEYOND_ADDRESS }
        });
        key += is * ahead[0];
        for least in 1..RESIDUES {
            key += step_if(g, residue - least as i64, is, BEYOND_RESIDUE) * (ahead[least] - ahead[least - 1]);
        }
    }
    let key = g.lane(format!("key of family {family}"), key);
    let (low, high) = (i128::from(-BEYOND_ADDRESS), i128::from(ADDRESS_LIMIT + 3));
    g.state(key, (low, high), "of the address that one instruction stores to, or of data");
    key
}

/// The key and its square; 0 where the access traps.
fn unless_trapped(g: &mut Graph, number: Lane, out_of_bounds: Lane) -> Key {
    let gate = number - out_of_bounds * BEYOND_KEY;
    let (key, square) = (g.relu(&gate), g.neuron(gate, number));
    let (key, square) = (g.lane("key written", key), g.lane("key written squared", square));
    let limit = i128::from(BYTES);
    let reason = "a store that does not trap is within memory or the bank, which is as long";
    g.state(key, (0, limit), reason);
    g.state(square, (0, limit * limit), reason);
    Key { key: key.into(), square: square.into() }
}

/// The byte that the row writes in a family.
fn stored(g: &mut Graph, own: &Own, i: &Instruction, o: &Operands, residue: &Form, family: usize) -> Lane {
    let bytes = &o.second.bytes;
    let at = |residue: usize| offset(family, residue) as usize;
    let upper = |residue: usize| bytes[4 + at(residue)] - bytes[at(residue)];
    let high = i.is(Feature::StoreHigh);
    // [x ≥ 0] · value, by two neurons.
    let mut select = |x: Form, value: Form| g.neuron(&x + 1, &value) - g.neuron(x, value);
    let mut value = bytes[at(0)] + own.data;
    for least in 1..RESIDUES {
        let x = residue - least as i64;
        value += select(x.clone(), bytes[at(least)] - bytes[at(least - 1)]);
        value += select(x - not(high) * BEYOND_RESIDUE, upper(least) - upper(least - 1));
    }
    value += g.neuron(high, upper(0));
    let lane = g.lane(format!("byte written in family {family}"), value);
    g.state(lane, (0, 255), "one of the value's bytes, or a byte of data");
    lane
}
