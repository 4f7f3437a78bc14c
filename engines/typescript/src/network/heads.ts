// The heads of a layer in families: heads with equal keys over the same rows remember the same rows, and
// heads with equal queries too find the same row. Each is then computed once.

import type { Attention } from "./config.js";
import { Matrix, type Form } from "./matrix.js";

/**
 * The weights of a layer's attention. Query, key, value: [h · dHead, dModel]; output: [dModel, h · dHead].
 */
export interface AttentionWeights {
  query: Matrix;
  key: Matrix;
  value: Matrix;
  output: Matrix;
}

/** Heads of a family with equal queries: one search answers all of them. */
export interface Search {
  /** Where the query begins among the layer's projections. */
  query: number;
  heads: number[];
  /** What is added to the lanes: value `from` of the found row, times the weight, to the lane. */
  from: Int32Array;
  to: Int32Array;
  weights: Float64Array;
}

/** Heads with equal keys over the same rows. */
export interface Family {
  attention: Attention;
  /** Where keys and values begin among the projections: those of the layer, or those of a store's rows. */
  key: number;
  value: number;
  keyWidth: number;
  valueWidth: number;
  searches: Search[];
}

/** Where a head's numbers are. */
export interface Head {
  family: number;
  search: Search;
  /** Which of the family's values each value of the head is; −1 for a value that is always 0. */
  values: number[];
}

/** A layer's heads, compiled. */
export interface Heads {
  heads: Head[];
  families: Family[];
  /**
   * All that is computed of a row: keys and values of families over the sequence, and all queries. By lane: a
   * row for each lane, because most lanes are 0, and add nothing.
   */
  projections: Matrix;
  /** The lanes that the projections read. */
  read: Int32Array;
  /** Keys and values of a store's row, for the families over that store. */
  ofStores: Map<number, Matrix>;
}

/** Forms that are computed together. */
class Forms {
  readonly forms: Form[] = [];

  /** Adds forms, and returns the place of the first one. */
  add(forms: readonly Form[]): number {
    this.forms.push(...forms);
    return this.forms.length - forms.length;
  }
}

/** A family whose forms have no places yet. */
interface Draft {
  attention: Attention;
  key: Form[];
  values: Form[];
  searches: { query: Form[]; heads: number[]; outputs: (readonly [from: number, to: number, weight: number])[] }[];
}

const text = (forms: unknown): string => JSON.stringify(forms);

/** The item that `isIt` accepts. If there is none, one is made and added. */
function itemOf<T>(items: T[], isIt: (item: T) => boolean, make: () => T): T {
  const known = items.find(isIt);
  if (known !== undefined) return known;
  const made = make();
  items.push(made);
  return made;
}

function draft(kinds: readonly Attention[], weights: AttentionWeights, width: number): { drafts: Draft[]; values: number[][] } {
  const drafts: Draft[] = [];
  const texts = new Map<Form[], string>();
  const values = kinds.map((attention, head) => {
    const places = Array.from({ length: width }, (_, i) => head * width + i);
    const rows = (matrix: Matrix): Form[] => (attention.kind === "sum" ? [] : places.map((place) => matrix.row(place)));
    const [key, query] = [rows(weights.key), rows(weights.query)];
    const [kind, keyText, queryText] = [text(attention), text(key), text(query)];
    const family = itemOf(
      drafts,
      (other) => text(other.attention) === kind && texts.get(other.key) === keyText,
      () => {
        texts.set(key, keyText);
        return { attention, key, values: [], searches: [] };
      },
    );
    const search = itemOf(
      family.searches,
      (other) => texts.get(other.query) === queryText,
      () => {
        texts.set(query, queryText);
        return { query, heads: [], outputs: [] };
      },
    );
    search.heads.push(head);
    return places.map((place) => {
      const form = weights.value.row(place);
      if (form.length === 0) return -1;
      const formText = text(form);
      const known = family.values.findIndex((other) => text(other) === formText);
      const value = known >= 0 ? known : family.values.push(form) - 1;
      for (const [lane, weight] of weights.output.column(place)) search.outputs.push([value, lane, weight]);
      return value;
    });
  });
  return { drafts, values };
}

/** Compiles the heads of a layer. */
export function compileHeads(kinds: readonly Attention[], weights: AttentionWeights, width: number): Heads {
  const { drafts, values } = draft(kinds, weights, width);
  const [ofRows, ofStores] = [new Forms(), new Map<number, Forms>()];
  const heads: Head[] = [];
  const families = drafts.map((family, index): Family => {
    const { attention } = family;
    let forms = ofRows;
    if (attention.kind === "cross") {
      forms = ofStores.get(attention.store) ?? new Forms();
      ofStores.set(attention.store, forms);
    }
    const [key, value] = [forms.add(family.key), forms.add(family.values)];
    const searches = family.searches.map(({ query, heads: mine, outputs }): Search => {
      const search = {
        query: ofRows.add(query),
        heads: mine,
        from: Int32Array.from(outputs, ([from]) => from),
        to: Int32Array.from(outputs, ([, to]) => to),
        weights: Float64Array.from(outputs, ([, , weight]) => weight),
      };
      for (const head of mine) heads[head] = { family: index, search, values: values[head] ?? [] };
      return search;
    });
    return { attention, key, value, keyWidth: family.key.length, valueWidth: family.values.length, searches };
  });
  const { columns } = weights.query;
  const projections = Matrix.of(columns, ofRows.forms).transposed();
  return {
    heads,
    families,
    projections,
    read: Int32Array.from({ length: columns }, (_, lane) => lane).filter((lane) => projections.row(lane).length > 0),
    ofStores: new Map([...ofStores].map(([store, { forms }]) => [store, Matrix.of(columns, forms)])),
  };
}
