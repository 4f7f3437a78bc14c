// Published interpreters on the engines named: what each piece of source text gives, with counts and time.
import { fetched } from '../registry/fetch.mjs';
import { INTERPRETERS, NOT_RUN, run } from './interpreters.mjs';

const given = process.argv.slice(2);
const named = given.filter((word) => word in INTERPRETERS);
const engines = given.filter((word) => !(word in INTERPRETERS));
const names = named.length > 0 ? named : Object.keys(INTERPRETERS).filter((name) => !INTERPRETERS[name].onlyNamed);

/** The counts that `run --verbose` prints last, and what follows from them in some seconds. */
function counts(stderr, seconds) {
  const [, instructions, tokens] = stderr.match(/^(\d+) instructions(?: in (\d+) tokens)?$/m) ?? [];
  if (instructions === undefined) return `${seconds.toFixed(1)} s`;
  const rate = tokens ? `, ${tokens} tokens, ${Math.round(tokens / seconds)} a second` : '';
  return `${instructions} instructions${rate}, ${seconds.toFixed(1)} s`;
}

let differ = 0;
for (const engine of engines.length > 0 ? engines : ['vm']) {
  for (const name of names) {
    const { language, module, cases, start } = INTERPRETERS[name];
    const file = fetched(module);
    for (const [what, code, expected] of cases) {
      const { words, input, output } = start(file, code);
      const began = performance.now();
      const ran = run(file, engine, words, input);
      const seconds = (performance.now() - began) / 1000;
      const printed = output && ran.status === 0 ? output() : ran.stdout;
      const agrees = printed.startsWith(expected);
      differ += agrees ? 0 : 1;
      const last = ran.stderr.trim().split('\n').filter((line) => !/^(wasi:|\d+ instructions)/.test(line)).at(-1);
      const said = agrees ? `agrees, ${counts(ran.stderr, seconds)}` : `DIFFERS: status ${ran.status}: ${JSON.stringify(printed.slice(0, 80))} ${last}`;
      console.log(`${engine}: ${language} in ${module.package} ${module.version}: ${what}: ${said}`);
    }
  }
}
for (const [name, reason] of NOT_RUN) console.log(`skipped: ${name}: ${reason}`);
console.log(`${NOT_RUN.length} interpreter not run, ${differ} differ`);
process.exitCode = differ > 0 ? 1 : 0;
