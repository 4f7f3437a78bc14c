// Holds llama.cpp, as it is, to the stock machine: every word of every run, as the reference VM makes it.
//
//     node hold.mjs FILE.gguf PROGRAM... [--generate N] [--first]
//
// The run is put in after the prompt, and at each place the word that greedy decoding chooses must be the
// run's next: that is what it generates as long as no word differs. The first N programs whose runs are short
// are generated too, word by word.
// --first stops at the first program that diverges. One line a program; exit status 1 if a word differs.

import {execFileSync} from "node:child_process";
import {getLlama} from "node-llama-cpp";

const words = process.argv.slice(2);
let generate = words.includes("--generate") ? Number(words.splice(words.indexOf("--generate"), 2)[1]) : 0;
const first = words.includes("--first") && words.splice(words.indexOf("--first"), 1).length > 0;
const [file, ...programs] = words;
const greedy = {temperature: 0};
const SHORT = 1000; // words: generating takes many times as long as reading

/** The prompt and the run of a program. */
function listed(program) {
  const command = process.env.WASMFORMER ?? "wasmformer";
  return JSON.parse(execFileSync(command, ["listing", program, "--stock", "--json"], {maxBuffer: 1 << 28, encoding: "utf8"}));
}

/** Where in a run a word is: the step, and the pc told last. */
function place(name, run, at) {
  const before = run.slice(0, at).map(name);
  const steps = before.filter((word) => word.startsWith("v:")).length;
  const pc = before.findLast((word) => word.startsWith("p:"))?.slice(2) ?? "0";
  return `word ${at} of the run, step ${steps}, pc ${pc}`;
}

// What exactness needs: keys and values in f32, no flash attention, the whole on the CPU. Its threads wait
// for one another without sleeping, so where others need the cores too, one is faster than two.
const llama = await getLlama({build: "never", gpu: false, logLevel: "error"});
const model = await llama.loadModel({modelPath: file, useMmap: false});
const cases = programs.map((program) => [program, listed(program)]);
const fits = ([, {prompt, run, max_rows}]) => prompt.length + run.length <= max_rows;
const rows = Math.max(...cases.filter(fits).map(([, {prompt, run}]) => prompt.length + run.length));
const context = await model.createContext({
  contextSize: Math.ceil((rows + 64) / 256) * 256, batchSize: 512, threads: 1,
  flashAttention: false, experimentalKvCacheKeyType: "F32", experimentalKvCacheValueType: "F32",
});
const sequence = context.getSequence();
const name = (token) => token === undefined ? "nothing" : model.detokenize([token], true).trim() || `token ${token}`;
let [agreed, diverged, tooLong, total] = [0, 0, 0, 0];
for (const [program, one] of cases) {
  const {text, prompt, run, steps} = one;
  if (!fits([program, one])) {
    tooLong++;
    console.log(`not run       ${program}: ${prompt.length + run.length} words`);
    continue;
  }
  const given = [model.tokens.bos, ...model.tokenize(text, false)];
  const other = prompt.findIndex((token, at) => given[at] !== token);
  if (other >= 0 || given.length !== prompt.length) {
    console.log(`the tokenizer differs: ${program}: word ${other < 0 ? prompt.length : other} of the prompt`);
    process.exit(1);
  }
  await sequence.clearHistory();
  const next = {generateNext: {token: true, probabilities: false, options: greedy}};
  const all = [...prompt, ...run.slice(0, -1)];
  const input = all.map((token, at) => at < prompt.length - 1 ? token : [token, next]);
  const output = await sequence.controlledEvaluate(input);
  const actual = output.slice(prompt.length - 1).map((place) => place?.next?.token);
  let at = run.findIndex((token, index) => actual[index] !== token);
  if (at < 0 && generate > 0 && run.length <= SHORT) {
    generate--;
    await sequence.clearHistory();
    actual.length = 0;
    for await (const token of sequence.evaluate(prompt, {...greedy, yieldEogToken: true})) {
      actual.push(token);
      if (actual.length >= run.length) break;
    }
    at = run.findIndex((token, index) => actual[index] !== token);
  }
  if (at < 0) {
    [agreed, total] = [agreed + 1, total + run.length];
    console.log(`agree         ${program}: ${run.length} words, ${steps} steps`);
  } else {
    diverged++;
    console.log(`diverge       ${program}: ${place(name, run, at)}: expected ${name(run[at])}, actual ${name(actual[at])}`);
    if (first) break;
  }
}
console.log(`${agreed} agree, ${diverged} diverge, ${tooLong} not run; ${total} words`);
await llama.dispose();
process.exit(diverged > 0 || agreed === 0 ? 1 : 0);
