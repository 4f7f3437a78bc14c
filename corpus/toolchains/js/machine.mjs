// Running modules: under Node, which judges, and by `wasmformer run` on each engine.
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { WASI } from 'node:wasi';

export const ENGINES = ['vm', 'wasmi', 'indexed', 'fused'];
const here = fileURLToPath(import.meta.url);
const wasmformer = process.env.WASMFORMER ?? fileURLToPath(new URL('../../../target/release/wasmformer', import.meta.url));

/** Runs a process to its end: standard output and standard error as bytes, and its status. */
function processed(program, words, input) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, words, { timeout: 300_000 });
    const read = { output: [], errors: [] };
    child.stdout.on('data', (bytes) => read.output.push(bytes));
    child.stderr.on('data', (bytes) => read.errors.push(bytes));
    // A program may end without reading its input.
    child.stdin.on('error', () => {}).end(input ?? '');
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ status: code ?? signal, output: Buffer.concat(read.output), errors: Buffer.concat(read.errors) }));
  });
}

/**
 * As `processed`, between real pipes: those that Node makes go both ways, so that a program could read its
 * standard output.
 */
export async function betweenPipes(program, words, input, folder) {
  const file = (name) => join(folder, name);
  writeFileSync(file('input'), input ?? '');
  const script = '{ { cat input | { "$@" 3>&-; echo $? >status; }; } 2>&1 >&3 | cat >errors; } 3>&1 | cat >output';
  await new Promise((resolve, reject) => spawn('bash', ['-c', script, 'bash', program, ...words], { cwd: folder }).on('error', reject).on('close', resolve));
  return { status: Number(readFileSync(file('status'))), output: readFileSync(file('output')), errors: readFileSync(file('errors')) };
}

/** What `wasmformer` does with these arguments. */
export const command = (words, input) => processed(wasmformer, words, input);

/**
 * The command that runs `_start` under Node's WASI, with the test's folder, if it has one, as `/`. A trap is
 * status 1 with a line `trap: …` at the end, as from wasmformer.
 */
export function inNode(file, test) {
  const child = JSON.stringify([file, [basename(file), ...(test.arguments ?? [])], test.environment ?? [], test.folder]);
  return [process.execPath, ['--no-warnings', here, child]];
}

/** The command that runs `_start` by `wasmformer run` on an engine, with further options. */
export function on(engine, file, test, given = []) {
  const environment = (test.environment ?? []).flatMap((variable) => ['--env', variable]);
  const folder = test.folder ? ['--dir', `${test.folder}::/`] : [];
  return [wasmformer, ['run', file, '--engine', engine, ...environment, ...folder, ...given, '--', ...(test.arguments ?? [])]];
}

export const runInNode = (file, test) => processed(...inNode(file, test), test.input);
export const runOn = (engine, file, test, given) => processed(...on(engine, file, test, given), test.input);

/** Calls an export by `wasmformer run` on an engine. */
export async function callOn(engine, file, call) {
  const ran = await command(['run', file, '--engine', engine, '--invoke', call.invoke, '--', ...call.arguments.map(String)]);
  return { status: ran.status, results: ran.output.toString().trim().split('\n').at(-1), errors: ran.errors.toString() };
}

/** The number of instructions of a run, as the reference VM traces them. */
export async function instructions(file, test, given) {
  const environment = (test.environment ?? []).flatMap((variable) => ['--env', variable]);
  const invoke = test.invoke ? ['--invoke', test.invoke] : [];
  const traced = await command(['trace', file, '--engine', 'vm', ...environment, ...invoke, ...given, '--', ...(test.arguments ?? []).map(String)], test.input);
  return traced.output.toString().split('\n').filter((line) => /^\s*\d+\s/.test(line)).length;
}

/** Calls an export in Node. Functions that the module imports besides WASI's throw when they are called. */
export function callInNode(bytes, call) {
  const module = new WebAssembly.Module(bytes);
  const wasi = new WASI({ version: 'preview1', args: ['module'] });
  const imports = { ...wasi.getImportObject() };
  for (const { module: from, name, kind } of WebAssembly.Module.imports(module)) {
    if (kind !== 'function') throw new Error(`${from}.${name}: an imported ${kind}`);
    (imports[from] ??= {})[name] ??= () => { throw new Error(`${from}.${name} was called`); };
  }
  const { exports } = new WebAssembly.Instance(module, imports);
  exports._initialize?.();
  const results = exports[call.invoke](...call.arguments.map((argument) => (typeof argument === 'string' ? BigInt(argument) : argument)));
  return [results ?? []].flat().join(' ');
}

/** What differs between two runs of a program, as one line; empty if nothing does. */
export function difference(expected, actual) {
  const errors = (ran) => (ran.status === 1 ? withoutTrap(ran.errors) : ran.errors);
  const between = (what, wanted, given) => {
    const at = wanted.findIndex((byte, index) => byte !== given[index]);
    const from = at < 0 ? wanted.length : at;
    const show = (bytes) => JSON.stringify(bytes.subarray(from, from + 40).toString('latin1'));
    return wanted.equals(given) ? '' : `${what} ${show(given)} instead of ${show(wanted)} from byte ${from}`;
  };
  const status = expected.status === actual.status ? '' : `status ${actual.status} instead of ${expected.status}`;
  return between('output', expected.output, actual.output) || between('errors', errors(expected), errors(actual)) || status;
}

/** Engines have words of their own for traps: standard error up to the line that tells of one. */
function withoutTrap(errors) {
  const at = errors.lastIndexOf('trap: ');
  return at < 0 ? errors : Buffer.concat([errors.subarray(0, at), Buffer.from('trap')]);
}

if (process.argv[1] === here) {
  const [file, args, environment, folder] = JSON.parse(process.argv[2]);
  const env = Object.fromEntries(environment.map((variable) => variable.split(/=(.*)/s).slice(0, 2)));
  const wasi = new WASI({ version: 'preview1', args, env, preopens: folder ? { '/': folder } : {}, returnOnExit: true });
  const instance = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(file)), wasi.getImportObject());
  try {
    process.exitCode = wasi.start(instance);
  } catch (error) {
    if (!(error instanceof WebAssembly.RuntimeError)) throw error;
    process.stderr.write(`trap: ${error.message}\n`);
    process.exitCode = 1;
  }
}
