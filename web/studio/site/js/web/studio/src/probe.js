// The state of a run as the network's attention sees it. The network's heads get queries for each depth,
// local and address, in the form of their own queries, and the values that they retrieve are the state. No VM
// is consulted.
/** Queries a session. `depth` is the depth of the stack at the session's last row, before that row's step. */
export function probe(machine, session, depth) {
    const bits = [0, 2, 4, 6].map((i) => ({ i, head: machine.head(`top bits ${i}, ${i + 1}`) }));
    const byteAt = (height) => bits.reduce((byte, { i, head: [layer, head] }) => {
        const [low, high] = session.ask(layer, head, [height, 1]) ?? [0, 0];
        return byte + low * 2 ** i + high * 2 ** (i + 1);
    }, 0);
    return {
        stack: Array.from({ length: depth }, (_, i) => byteAt(i + 1)),
        locals: byContent(session, machine.head("local")),
        memory: byContent(session, machine.head("memory cell")),
    };
}
/**
 * The values that a head with content-based keys finds, by index. The indices are the tags of all rows. A
 * result whose tag is not the index is not a match.
 */
function byContent(session, [layer, head]) {
    const rows = session.rowsOf(layer, head);
    const tags = new Set();
    for (let row = 0; row < rows.length; row += 1) {
        const tag = rows.value(row)[1];
        if (tag >= 0)
            tags.add(tag);
    }
    const found = new Map();
    for (const index of [...tags].sort((a, b) => a - b)) {
        const [value, tag] = session.ask(layer, head, [index, 1]) ?? [];
        if (value !== undefined && tag === index)
            found.set(index, value);
    }
    return found;
}
