//! The part of shrinking that is the same for all languages.

use std::ops::Range;

/// Tries to remove stretches from a list of `count` elements, long stretches first. `take` tries one stretch,
/// and returns how many elements were removed, or `None` if the stretch was not removed. Returns whether any
/// stretch was removed.
pub(crate) fn stretches(mut count: usize, mut take: impl FnMut(Range<usize>) -> Option<usize>) -> bool {
    let mut any = false;
    let mut length = count;
    while length > 0 {
        let mut start = 0;
        while start < count {
            let end = (start + length).min(count);
            let gone = take(start..end);
            any |= gone.is_some();
            let gone = gone.unwrap_or(0);
            (start, count) = (end - gone, count - gone);
        }
        length /= 2;
    }
    any
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_needed_is_left() {
        let mut list: Vec<u32> = (0..1000).collect();
        let needed = [3, 500, 501, 999];
        let mut tried = 0;
        let any = stretches(list.len(), |range| {
            tried += 1;
            let stretch = &list[range.clone()];
            (!needed.iter().any(|needed| stretch.contains(needed))).then(|| list.drain(range).count())
        });
        assert!(any && list == needed && tried < 100, "{list:?} after {tried}");
        assert!(!stretches(list.len(), |_| None));
    }
}
