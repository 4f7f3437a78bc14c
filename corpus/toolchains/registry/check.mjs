// Each module of modules.json: is it read, and if it is a program, does it what it does under Node's WASI?
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { command, difference, runInNode, runOn } from '../js/machine.mjs';
import { fetched } from './fetch.mjs';

const modules = JSON.parse(readFileSync(new URL('modules.json', import.meta.url)));
const [word = ''] = process.argv.slice(2);

/** Runs of the reference VM and of the network end at this many steps; `NETWORK=0` leaves the network out. */
const LONGEST = 200_000_000;
const NETWORK = Number(process.env.NETWORK ?? 1_000_000);

/** A message without the path and the place in the file, for a table. */
const short = (errors, file) => errors.toString().trim().split('\n')[0].replaceAll(`${file}: `, '').replaceAll(file, basename(file)).replaceAll('|', '\\|');

/** What the network gives, or why it does not run the program. */
async function byNetwork(file, test, node) {
  const ran = await runOn('fused', file, test, ['--limit', String(NETWORK)]);
  if (ran.status !== 2) return difference(node, ran) || 'agrees';
  return /\blimit\b|stopped/.test(ran.errors) ? `longer than ${NETWORK} steps` : short(ran.errors, file);
}

/** A program is run on the reference VM, and where it is short enough by the network. */
async function runProgram(file, test) {
  const node = await runInNode(file, test);
  const vm = await runOn('vm', file, test, ['--limit', String(LONGEST)]);
  const found = difference(node, vm);
  if (found) return { verdict: `DIFFERS: ${found}`, shown: short(vm.errors, file) };
  if (NETWORK === 0) return { verdict: 'agrees' };
  return { verdict: 'agrees', network: await byNetwork(file, test, node) };
}

async function row(module) {
  let file;
  try {
    file = fetched(module);
  } catch (error) {
    return { skipped: error.message.replaceAll('|', '/') };
  }
  const bytes = readFileSync(file);
  const listed = await command(['run', file, '--list-imports']);
  if (listed.status !== 0) return { bytes: bytes.length, refused: short(listed.errors, file) };
  const compiled = new WebAssembly.Module(bytes);
  const starts = WebAssembly.Module.exports(compiled).some(({ name }) => name === '_start');
  // What needs a host of its own, as Go's js does, is no program for Node's WASI.
  const isProgram = starts && WebAssembly.Module.imports(compiled).every(({ module: from }) => from === 'wasi_snapshot_preview1');
  return { bytes: bytes.length, ...(isProgram ? await runProgram(file, module) : {}) };
}

console.log('| package | version | file | bytes | read | program |');
console.log('| --- | --- | --- | ---: | --- | --- |');
const counts = { read: 0, refused: 0, skipped: 0, agree: 0, differ: 0, network: 0 };
for (const module of modules.filter(({ package: name, file }) => `${name} ${file}`.includes(word))) {
  const { bytes, refused, skipped, verdict, network, shown } = await row(module);
  const read = skipped ? `skipped: ${skipped}` : refused ? `refused: ${refused}` : 'read';
  const program = verdict ? [verdict, network && `network: ${network}`, shown].filter(Boolean).join('; ') : '-';
  console.log(`| ${[module.package, module.version, basename(module.file), bytes ?? '-', read, program].join(' | ')} |`);
  counts[skipped ? 'skipped' : refused ? 'refused' : 'read'] += 1;
  if (verdict) counts[verdict === 'agrees' ? 'agree' : 'differ'] += 1;
  if (network === 'agrees') counts.network += 1;
}
console.log(`\n${counts.read} read, ${counts.refused} refused, ${counts.skipped} skipped`);
console.log(`programs: ${counts.agree} agree (${counts.network} by the network too), ${counts.differ} differ`);
process.exitCode = counts.differ > 0 ? 1 : 0;
