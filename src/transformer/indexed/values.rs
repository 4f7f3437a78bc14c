//! The values of distinct keys: one row of numbers per slot.
//!
//! A wide row, such as the row of a machine's instruction, has a number for everything that a row can mean,
//! so it is mostly zeros. Of such a row only the numbers that are not zero are kept. The row is laid out
//! again, zeros included, when it is found. The rows of a loop's instructions stay laid out.

use super::tile::TILE;
use crate::transformer::Number;

/// Width of a row from which on its zeros are not kept.
const WORTH_PACKING: usize = 64;
/// Number of packed rows that stay laid out; a power of two.
const LAID_OUT: usize = 64;
/// No slot.
const NONE: u32 = u32::MAX;

/// Whether rows of this width are kept without their zeros.
pub(in crate::transformer) fn is_packed(width: usize) -> bool {
    (WORTH_PACKING..usize::from(u16::MAX)).contains(&width)
}

/// The values of all slots.
#[derive(Clone, Debug)]
pub(in crate::transformer) struct Values<T> {
    pub width: usize,
    /// `width` numbers per row: first room for the rows of a tile, then the rows of the slots. If the slots
    /// are packed, only the rows that are laid out are there.
    pub flat: Vec<T>,
    packed: Option<Packed<T>>,
}

/// Rows without their zeros.
#[derive(Clone, Debug)]
struct Packed<T> {
    /// The place of each slot's row.
    rows: Vec<Span>,
    /// The column of each number within its row.
    columns: Vec<u16>,
    numbers: Vec<T>,
    /// The slot that is laid out in each place. The low bits of a slot give its place.
    laid_out: Vec<u32>,
    /// The slots that are laid out after those, for the rows of a tile.
    of_tile: Vec<u32>,
}

/// The place of a row's numbers, and how many numbers there is room for.
#[derive(Clone, Copy, Debug, Default)]
struct Span {
    start: usize,
    len: u16,
    room: u16,
}

impl<T: Number> Values<T> {
    /// Values without slots, with reserved room for some slots of `width` numbers each.
    pub(super) fn with_room(width: usize, slots: usize) -> Values<T> {
        let is_packed = is_packed(width);
        let packed = is_packed.then(|| Packed {
            rows: Vec::with_capacity(slots),
            columns: Vec::new(),
            numbers: Vec::new(),
            laid_out: vec![NONE; LAID_OUT],
            of_tile: Vec::new(),
        });
        let mut flat = Vec::with_capacity((TILE + if is_packed { LAID_OUT } else { slots }) * width);
        flat.resize((TILE + if is_packed { LAID_OUT } else { 0 }) * width, T::default());
        Values { width, flat, packed }
    }

    /// Makes room for the values of all slots up to this one.
    #[inline(always)]
    pub(super) fn make_room(&mut self, slot: usize) {
        match &mut self.packed {
            Some(packed) => {
                if packed.rows.len() <= slot {
                    packed.rows.resize(slot + 1, Span::default());
                }
            }
            None => {
                let wanted = (TILE + slot + 1) * self.width;
                if self.flat.len() < wanted {
                    self.flat.resize(wanted, T::default());
                }
            }
        }
    }

    /// A slot's values.
    #[inline(always)]
    pub(in crate::transformer) fn row(&mut self, slot: usize) -> &[T] {
        let start = self.lay_out(slot);
        &self.flat[start..][..self.width]
    }

    /// Lays a slot's values out. They stay until those of another slot are. Returns their start in
    /// [`Values::flat`].
    #[inline(always)]
    pub(in crate::transformer) fn lay_out(&mut self, slot: usize) -> usize {
        let Some(packed) = &mut self.packed else { return (TILE + slot) * self.width };
        let place = slot % LAID_OUT;
        let start = (TILE + place) * self.width;
        if packed.laid_out[place] != slot as u32 {
            packed.lay_out(slot, &mut self.flat[start..][..self.width]);
            packed.laid_out[place] = slot as u32;
        }
        start
    }

    /// The values that are laid out from this start on, if there are any.
    #[inline(always)]
    pub(in crate::transformer) fn laid_out(&self, start: usize) -> Option<&[T]> {
        self.flat.get(start..)?.get(..self.width)
    }

    /// Sets a slot's values. `fill` must set every value.
    #[inline(always)]
    pub(in crate::transformer) fn set(&mut self, slot: usize, fill: impl FnOnce(&mut [T])) {
        match &mut self.packed {
            None => fill(&mut self.flat[(TILE + slot) * self.width..][..self.width]),
            Some(packed) => {
                let row = &mut self.flat[(TILE + slot % LAID_OUT) * self.width..][..self.width];
                fill(row);
                packed.pack(slot, row);
                packed.laid_out[slot % LAID_OUT] = slot as u32;
            }
        }
    }

    /// Begins a tile: the rows that were laid out for the last tile are not needed any more.
    #[inline(always)]
    pub(super) fn begin_tile(&mut self) {
        self.packed.iter_mut().for_each(|packed| packed.of_tile.clear());
    }

