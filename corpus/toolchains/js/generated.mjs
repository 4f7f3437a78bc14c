// Random WASI programs under Node's WASI and on the reference VM, between pipes; where they differ, made
// small by leaving out calls. One in five runs on the network too.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encode, generate } from './generate.mjs';
import { betweenPipes, difference, inNode, on } from './machine.mjs';
import { INSTALLED } from './toolchains.mjs';

const COUNT = Number(process.env.COUNT ?? 60);
const SEED = Number(process.env.SEED ?? 1);

/** What differs from Node on a program, as a line; empty if nothing does. */
async function differs(program, folder, engines) {
  const file = join(folder, 'case.wasm');
  writeFileSync(file, encode(program));
  const run = ([command, words]) => betweenPipes(command, words, program.input, folder);
  const expected = await run(inNode(file, program));
  for (const engine of engines) {
    const found = difference(expected, await run(on(engine, file, program)));
    if (found) return `${engine}: ${found}`;
  }
  return '';
}

async function check(seed, folder) {
  let program = generate(seed);
  const engines = seed % 5 === 0 ? ['vm', 'indexed'] : ['vm'];
  let found = await differs(program, folder, engines);
  if (!found) return true;
  for (let at = 0; at < program.calls.length; ) {
    const smaller = { ...program, calls: program.calls.toSpliced(at, 1) };
    const still = await differs(smaller, folder, engines);
    if (still) [program, found] = [smaller, still];
    else at += 1;
  }
  const calls = program.calls.map((call) => `${call.name}(${call.arguments.join(', ')})`).join(', ');
  console.log(`DIFFERS  seed ${seed}: ${calls}\n         ${found}\n         input ${JSON.stringify(program.input)}, in ${folder}`);
  return false;
}

/** Every other seed on its own, two at a time. */
export async function main() {
  const counts = { agree: 0, differ: 0, skipped: 0 };
  const half = async (first) => {
    const folder = join(INSTALLED, `generated-${first}`);
    mkdirSync(folder, { recursive: true });
    for (let seed = SEED + first; seed < SEED + COUNT; seed += 2) counts[(await check(seed, folder)) ? 'agree' : 'differ'] += 1;
  };
  await Promise.all([half(0), half(1)]);
  return counts;
}
