// Rows of keys and values, for heads that share both.

/**
 * Rows that grow in number. Each has a key, the values of some heads, and its place in the sequence or store.
 */
export class Table {
  length = 0;
  keys: Float64Array;
  values: Float64Array;
  /** The place of each row. */
  places: Float64Array;

  constructor(
    readonly keyWidth: number,
    readonly valueWidth: number,
  ) {
    this.keys = new Float64Array(64 * keyWidth);
    this.values = new Float64Array(64 * valueWidth);
    this.places = new Float64Array(64);
  }

  /**
   * The first rows, in the same memory. Both tables may be extended, as long as they are given the same rows.
   */
  first(length: number): Table {
    const view = new Table(this.keyWidth, this.valueWidth);
    [view.keys, view.values, view.places, view.length] = [this.keys, this.values, this.places, length];
    return view;
  }

  private grow(): void {
    const twice = (old: Float64Array): Float64Array => {
      const grown = new Float64Array(2 * old.length);
      grown.set(old);
      return grown;
    };
    [this.keys, this.values, this.places] = [twice(this.keys), twice(this.values), twice(this.places)];
  }

  /**
   * Writes a row; if `index` is the length, the row is added. Key and values begin at these places of `from`.
   */
  set(index: number, place: number, from: Float64Array, key: number, value: number): void {
    this.setKey(index, place, from, key);
    this.setValues(index, from, value);
  }

  /** Writes the key of a row, which begins at a place of `from`; if `index` is the length, adds the row. */
  setKey(index: number, place: number, from: Float64Array, key: number): void {
    if (index >= this.places.length) this.grow();
    const { keyWidth, keys } = this;
    for (let i = 0; i < keyWidth; i += 1) keys[index * keyWidth + i] = from[key + i] as number;
    this.places[index] = place;
    if (index >= this.length) this.length = index + 1;
  }

  /** Writes the values of a row, which begin at this place of `from`. */
  setValues(index: number, from: Float64Array, value: number): void {
    const { valueWidth, values } = this;
    const start = index * valueWidth;
    for (let i = 0; i < valueWidth; i += 1) values[start + i] = from[value + i] as number;
  }

  /** The score of a row against the query that begins at `at`. */
  score(index: number, query: Float64Array, at: number): number {
    let sum = 0;
    for (let i = 0; i < this.keyWidth; i += 1) {
      sum += (query[at + i] as number) * (this.keys[index * this.keyWidth + i] as number);
    }
    return sum;
  }

  /** The row with the highest score, and of rows with equal scores the latest; −1 without rows. */
  best(query: Float64Array, at: number): number {
    let [best, highest, latest] = [-1, -Infinity, -1];
    for (let index = 0; index < this.length; index += 1) {
      const score = this.score(index, query, at);
      const place = this.places[index] as number;
      if (score > highest || (score === highest && place > latest)) [best, highest, latest] = [index, score, place];
    }
    return best;
  }
}