    /// The start of a slot's values in [`Values::flat`]. It is valid until the next tile.
    #[inline(always)]
    pub(super) fn start(&mut self, slot: usize) -> usize {
        match &mut self.packed {
            None => (TILE + slot) * self.width,
            Some(packed) => packed.start_in_tile(slot, self.width, &mut self.flat),
        }
    }

    /// Copies the values of a tile's rows to slots.
    #[inline(always)]
    pub(super) fn keep(&mut self, rows: &[(usize, usize)]) {
        let width = self.width;
        match &mut self.packed {
            None => {
                for value in 0..width {
                    for (row, slot) in rows {
                        self.flat[(TILE + slot) * width + value] = self.flat[row * width + value];
                    }
                }
            }
            Some(packed) => {
                for (row, slot) in rows {
                    packed.pack(*slot, &self.flat[row * width..][..width]);
                    packed.laid_out[slot % LAID_OUT] = NONE;
                }
            }
        }
    }

    /// Number of bytes kept.
    pub(super) fn kept(&self) -> usize {
        let of_packed = self
            .packed
            .as_ref()
            .map_or(0, |packed| packed.rows.len() * size_of::<Span>() + packed.numbers.len() * (size_of::<u16>() + size_of::<T>()));
        self.flat.len() * size_of::<T>() + of_packed
    }
}

impl<T: Number> Packed<T> {
    /// Stores a slot's values without their zeros.
    #[inline(never)]
    fn pack(&mut self, slot: usize, values: &[T]) {
        let not_zero = || values.iter().enumerate().filter(|(_, value)| **value != T::default());
        let len = not_zero().count();
        let span = &mut self.rows[slot];
        if usize::from(span.room) < len {
            // A row that has grown once may grow again, so it gets room for all its numbers.
            let room = if span.room == 0 { len } else { values.len() };
            *span = Span { start: self.numbers.len(), len: 0, room: room as u16 };
            self.columns.resize(self.columns.len() + room, 0);
            self.numbers.resize(self.numbers.len() + room, T::default());
        }
        span.len = len as u16;
        for (at, (column, value)) in (span.start..).zip(not_zero()) {
            (self.columns[at], self.numbers[at]) = (column as u16, *value);
        }
    }

    /// Lays out a slot's values, zeros included.
    #[inline(never)]
    fn lay_out(&self, slot: usize, row: &mut [T]) {
        row.fill(T::default());
        let Span { start, len, .. } = self.rows[slot];
        let range = start..start + usize::from(len);
        for (column, value) in self.columns[range.clone()].iter().zip(&self.numbers[range]) {
            row[usize::from(*column)] = *value;
        }
    }

    #[inline(always)]
    fn start_in_tile(&mut self, slot: usize, width: usize, flat: &mut Vec<T>) -> usize {
        let known = self.of_tile.iter().rposition(|other| *other == slot as u32);
        let place = known.unwrap_or_else(|| {
            let place = self.of_tile.len();
            self.of_tile.push(slot as u32);
            let start = (TILE + LAID_OUT + place) * width;
            if flat.len() < start + width {
                flat.resize(start + width, T::default());
            }
            self.lay_out(slot, &mut flat[start..][..width]);
            place
        });
        (TILE + LAID_OUT + place) * width
    }
}

#[cfg(test)]
mod tests {
    use super::super::random::Random;
    use super::*;

    /// Compares packed values with plain values, set one by one and from tiles, with the zeros in new places
    /// each time.
    #[test]
    fn packed_values_are_what_was_set() {
        let width = WORTH_PACKING + 3;
        let mut values: Values<f64> = Values::with_room(width, 2);
        let mut expected: Vec<Vec<f64>> = Vec::new();
        let mut random = Random::new(1);
        let mut random = |limit: usize| random.below(limit);
        for round in 0..3000 {
            let slot = random(expected.len().min(199) + 1);
            if slot == expected.len() {
                expected.push(vec![0.0; width]);
                values.make_room(slot);
            }
            let zeros = random(20);
            let row: Vec<f64> = (0..width).map(|_| if random(20) < zeros { 0.0 } else { random(1 << 40) as f64 - 9.0 }).collect();
            if round % 2 == 0 {
                values.set(slot, |values| values.copy_from_slice(&row));
            } else {
                let of_tile = random(TILE);
                values.flat[of_tile * width..][..width].copy_from_slice(&row);
                values.keep(&[(of_tile, slot)]);
            }
            expected[slot] = row;
            values.begin_tile();
            for _ in 0..4 {
                let slot = random(expected.len());
                let start = values.start(slot);
                assert_eq!(values.flat[start..][..width], expected[slot], "slot {slot} in a tile");
                assert_eq!(values.row(slot), expected[slot], "slot {slot}");
            }
        }
        assert!(values.packed.is_some());
    }
}
