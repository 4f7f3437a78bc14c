// The preview 1 programs of the public wasi-testsuite by `wasmformer run`, on the engines named.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';

const wasmformer = process.env.WASMFORMER;
const TIMEOUT = 300_000;

/** The programs of preview 1 below a folder. */
function programs(folder) {
  const below = readdirSync(folder, { withFileTypes: true, recursive: true });
  const paths = below.filter((entry) => entry.isFile() && entry.name.endsWith('.wasm')).map((entry) => join(entry.parentPath ?? entry.path, entry.name));
  return paths.filter((path) => dirname(path).includes('wasm32-wasip1') && !dirname(path).includes('threads')).sort();
}

/**
 * What a program's .json says: how it is run, and what is expected. The two forms of the suite are made one.
 */
function specification(path) {
  const file = path.replace(/\.wasm$/, '.json');
  const said = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
  const of = (type) => (said.operations ?? []).filter((operation) => operation.type === type);
  const run = said.operations ? (of('run')[0] ?? {}) : said;
  const stream = (id) => of('read').find((read) => (read.id ?? 'stdout') === id)?.payload;
  return {
    args: run.args ?? [],
    env: run.env ?? {},
    root: run.root ?? (run.dirs?.[0] ?? null),
    status: (said.operations ? of('wait')[0]?.exit_code : said.exit_code) ?? 0,
    stdout: said.operations ? stream('stdout') : said.stdout,
    stderr: said.operations ? stream('stderr') : said.stderr,
  };
}

/** Runs a program on an engine. Returns what is wrong; empty if nothing is. */
function check(path, engine) {
  const test = specification(path);
  const scratch = mkdtempSync(join(tmpdir(), 'testsuite-'));
  const words = ['run', path, '--engine', engine];
  if (test.root !== null) {
    const root = join(dirname(path), test.root);
    const copy = join(scratch, basename(root));
    if (existsSync(root)) cpSync(root, copy, { recursive: true });
    else mkdirSync(copy);
    words.push('--dir', `${copy}::/`);
  }
  words.push(...Object.entries(test.env).flatMap(([name, value]) => ['--env', `${name}=${value}`]), '--', ...test.args);
  const ran = spawnSync(wasmformer, words, { timeout: TIMEOUT, input: '' });
  rmSync(scratch, { recursive: true, force: true });
  if (ran.error) return String(ran.error.code ?? ran.error);
  const [stdout, stderr] = [ran.stdout.toString(), ran.stderr.toString()];
  if (ran.status !== test.status) return `status ${ran.status} instead of ${test.status}: ${stderr.trim().split('\n').slice(-3).join(' / ')}`;
  if (test.stdout !== undefined && stdout !== test.stdout) return `output ${JSON.stringify(stdout.slice(0, 80))}`;
  if (test.stderr !== undefined && stderr !== test.stderr) return `errors ${JSON.stringify(stderr.slice(0, 80))}`;
  return '';
}

const [folder, ...engines] = process.argv.slice(2);
const found = programs(folder);
if (found.length === 0) {
  console.error(`${folder}: no built programs of preview 1; the branch prod/testsuite-base has them`);
  process.exit(2);
}
let failures = 0;
for (const engine of engines.length > 0 ? engines : ['vm']) {
  let passed = 0;
  for (const path of found) {
    const wrong = check(path, engine);
    passed += wrong === '' ? 1 : 0;
    if (wrong !== '') console.log(`FAILED  ${engine}  ${path.slice(folder.length + 1)}: ${wrong}`);
  }
  failures += found.length - passed;
  console.log(`${engine}: ${passed} passed, ${found.length - passed} failed, 0 skipped`);
}
process.exitCode = failures > 0 ? 1 : 0;
