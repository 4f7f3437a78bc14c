// The digest of logits that the harness compares instead of the logits: engines/README.md says what it is.

/** Mixes the bits of a word. */
function mix(word: number): number {
  let h = word ^ (word >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/** The digest of logits: two sums over the mixed words of their bits, each word with its place. */
export function digest(logits: Float64Array): [number, number] {
  // Lower halves come first, as in safetensors: this package runs on computers that keep the lowest byte
  // first.
  const words = new Int32Array(logits.buffer, logits.byteOffset, 2 * logits.length);
  let [a, b] = [0, 0];
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] as number;
    a = (a + mix(word ^ Math.imul(at + 1, 0x9e3779b9))) | 0;
    b = (b + mix(word ^ Math.imul(at + 1, 0x7feb352d))) | 0;
  }
  return [a >>> 0, b >>> 0];
}
