// Node's V8 as an engine of the results level of ../README.md:
//
//     wasmformer diff corpus/full --engine-cmd "node engines/v8/engine.mjs"
//
// Options of Node choose how V8 compiles: --liftoff-only for the baseline compiler only, or --no-liftoff for
// the optimising compiler only.

import { createInterface } from 'node:readline';
import v8 from 'node:v8';
import { Worker, isMainThread, parentPort } from 'node:worker_threads';

// Node 20 has extended constant expressions behind a flag. (global i32 (i32.add (i32.const 1) (i32.const 2)))
const EXTENDED = [0, 97, 115, 109, 1, 0, 0, 0, 6, 9, 1, 127, 0, 65, 1, 65, 2, 106, 11];
if (!WebAssembly.validate(Uint8Array.from(EXTENDED))) v8.setFlagsFromString('--experimental-wasm-extended-const');

/** Enough for the profile's limits: 6000 calls in progress, each with 8704 slots. */
const STACK_MB = 960;

/**
 * V8's messages, and the traps that they stand for. Two traps of a call through the table have the same
 * message.
 */
const TRAPS = {
  'unreachable': 'unreachable',
  'divide by zero': 'division-by-zero',
  'remainder by zero': 'division-by-zero',
  'divide result unrepresentable': 'integer-overflow',
  // Of a NaN, the module has called end.conversion before.
  'float unrepresentable in integer range': 'integer-overflow',
  'memory access out of bounds': 'memory-out-of-bounds',
  'table index is out of bounds': 'table-out-of-bounds',
  'element segment out of bounds': 'table-out-of-bounds',
  'null function': 'uninitialized-element',
  'function signature mismatch': 'indirect-call-type',
};
const EITHER = 'null function or function signature mismatch';

/** Thrown to end a run from inside an imported function. */
class Ended {
  constructor(end) {
    this.end = end;
  }
}

/** The functions of the module `host`, and the bytes that the program has written. */
function host(parts, answers) {
  const input = parts.map((part) => Buffer.from(part, 'base64'));
  const answered = answers.map((answer) => Buffer.from(answer, 'base64'));
  const written = { outputs: [], errors: [], requests: [] };
  let [part, next] = [0, 0];
  let [asks, answer, received] = [false, -1, 0];
  const take = (waits) => {
    if (next === input[part].length && part + 1 < input.length) {
      if (!waits) return -2;
      // The ends of two parts are never at the same position.
      [part, next] = [part + 1, 0];
    }
    return next < input[part].length ? input[part][next++] : -1;
  };
  const functions = {
    output: (byte) => void written.outputs.push(byte & 0xff),
    error: (byte) => void written.errors.push(byte & 0xff),
    input: () => take(true),
    poll: () => take(false),
    send: (byte) => {
      asks = true;
      written.requests.push(byte & 0xff);
    },
    receive: () => {
      if (asks) [asks, answer, received] = [false, answer + 1, 0];
      return answered[answer]?.[received++] ?? -1;
    },
    exit: (status) => {
      throw new Ended({ exited: status & 0xff });
    },
  };
  return { functions, written };
}

/** The imports of a module: the host's functions, and for every other import a function that ends the run. */
function imports(module, functions) {
  const served = { host: functions };
  for (const { module: from, name } of WebAssembly.Module.imports(module)) {
    if (from === 'host') continue;
    (served[from] ??= {})[name] = (argument) => {
      throw new Ended({ called: from === 'end' && argument !== undefined ? { module: from, name, argument } : { module: from, name } });
    };
  }
  return served;
}

const fromWire = ({ i32, i64 }) => (i64 === undefined ? i32 : BigInt(i64));
const toWire = (value) => (typeof value === 'bigint' ? { i64: String(value) } : { i32: value });

/** Makes the calls in order, and returns how the run ends. */
function call({ calls, table }, exports) {
  try {
    const results = [];
    for (const { function: name, arguments: given } of calls) {
      const returned = exports[name](...given.map(fromWire));
      results.push(...(returned === undefined ? [] : [returned].flat()));
    }
    return { returned: results.map(toWire) };
  } catch (thrown) {
    if (thrown instanceof Ended) return thrown.end;
    if (!(thrown instanceof WebAssembly.RuntimeError)) throw thrown;
    if (table && thrown.message === EITHER) {
      const entry = exports[table.table].get(exports[table.place]() >>> 0);
      return { trap: entry === null ? 'uninitialized-element' : 'indirect-call-type' };
    }
    const trap = TRAPS[thrown.message];
    if (trap === undefined) throw thrown;
    return { trap };
  }
}

/** A memory's length, and its bytes up to the last non-zero byte. */
function contents(memory) {
  const words = new BigUint64Array(memory.buffer);
  const last = words.findLastIndex((word) => word !== 0n);
  const bytes = Buffer.from(memory.buffer, 0, 8 * (last + 1));
  const end = bytes.findLastIndex((byte) => byte !== 0) + 1;
  return { length: memory.buffer.byteLength, bytes: bytes.toString('base64', 0, end) };
}

/** The answer to a question. */
function answer(question) {
  if (question.type !== 'run') return { type: 'error', reason: `unknown question ${question.type}` };
  try {
    const module = new WebAssembly.Module(Buffer.from(question.module, 'base64'));
    const { functions, written } = host(question.input, question.answers ?? []);
    const { exports } = new WebAssembly.Instance(module, imports(module, functions));
    const end = call(question, exports);
    return {
      type: 'result',
      end,
      outputs: Buffer.from(written.outputs).toString('base64'),
      errors: Buffer.from(written.errors).toString('base64'),
      requests: Buffer.from(written.requests).toString('base64'),
      memory: question.memory && contents(exports[question.memory]),
      globals: question.globals.map((name) => toWire(exports[name]())),
    };
  } catch (thrown) {
    return { type: 'cannot', reason: String(thrown) };
  }
}

if (isMainThread) {
  const say = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);
  const worker = new Worker(new URL(import.meta.url), { resourceLimits: { stackSizeMb: STACK_MB } });
  let asked = 0;
  let closed = false;
  worker.on('message', (message) => {
    say(message);
    asked -= 1;
    if (closed && asked === 0) process.exit();
  });
  createInterface({ input: process.stdin })
    .on('line', (line) => {
      asked += 1;
      worker.postMessage(JSON.parse(line));
    })
    .on('close', () => {
      closed = true;
      if (asked === 0) process.exit();
    });
  say({ type: 'hello', protocol: 1, engine: `v8 ${process.versions.v8}`, level: 'results' });
} else {
  parentPort.on('message', (question) => parentPort.postMessage(answer(question)));
}
