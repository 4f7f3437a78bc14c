//! Rows after which no token is asked for, such as those of a prompt but the last.
//!
//! All that such a row leaves is in the memories. So of each layer only those neurons and searches count that
//! keys, values and sums of later layers depend on, whatever the lanes hold.

use std::ops::Range;

use super::layer::{Family, IndexedLayer};
use super::tile::TileLayer;
use crate::transformer::{Attention, Number, Row};

/// Number of rows from which on a pass by tiles is faster than a pass row by row.
pub(super) const WORTH_TILES: usize = 16;

/// The rows that are worth passing as silent ones, and the rest, which has the last row.
pub(in crate::transformer) fn split<T>(rows: &[Row<T>]) -> (&[Row<T>], &[Row<T>]) {
    rows.split_at(if rows.len() < WORTH_TILES { 0 } else { rows.len() - 1 })
}

/// What of a layer counts for a silent row.
#[derive(Clone, Debug)]
pub(super) struct Silent<T> {
    /// All families, with the searches that count.
    pub families: Vec<Family<T>>,
    /// The forms and the neurons that count.
    pub tiles: TileLayer<T>,
}

impl<T: Number> Silent<T> {
    /// What counts of each layer, for rows of this number of lanes.
    pub fn of(layers: &[IndexedLayer<T>], lanes: usize) -> Vec<Silent<T>> {
        let mut needed = vec![false; lanes];
        let mut silent: Vec<Silent<T>> = layers.iter().rev().map(|layer| Silent::of_layer(layer, &mut needed)).collect();
        silent.reverse();
        silent
    }

    /// What counts of a layer. `needed` are the lanes that count after the layer, and then those before it.
    fn of_layer(IndexedLayer { families, tiles, .. }: &IndexedLayer<T>, needed: &mut [bool]) -> Silent<T> {
        let counts = |neuron: &usize| tiles.outputs.terms(*neuron).iter().any(|(lane, _)| needed[*lane as usize]);
        let neurons: Vec<usize> = (0..tiles.outputs.len()).filter(counts).collect();
        let read = |neuron: &usize| tiles.gates.terms(*neuron).iter().chain(tiles.values.terms(*neuron));
        neurons.iter().flat_map(read).for_each(|(lane, _)| needed[*lane as usize] = true);
        let mut families = families.clone();
        for family in &mut families {
            family.searches.retain(|search| search.outputs.all().any(|(_, lane, _)| needed[lane]));
        }
        let of_row = |family: &Family<T>| match family.kind {
            // Keys and values are of the store's rows.
            Attention::Cross(_) => Vec::new(),
            _ => family.key.clone().chain(family.values.clone()).collect(),
        };
        let queries = families.iter().flat_map(|family| &family.searches).flat_map(|search| search.query.clone());
        let mut forms: Vec<usize> = families.iter().flat_map(of_row).chain(queries).collect();
        forms.sort_unstable();
        tiles.lanes_of(&forms).for_each(|lane| needed[lane] = true);
        // Each range is there as a whole, and so it stays a range.
        let place = |range: &mut Range<usize>| {
            let start = forms.partition_point(|form| *form < range.start);
            *range = start..start + range.len();
        };
        for family in &mut families {
            if !matches!(family.kind, Attention::Cross(_)) {
                place(&mut family.key);
                place(&mut family.values);
            }
            family.searches.iter_mut().for_each(|search| place(&mut search.query));
        }
        Silent { families, tiles: tiles.slice(&forms, &neurons) }
    }
}
