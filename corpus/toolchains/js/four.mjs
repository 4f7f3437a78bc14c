// The same four programs in every language, built by each toolchain that is there with what it does by
// default. What comes out runs under Node, on the reference VM, on wasmi and by the network in the fused
// form.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { command, difference, runInNode, runOn } from './machine.mjs';
import { MORE } from './more.mjs';
import { FOUR, INSTALLED, TOOLCHAINS } from './toolchains.mjs';

const CASES = join(FOUR, 'cases.json');
const cases = JSON.parse(readFileSync(CASES));

/** The most steps of a run, and the most that the network runs here; `NETWORK=0` leaves it out. */
const LONGEST = 50_000_000;
const NETWORK = Number(process.env.NETWORK ?? 100_000);

/** AssemblyScript has WASI only with its library. */
const all = [...TOOLCHAINS.filter(({ ending }) => ending !== '.ts'), ...MORE];
const toolchains = all.filter(({ name }) => name === (process.env.TOOLCHAIN ?? name));

/**
 * All steps of a run on the reference VM and on another engine: their number, or what is wrong. `diff` reads
 * a program's input from the file beside it.
 */
async function lockstep(file, test, engine) {
  writeFileSync(file.replace(/wasm$/, 'in'), test.input ?? '');
  const ran = await command(['diff', file, '--engine', engine, '--limit', String(LONGEST), '--', ...(test.arguments ?? [])]);
  const [, steps] = /: (\d+) steps/.exec(ran.output.toString()) ?? [];
  return ran.status === 0 ? { steps: Number(steps) } : { wrong: `${engine}: ${ran.output}${ran.errors}`.trim().replaceAll('\n', '; ') };
}

/** One run: what is wrong, its steps, and why the network does not run it, if it does not. */
async function check(file, test) {
  const recorded = { output: Buffer.from(test.output), errors: Buffer.from(test.errors), status: test.status };
  const outcomes = [['node', await runInNode(file, test)], ['vm', await runOn('vm', file, test)]];
  const wrong = outcomes.map(([judge, ran]) => [judge, difference(recorded, ran)]).filter(([, found]) => found).map((pair) => pair.join(': '));
  const { steps = 0, wrong: onWasmi } = await lockstep(file, test, 'wasmi');
  if (onWasmi) return { wrong: [...wrong, onWasmi], steps };
  if (steps > NETWORK) return { wrong, steps, left: `${steps} instructions` };
  const { wrong: byNetwork } = await lockstep(file, test, 'fused');
  // What needs too much memory is refused before it is run.
  if (byNetwork?.includes('--max-memory')) return { wrong, steps, left: byNetwork };
  return { wrong: byNetwork ? [...wrong, byNetwork] : wrong, steps };
}

/** The outcome of every case under Node, from the first toolchain that is there. */
async function record(toolchain) {
  for (const [program, tests] of Object.entries(cases)) {
    const file = join(INSTALLED, 'built', `${program}.wasm`);
    await toolchain.build(`${program}${toolchain.ending}`, file, FOUR);
    for (const test of tests) {
      const { output, errors, status } = await runInNode(file, test);
      Object.assign(test, { output: output.toString(), errors: errors.toString(), status });
    }
  }
  writeFileSync(CASES, format(cases));
}

async function row(toolchain, program) {
  const source = `${program}${toolchain.ending}`;
  const folder = join(INSTALLED, 'built/four', toolchain.name.replaceAll(/\W+/g, '-'));
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${program}.wasm`);
  try {
    await toolchain.build(source, file, FOUR);
  } catch (error) {
    return { bytes: '-', steps: ['-'], wrong: [error.message.trim().split('\n').at(-1)] };
  }
  const ran = [];
  for (const test of cases[program]) ran.push(await check(file, test));
  return {
    bytes: readFileSync(file).length,
    steps: ran.map(({ steps }) => steps),
    left: ran.map(({ left }) => left),
    wrong: ran.flatMap(({ wrong }) => wrong),
  };
}

const printRow = (cells) => console.log(`| ${cells.join(' | ')} |`);

/** All programs print the same, whatever they are built from. */
export async function main(options) {
  const counts = { agree: 0, differ: 0, skipped: 0 };
  const notes = [];
  let runs = 0;
  if (options.record) await record(toolchains.find((toolchain) => !toolchain.missing()));
  console.log('| toolchain | program | bytes | instructions | verdict |');
  console.log('| --- | --- | ---: | --- | --- |');
  for (const toolchain of toolchains) {
    const reason = toolchain.missing();
    for (const program of Object.keys(cases)) {
      if (reason) {
        counts.skipped += 1;
        printRow([toolchain.name, program, '-', '-', `skipped: ${reason}`]);
        continue;
      }
      const { bytes, steps, left = [], wrong } = await row(toolchain, program);
      const agrees = wrong.length === 0;
      printRow([toolchain.name, program, bytes, steps.join(', '), agrees ? 'agrees' : `DIFFERS: ${wrong.join('; ')}`]);
      counts[agrees ? 'agree' : 'differ'] += 1;
      runs += left.length;
      notes.push(...left.filter(Boolean).map((reason) => `not by the network: ${program} of ${toolchain.name}: ${reason}`));
    }
  }
  console.log(['', ...notes, `${runs - notes.length} of ${runs} runs by the network too`].join('\n'));
  return counts;
}

/** One case a line. */
const format = (programs) => `{\n${Object.entries(programs).map(([name, tests]) => `  "${name}": [\n${tests.map((test) => `    ${JSON.stringify(test)}`).join(',\n')}\n  ]`).join(',\n')}\n}\n`;
