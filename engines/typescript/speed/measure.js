// One measured run of the full machine, for Node and for a browser.

const { FullHost, loadModel, run, Vocabulary } = await import(globalThis.process ? "../dist/src/index.js" : "/engine/index.js");

/** Runs a prompt to its end: its output, the number of tokens, their sum, and the times in seconds. */
function once(model, prompt) {
  const host = new FullHost(prompt, new Vocabulary(model.config));
  const start = performance.now();
  let [count, sum, first] = [0, 0, 0];
  for (const token of run(model, host)) {
    if (count === 0) first = performance.now();
    count += 1;
    sum += token * (1 + (count % 97));
  }
  const seconds = (performance.now() - first) / 1000;
  const output = String.fromCharCode(...host.outputs);
  return { count, sum, output, end: host.end.kind, rows: prompt.length, prompt: (first - start) / 1000, rate: (count - 1) / seconds };
}

/** The first of some runs, which has what they emit, with the rates of all. */
export function measured(config, weights, prompt, times) {
  const model = loadModel(config, weights);
  const runs = Array.from({ length: times }, () => once(model, prompt));
  return { ...runs[0], rates: runs.map(({ rate }) => rate) };
}
