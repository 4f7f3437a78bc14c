// Builds every source with every toolchain, runs what comes out under Node and on all engines, and prints
// what agrees.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ENGINES, callInNode, callOn, command, difference, instructions, runInNode, runOn } from './machine.mjs';
import { print } from './page.mjs';
import { INSTALLED, TOOLCHAINS } from './toolchains.mjs';

const here = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const { programs, calls } = JSON.parse(readFileSync(here('cases.json')));

/**
 * Where a module stands in the repository that a toolchain makes of a source: libraries apart, as they are
 * nothing to run by themselves.
 */
const kept = (source) => here(`${isLibrary(source) ? '../../tests/libraries' : 'built'}/${source.replace('.', '-')}.wasm`);
const isLibrary = (source) => calls.some((call) => call.source === source);

/**
 * What is wrong with one case on any engine, as one line each. The expected outcome is Node's, and stands in
 * the case.
 */
async function check(file, test, { kept, record, given }) {
  const wrong = [];
  if (test.invoke) {
    const expected = callInNode(readFileSync(file), test);
    if (record) test.results = expected;
    // Results may be addresses, which flags change: only those of what is kept stand in the case.
    if (kept && test.results !== expected) wrong.push(`node: ${expected} instead of ${test.results}`);
    const called = await Promise.all(ENGINES.map(async (engine) => ({ engine, ...(await callOn(engine, file, test)) })));
    for (const { engine, results, errors } of called) {
      if (results !== expected) wrong.push(`${engine}: ${results || errors.trim()} instead of ${expected}`);
    }
    return wrong;
  }
  const expected = await runInNode(file, test);
  if (record) Object.assign(test, { output: expected.output.toString(), errors: expected.errors.toString(), status: expected.status });
  const recorded = { output: Buffer.from(test.output), errors: Buffer.from(test.errors), status: test.status };
  const all = await Promise.all(ENGINES.map(async (engine) => [engine, await runOn(engine, file, test, given)]));
  for (const [engine, ran] of [['node', expected], ...all]) {
    const differs = difference(recorded, ran);
    if (differs) wrong.push(`${engine}: ${differs}`);
  }
  return wrong;
}

/** All engines in lockstep, step by step, on a program that needs neither arguments nor input. */
async function lockstep(file, given) {
  const { status, output, errors } = await command(['diff', file, ...given]);
  return status === 0 ? [] : [`diff: ${output}${errors}`.trim()];
}

/** Builds with one toolchain and checks all cases of one source; a row of the table. */
async function row(toolchain, source, options) {
  const file = join(INSTALLED, 'built', toolchain.name.replaceAll(' ', ''), `${source.replace('.', '-')}.wasm`);
  const reason = toolchain.missing();
  const wrong = [];
  let used = file;
  if (!reason) {
    mkdirSync(join(file, '..'), { recursive: true });
    await toolchain.build(source, file);
    if (toolchain.kept && options.record) writeFileSync(kept(source), readFileSync(file));
    else if (toolchain.kept && !(existsSync(kept(source)) && readFileSync(kept(source)).equals(readFileSync(file)))) {
      wrong.push(`not what stands in ${kept(source)}`);
    }
  } else if (toolchain.kept && existsSync(kept(source))) used = kept(source);
  else return { toolchain: toolchain.name, source, skipped: reason };

  const bytes = readFileSync(used);
  const names = WebAssembly.Module.imports(new WebAssembly.Module(bytes)).map(({ module, name }) => `${module}.${name}`);
  const given = (toolchain.imports ?? []).filter((value) => names.includes(value.split('=')[0])).flatMap((value) => ['--import', value]);
  const cases = [...programs, ...calls].filter((test) => test.source === source);
  for (const test of cases) wrong.push(...(await check(used, test, { given, kept: toolchain.kept, record: options.record && toolchain.kept })));
  if (cases.some((test) => !test.invoke && !test.arguments && !test.input)) wrong.push(...(await lockstep(used, given)));
  return {
    toolchain: toolchain.name, source, bytes: bytes.length, imports: names.map((name) => name.replace(/^wasi_snapshot_preview1\./, '')), cases: cases.length,
    instructions: await Promise.all(cases.map((test) => instructions(used, test, given))), wrong, skipped: reason && `the build: ${reason}`,
  };
}

export async function main(options) {
  const rows = [];
  const sources = [...new Set([...programs, ...calls].map((test) => test.source))];
  for (const toolchain of TOOLCHAINS) {
    for (const source of sources.filter((source) => extname(source) === toolchain.ending)) {
      rows.push(await row(toolchain, source, options));
      process.stderr.write('.');
    }
  }
  process.stderr.write('\n');
  console.log('| toolchain | source | bytes | imports | cases | instructions | verdict |');
  console.log('| --- | --- | ---: | --- | ---: | --- | --- |');
  let loose = 0;
  for (const { toolchain, source, bytes, imports, cases, instructions, wrong, skipped } of rows) {
    const verdict = wrong === undefined ? `skipped: ${skipped}` : wrong.length > 0 ? `DIFFERS: ${wrong.join('; ')}` : `agrees${skipped ? `; skipped: ${skipped}` : ''}`;
    const cells = [toolchain, source, bytes ?? '-', imports && imports.length > 0 ? listed(imports) : '-', cases ?? '-', instructions?.join(', ') ?? '-', verdict];
    loose += print(cells, verdict === 'agrees').length;
  }
  if (options.record) writeFileSync(here('cases.json'), format({ programs, calls }));
  const count = (keep) => rows.filter(keep).length;
  const differ = count((row) => row.wrong?.length > 0) + loose;
  return { agree: count((row) => row.wrong?.length === 0), differ, skipped: count((row) => row.skipped) };
}

/** Names, of many only the first three and how many there are. */
const listed = (names) => (names.length > 8 ? `${names.slice(0, 3).join(' ')} … (${names.length})` : names.join(' '));

/** One case a line. */
const format = (lists) => `{\n${Object.entries(lists).map(([name, cases]) => `  "${name}": [\n${cases.map((test) => `    ${JSON.stringify(test)}`).join(',\n')}\n  ]`).join(',\n')}\n}\n`;
