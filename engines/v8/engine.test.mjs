// The adapter alone, on modules that are written here byte by byte: `node --test engines/v8`.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import test from 'node:test';
import { fileURLToPath } from 'node:url';

const [I32, I64, FUNC] = [0x7f, 0x7e, 0x60];
const text = (name) => [name.length, ...Buffer.from(name)];
const list = (items) => [items.length, ...items.flat()];
const section = (id, items) => (items.length ? [id, list(items).length, ...list(items)] : []);

/**
 * A module with types `[params, results]`, imports `[module, name, type]`, and functions `[name, type,
 * code]`. All functions are exported.
 */
function build({ types, imports = [], functions, table = [], memory, elements = [], exports = [] }) {
  const bytes = [
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, types.map(([params, results]) => [FUNC, ...list(params), ...list(results)])),
    ...section(2, imports.map(([module, name, type]) => [...text(module), ...text(name), 0, type])),
    ...section(3, functions.map(([, type]) => [type])),
    ...section(4, table),
    ...section(5, memory ? [[0, memory]] : []),
    ...section(7, [...functions.map(([name], index) => [...text(name), 0, imports.length + index]), ...exports]),
    ...section(9, elements),
    ...section(10, functions.map(([, , code]) => list([[0], code, [0x0b]]).slice(1)).map((body) => [body.length, ...body])),
  ];
  return Buffer.from(bytes).toString('base64');
}

/** Asks the adapter these questions; returns its hello and its answers. */
async function ask(...questions) {
  const engine = spawn(process.execPath, [fileURLToPath(new URL('engine.mjs', import.meta.url))], { stdio: ['pipe', 'pipe', 'inherit'] });
  for (const question of questions) engine.stdin.write(`${JSON.stringify(question)}\n`);
  engine.stdin.end();
  const lines = [];
  for await (const line of createInterface({ input: engine.stdout })) lines.push(JSON.parse(line));
  return lines;
}

/** Runs a module's `main`; returns the answer. */
async function run(module, more = {}) {
  const question = { type: 'run', module: build(module), globals: [], calls: [{ function: 'main', arguments: [] }], input: [''], ...more };
  return (await ask(question))[1];
}

test('it greets as an engine of the results level', async () => {
  const [hello, ...rest] = await ask();
  assert.deepEqual(hello, { type: 'hello', protocol: 1, engine: `v8 ${process.versions.v8}`, level: 'results' });
  assert.deepEqual(rest, []);
});

test('values keep their bits', async () => {
  const module = { types: [[[I64, I32], [I64, I32]]], functions: [['main', 0, [0x20, 0, 0x20, 1]]] };
  const values = [{ i64: '-9223372036854775808' }, { i32: -1 }];
  const answer = await run(module, { calls: [{ function: 'main', arguments: values }] });
  assert.deepEqual(answer.end, { returned: values });
});

test('each trap has its name', async () => {
  const types = [[[], []], [[I32], []], [[], [I32]]];
  const table = [[0x70, 0, 2]];
  const indirect = (place) => [0x41, place, 0x24, 0, 0x41, place, 0x11, 0, 0];
  for (const [code, trap] of [
    [[0x00], 'unreachable'],
    [[0x41, 1, 0x41, 0, 0x6d, 0x1a], 'division-by-zero'],
    [[0x41, 1, 0x41, 0, 0x70, 0x1a], 'division-by-zero'],
    [[0x41, 0x80, 0x80, 0x80, 0x80, 0x78, 0x41, 0x7f, 0x6d, 0x1a], 'integer-overflow'],
    [[0x41, 0x7f, 0x28, 0, 0, 0x1a], 'memory-out-of-bounds'],
  ]) {
    assert.deepEqual((await run({ types, functions: [['main', 0, code]], memory: 1 })).end, { trap });
  }
  // Place 0 of the table holds a function of another type, and place 1 no function. The called place is a
  // constant here.
  for (const [place, trap] of [[0, 'indirect-call-type'], [1, 'uninitialized-element'], [2, 'table-out-of-bounds']]) {
    const functions = [['main', 0, indirect(place).slice(4)], ['other', 1, []], ['place', 2, [0x41, place]]];
    const module = { types, functions, table, elements: [[0, 0x41, 0, 0x0b, 1, 1]], exports: [[...text('table'), 1, 0]] };
    assert.deepEqual((await run(module, { table: { table: 'table', place: 'place' } })).end, { trap });
  }
});

test('imports that are not the host’s end the run', async () => {
  const module = (from, name) => ({ types: [[[I32], []], [[], []]], imports: [[from, name, 0]], functions: [['main', 1, [0x41, 17, 0x10, 0, 0x00]]] });
  assert.deepEqual((await run(module('end', 'refuse'))).end, { called: { module: 'end', name: 'refuse', argument: 17 } });
  assert.deepEqual((await run(module('unserved', '3'))).end, { called: { module: 'unserved', name: '3' } });
  assert.deepEqual((await run(module('host', 'exit'))).end, { exited: 17 });
});

test('input comes in parts, and poll does not wait', async () => {
  const types = [[[I32], []], [[], [I32]], [[], []]];
  const imports = [['host', 'output', 0], ['host', 'input', 1], ['host', 'poll', 1]];
  const [input, poll] = [[0x10, 1, 0x10, 0], [0x10, 2, 0x10, 0]];
  const code = [...input, ...poll, ...poll, ...input, ...poll, ...input, ...poll];
  const answer = await run({ types, imports, functions: [['main', 2, code]] }, { input: ['YQ==', 'Yg==', ''] });
  assert.deepEqual([...Buffer.from(answer.outputs, 'base64')], [0x61, 0xfe, 0xfe, 0x62, 0xfe, 0xff, 0xff]);
});

test('memory is given up to its last byte that is not 0', async () => {
  const module = { types: [[[], []]], functions: [['main', 0, [0x41, 9, 0x41, 7, 0x3a, 0, 0]]], memory: 2, exports: [[...text('memory'), 2, 0]] };
  assert.deepEqual((await run(module, { memory: 'memory' })).memory, { length: 131072, bytes: Buffer.from([...Array(9).fill(0), 7]).toString('base64') });
});

test('what is no module, or no question, is said', async () => {
  const [, first, second] = await ask({ type: 'run', module: 'AAAA', globals: [], calls: [], input: [''] }, { type: 'begin' });
  assert.equal(first.type, 'cannot');
  assert.match(first.reason, /CompileError/);
  assert.equal(second.type, 'error');
});
