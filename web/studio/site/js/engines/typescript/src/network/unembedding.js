// The token with the highest logit, found without computing all logits.
//
// Tokens whose logits are forms over the same lanes often lie in a plane: the logit is `base + a·q + b·r`,
// with a and b of the token, and with base, q and r of the row. Then the highest lies on the upper hull of
// the points (a, b). A plane is searched only if a bound on all its logits is not less than the highest logit
// so far. The bound holds however it is rounded: partial sums of logits are exact, and rounding never turns a
// larger number into the smaller one.
import { Hull } from "./hull.js";
/** The number of tokens from which on a hull is worth its cost. */
const WORTH_A_HULL = 8;
/** Sums below this are exact, whatever their order. */
const EXACT = Number.MAX_SAFE_INTEGER / 2;
/** An unembedding, compiled. */
export class Unembedding {
    matrix;
    planes = [];
    others = [];
    bounds;
    /** [vocabSize, dModel]. */
    constructor(matrix) {
        this.matrix = matrix;
        const groups = new Map();
        for (let token = 0; token < matrix.rows; token += 1) {
            const [from, to] = [matrix.starts[token], matrix.starts[token + 1]];
            const lanes = Array.from(matrix.at.subarray(from, to));
            const weights = Array.from(matrix.weights.subarray(from, to));
            const name = lanes.join();
            const group = groups.get(name) ?? { lanes, members: new Map() };
            groups.set(name, group);
            // Of tokens with equal logits the lowest is chosen, so the others are never needed.
            const form = weights.join();
            if (!group.members.has(form))
                group.members.set(form, { token, weights });
        }
        for (const { lanes, members } of groups.values()) {
            const list = [...members.values()];
            const plane = list.length < WORTH_A_HULL ? undefined : planeOf(lanes, list);
            if (plane === undefined)
                this.others.push(...list.map(({ token }) => token));
            else
                this.planes.push(plane);
        }
        this.bounds = new Float64Array(this.planes.length);
    }
    /** All logits of a row with these lanes. */
    logits(lanes) {
        const logits = new Float64Array(this.matrix.rows);
        this.matrix.times(lanes, logits);
        return logits;
    }
    /** The token with the highest logit, and of tokens with equal logits the lowest. */
    token(lanes) {
        const best = { token: -1, logit: -Infinity };
        for (const token of this.others)
            this.consider(best, token, lanes);
        let first = -1;
        for (let index = 0; index < this.planes.length; index += 1) {
            const plane = this.planes[index];
            let bound = 0;
            for (let i = 0; i < plane.lanes.length; i += 1) {
                const x = lanes[plane.lanes[i]];
                bound += Math.max(plane.highest[i] * x, plane.lowest[i] * x);
            }
            this.bounds[index] = bound;
            if (first < 0 || bound > this.bounds[first])
                first = index;
        }
        // The plane with the highest bound comes first, because most others need not be searched then.
        if (first >= 0)
            this.search(first, best, lanes);
        for (let index = 0; index < this.planes.length; index += 1) {
            if (index !== first)
                this.search(index, best, lanes);
        }
        return best.token;
    }
    consider(best, token, lanes) {
        const logit = this.matrix.dot(token, lanes);
        if (logit < best.logit || (logit === best.logit && token > best.token))
            return;
        best.token = token;
        best.logit = logit;
    }
    search(index, best, lanes) {
        if (this.bounds[index] < best.logit)
            return;
        const { tokens, hull, most, distinct, lanes: places, u, v } = this.planes[index];
        let q = 0;
        let r = 0;
        let size = 0;
        for (let i = 0; i < places.length; i += 1) {
            const x = lanes[places[i]];
            const ofQ = u[i] * x;
            const ofR = v[i] * x;
            q += ofQ;
            r += ofR;
            size += most[0] * Math.abs(ofQ) + most[1] * Math.abs(ofR);
        }
        if (size <= EXACT && q === 0 && r === 0) {
            this.consider(best, tokens[0], lanes); // all logits are equal
            return;
        }
        // Where the products may not be exact, or where the hull does not tell, all tokens are considered.
        if (size > EXACT || r < 0 || (r === 0 && !distinct)) {
            for (const token of tokens)
                this.consider(best, token, lanes);
            return;
        }
        const first = hull.best(q, r);
        const highest = hull.score(first, q, r);
        for (let place = first; place < hull.length && hull.score(place, q, r) === highest; place += 1) {
            this.consider(best, tokens[hull.slot(place)], lanes);
        }
    }
}
/** The plane that holds these different forms over some lanes, if there is one that two of the lanes span. */
function planeOf(lanes, members) {
    const base = members[0]?.weights ?? [];
    const steps = members.map(({ weights }) => weights.map((weight, i) => weight - base[i]));
    const size = lanes.map((_, i) => Math.max(...steps.map((step) => Math.abs(step[i]))));
    // Of two lanes, the one whose weights grow faster, such as squares, comes second.
    const order = [...lanes.keys()].sort((i, j) => size[i] - size[j] || i - j);
    for (const [at, i] of order.entries()) {
        for (const j of order.slice(at + 1)) {
            const span = spanOf(steps, i, j);
            if (span === undefined)
                continue;
            const points = steps.map((step) => [step[i], step[j]]);
            const hull = new Hull();
            points.forEach(([a, b], slot) => hull.insert(a, b, slot));
            const extreme = (choose) => lanes.map((_, lane) => choose(...members.map(({ weights }) => weights[lane])));
            return {
                tokens: members.map(({ token }) => token),
                hull,
                most: [size[i], size[j]],
                distinct: new Set(points.map(([a]) => a)).size === points.length,
                lanes,
                u: span.map(([u]) => u),
                v: span.map(([, v]) => v),
                highest: extreme(Math.max),
                lowest: extreme(Math.min),
            };
        }
    }
    return undefined;
}
/**
 * For each lane the integers (u, v) for which the lane's weight, in every step, is u times the weight of lane
 * i plus v times the weight of lane j; `undefined` if there are none.
 */
function spanOf(steps, i, j) {
    const wide = (step, lane) => BigInt(step[lane]);
    const first = steps.find((step) => step[i] !== 0);
    if (first === undefined)
        return undefined;
    const determinant = (step) => wide(first, i) * wide(step, j) - wide(first, j) * wide(step, i);
    const second = steps.find((step) => determinant(step) !== 0n);
    if (second === undefined)
        return undefined;
    const whole = (numerator) => {
        const quotient = numerator / determinant(second);
        const isWhole = quotient * determinant(second) === numerator && BigInt(Number(quotient)) === quotient;
        return isWhole ? Number(quotient) : undefined;
    };
    const span = [];
    for (const lane of first.keys()) {
        const [x, y] = [wide(first, lane), wide(second, lane)];
        const u = whole(x * wide(second, j) - y * wide(first, j));
        const v = whole(y * wide(first, i) - x * wide(second, i));
        if (u === undefined || v === undefined)
            return undefined;
        const fits = (step) => wide(step, lane) === BigInt(u) * wide(step, i) + BigInt(v) * wide(step, j);
        if (!steps.every(fits))
            return undefined;
        span.push([u, v]);
    }
    return span;
}
