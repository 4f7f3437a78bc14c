// The judge of the WASI routines: every program of corpus/full/wasi under Node's WASI, on the reference VM
// and on the network; what all give must be what stands in its header. Between real pipes, so that a
// descriptor has one direction in Node too.
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { callInNode, callOn, difference, runInNode, runOn } from './machine.mjs';
import { INSTALLED, load } from './toolchains.mjs';

const folder = fileURLToPath(new URL('../../full/wasi/', import.meta.url));
const JUDGED = ['vm', 'indexed'];

/** The `;;!` lines at the start of a program: TOML whose values are JSON too, as all of them here are. */
function header(text) {
  const lines = text.split('\n').filter((line) => line.startsWith(';;!'));
  return Object.fromEntries(lines.map((line) => line.slice(3).split(/=(.*)/s)).map(([name, value]) => [name.trim(), JSON.parse(value)]));
}

/** A new folder with the files of a header. */
function folderWith(files) {
  const made = mkdtempSync(join(tmpdir(), 'wasi-'));
  for (const [path, contents] of files) {
    mkdirSync(dirname(join(made, path)), { recursive: true });
    writeFileSync(join(made, path), Buffer.from(contents));
  }
  return made;
}

async function check(name, wabt) {
  const text = readFileSync(join(folder, name), 'utf8');
  const said = header(text);
  const file = join(INSTALLED, 'built/wasi', name.replace('.wat', '.wasm'));
  const bytes = wabt.parseWat(name, text).toBinary({}).buffer;
  writeFileSync(file, bytes);
  if (said.invoke) {
    const call = { invoke: said.invoke, arguments: said.arguments ?? [] };
    const ours = JUDGED.map(async (engine) => [engine, (await callOn(engine, file, call)).results]);
    const given = [['node', callInNode(bytes, call)], ...(await Promise.all(ours))];
    const expected = said.results.join(' ');
    return given.filter(([, results]) => results !== expected).map(([judge, results]) => `${judge}: ${results} instead of ${expected}`);
  }
  const expected = { output: Buffer.from(said.outputs ?? ''), errors: Buffer.from(said.errors ?? ''), status: said.exit ?? 0 };
  const test = () => ({ input: said.input, folder: said.files && folderWith(said.files) });
  const ours = JUDGED.map(async (engine) => [engine, await runOn(engine, file, test())]);
  const ran = [['node', await runInNode(file, test())], ...(await Promise.all(ours))];
  return ran.map(([judge, outcome]) => [judge, difference(expected, outcome)]).filter(([, differs]) => differs).map((pair) => pair.join(': '));
}

export async function main() {
  const wabt = await (await load('wabt')).default();
  mkdirSync(join(INSTALLED, 'built/wasi'), { recursive: true });
  const counts = { agree: 0, differ: 0, skipped: 0 };
  for (const name of readdirSync(folder).filter((name) => name.endsWith('.wat'))) {
    const wrong = await check(name, wabt);
    counts[wrong.length > 0 ? 'differ' : 'agree'] += 1;
    console.log(`${wrong.length > 0 ? 'DIFFERS' : 'agrees '}  ${name}${wrong.map((line) => `\n         ${line}`).join('')}`);
  }
  return counts;
}
