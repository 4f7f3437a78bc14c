// The upper hull of points (a, b): where the highest of all q·a + r·b is found by binary search, for any q
// and r > 0.
//
// Along the hull, from left to right, q·a + r·b rises, stays at its highest, and falls. Points on the edges
// of the hull are kept too: such a point may tie with a corner, and then something else decides between the
// two.
/** Whether the point (ma, mb) lies strictly below the line from (la, lb) to (ra, rb). */
function isBelow(la, lb, ma, mb, ra, rb) {
    const [up, across, along, rise] = [mb - lb, ra - la, ma - la, rb - lb];
    const [left, right] = [up * across, along * rise];
    const parts = [up, across, along, rise, left, right];
    if (parts.every((part) => Math.abs(part) <= Number.MAX_SAFE_INTEGER))
        return left < right;
    const times = (b, fromB, a, fromA) => (BigInt(b) - BigInt(fromB)) * (BigInt(a) - BigInt(fromA));
    return times(mb, lb, ra, la) < times(rb, lb, ma, la);
}
/** A hull that grows. Coordinates are integers. */
export class Hull {
    /** The points from left to right: their coordinates, and the slots that the caller gave them. */
    a = [];
    b = [];
    slots = [];
    get length() {
        return this.slots.length;
    }
    /** The slot of the point at a place of the hull. */
    slot(place) {
        return this.slots[place];
    }
    /** The score of the point at a place of the hull. */
    score(place, q, r) {
        return q * this.a[place] + r * this.b[place];
    }
    /** Whether the point at a place lies below the line between two others, of which one may be (a, b). */
    hides(left, a, b, right, place) {
        const [ma, mb] = [this.a[place], this.b[place]];
        const [la, lb] = left === undefined ? [a, b] : [this.a[left], this.b[left]];
        const [ra, rb] = right === undefined ? [a, b] : [this.a[right], this.b[right]];
        return isBelow(la, lb, ma, mb, ra, rb);
    }
    /** Adds a point. It must not be there yet. */
    insert(a, b, slot) {
        let [low, high] = [0, this.length];
        while (low < high) {
            const middle = (low + high) >> 1;
            if (this.a[middle] < a)
                low = middle + 1;
            else
                high = middle;
        }
        let [left, right] = [low, low];
        if (right < this.length && this.a[right] === a) {
            if (b < this.b[right])
                return;
            right += 1;
        }
        else if (left > 0 && right < this.length) {
            const [la, lb] = [this.a[left - 1], this.b[left - 1]];
            if (isBelow(la, lb, a, b, this.a[right], this.b[right]))
                return;
        }
        while (right + 1 < this.length && this.hides(undefined, a, b, right + 1, right))
            right += 1;
        while (left >= 2 && this.hides(left - 2, a, b, undefined, left - 1))
            left -= 1;
        this.a.splice(left, right - left, a);
        this.b.splice(left, right - left, b);
        this.slots.splice(left, right - left, slot);
    }
    /**
     * The first place with the highest score for q and r > 0; −1 without points. Places with the same score
     * follow it directly.
     */
    best(q, r) {
        const { a, b } = this;
        let low = 0;
        let high = a.length - 1;
        while (low < high) {
            const middle = (low + high) >> 1;
            const score = q * a[middle] + r * b[middle];
            if (q * a[middle + 1] + r * b[middle + 1] > score)
                low = middle + 1;
            else
                high = middle;
        }
        return high < 0 ? -1 : low;
    }
}
