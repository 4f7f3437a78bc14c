//! `poll_oneoff`: waiting for times and descriptors.

use super::clock::Ticking;
use super::errno::Errno;
use super::files::Files;
use super::question::Question;

/// Length of a subscription, in bytes.
const SUBSCRIPTION: usize = 48;

/// What a subscription waits for.
#[derive(Clone, Copy, Debug)]
enum Awaited {
    /// So many nanoseconds from now on.
    Time(u64),
    /// A descriptor, which is always ready: a read of it may wait, and then waits for a byte.
    Descriptor,
    /// Nothing that there is.
    Wrong(Errno),
}

/// Answers subscriptions by events: those of descriptors if there are any, else those of the earliest time.
/// The time that passes until then passes on the clock.
pub fn poll(question: &mut Question<'_>, files: &Files<'_>, clock: &mut Ticking<'_>) -> Result<Vec<u8>, Errno> {
    let bytes = question.rest();
    let (subscriptions, []) = bytes.as_chunks::<SUBSCRIPTION>() else { return Err(Errno::Inval) };
    if subscriptions.is_empty() {
        return Err(Errno::Inval);
    }
    let now = clock.now();
    let mut awaited = Vec::new();
    for subscription in subscriptions {
        let mut subscription = Question::new(subscription);
        let name = subscription.u64()?;
        let kind = subscription.byte()?;
        subscription.bytes(7)?;
        let number = subscription.u32()?;
        subscription.bytes(4)?;
        let (timeout, _, flags) = (subscription.u64()?, subscription.u64()?, subscription.u16()?);
        let what = match kind {
            0 if number > 3 => Awaited::Wrong(Errno::Inval),
            0 if flags & 1 == 0 => Awaited::Time(timeout),
            0 if number == 0 => Awaited::Time(timeout.saturating_sub(now.date)),
            0 => Awaited::Time(timeout.saturating_sub(now.elapsed)),
            1 | 2 if files.is_open(number) => Awaited::Descriptor,
            1 | 2 => Awaited::Wrong(Errno::Badf),
            _ => return Err(Errno::Inval),
        };
        awaited.push((name, kind, what));
    }
    let times = awaited.iter().filter_map(|(_, _, what)| if let Awaited::Time(time) = what { Some(*time) } else { None });
    let earliest = times.min().filter(|_| awaited.iter().all(|(_, _, what)| matches!(what, Awaited::Time(_))));
    if let Some(nanoseconds) = earliest.filter(|nanoseconds| *nanoseconds > 0) {
        clock.after(nanoseconds);
    }
    let mut events = Vec::new();
    for (name, kind, what) in awaited {
        let (errno, ready) = match what {
            Awaited::Time(time) if Some(time) == earliest => (0, 0),
            Awaited::Time(_) => continue,
            Awaited::Descriptor => (0, 1u64),
            Awaited::Wrong(errno) => (errno as u16, 0),
        };
        events.extend(name.to_le_bytes());
        events.extend(errno.to_le_bytes());
        events.extend([kind, 0, 0, 0, 0, 0]);
        events.extend(ready.to_le_bytes());
        events.extend([0; 8]);
    }
    Ok(events)
}
