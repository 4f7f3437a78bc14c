// The heads of a layer in families: heads with equal keys over the same rows remember the same rows, and
// heads with equal queries too find the same row. Each is then computed once.
import { Matrix } from "./matrix.js";
/** Forms that are computed together. */
class Forms {
    forms = [];
    /** Adds forms, and returns the place of the first one. */
    add(forms) {
        this.forms.push(...forms);
        return this.forms.length - forms.length;
    }
}
const text = (forms) => JSON.stringify(forms);
/** The item that `isIt` accepts. If there is none, one is made and added. */
function itemOf(items, isIt, make) {
    const known = items.find(isIt);
    if (known !== undefined)
        return known;
    const made = make();
    items.push(made);
    return made;
}
function draft(kinds, weights, width) {
    const drafts = [];
    const texts = new Map();
    const values = kinds.map((attention, head) => {
        const places = Array.from({ length: width }, (_, i) => head * width + i);
        const rows = (matrix) => (attention.kind === "sum" ? [] : places.map((place) => matrix.row(place)));
        const [key, query] = [rows(weights.key), rows(weights.query)];
        const [kind, keyText, queryText] = [text(attention), text(key), text(query)];
        const family = itemOf(drafts, (other) => text(other.attention) === kind && texts.get(other.key) === keyText, () => {
            texts.set(key, keyText);
            return { attention, key, values: [], searches: [] };
        });
        const search = itemOf(family.searches, (other) => texts.get(other.query) === queryText, () => {
            texts.set(query, queryText);
            return { query, heads: [], outputs: [] };
        });
        search.heads.push(head);
        return places.map((place) => {
            const form = weights.value.row(place);
            if (form.length === 0)
                return -1;
            const formText = text(form);
            const known = family.values.findIndex((other) => text(other) === formText);
            const value = known >= 0 ? known : family.values.push(form) - 1;
            for (const [lane, weight] of weights.output.column(place))
                search.outputs.push([value, lane, weight]);
            return value;
        });
    });
    return { drafts, values };
}
/** Compiles the heads of a layer. */
export function compileHeads(kinds, weights, width) {
    const { drafts, values } = draft(kinds, weights, width);
    const [ofRows, ofStores] = [new Forms(), new Map()];
    const heads = [];
    const families = drafts.map((family, index) => {
        const { attention } = family;
        let forms = ofRows;
        if (attention.kind === "cross") {
            forms = ofStores.get(attention.store) ?? new Forms();
            ofStores.set(attention.store, forms);
        }
        const [key, value] = [forms.add(family.key), forms.add(family.values)];
        const searches = family.searches.map(({ query, heads: mine, outputs }) => {
            const search = {
                query: ofRows.add(query),
                heads: mine,
                from: Int32Array.from(outputs, ([from]) => from),
                to: Int32Array.from(outputs, ([, to]) => to),
                weights: Float64Array.from(outputs, ([, , weight]) => weight),
            };
            for (const head of mine)
                heads[head] = { family: index, search, values: values[head] ?? [] };
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
