// How fast the engine is: tokens a second on the prompt of corpus/programs/wasi/hello.wasm, in Node and in
// headless Chromium. Both must give what `wasmformer run` outputs, and the same tokens.
//
//   node engines/typescript/speed/speed.mjs FOLDER      FOLDER is an export of the full machine
//
// WASMFORMER names the command and CHROMIUM the browser, /usr/bin/chromium by default. A browser that is not
// there is skipped, and said. What else runs on the machine makes the rates lower: so the best of some runs
// is printed, and each of them.

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { dirname, extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

import { measured } from "./measure.js";

const RUNS = 5;
const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "../../..");
const command = process.env.WASMFORMER ?? join(root, "target/release/wasmformer");
const chromium = process.env.CHROMIUM ?? "/usr/bin/chromium";
const program = join(root, "corpus/programs/wasi/hello.wasm");
const [folder] = process.argv.slice(2);
const ask = (...words) => execFileSync(command, words, { encoding: "utf8", maxBuffer: 1 << 28 });

const { tokens } = JSON.parse(ask("listing", program, "--machine", "full", "--json"));
const expected = ask("run", program, "--machine", "full");

function show(where, { count, rows, output, end, prompt, rates }) {
  assert.equal(output, expected, `${where}: another output than wasmformer run`);
  assert.equal(end, "halt", `${where}: another end`);
  const all = rates.map((rate) => Math.round(rate / 100) / 10).join(", ");
  const best = Math.round(Math.max(...rates));
  console.log(`${where}: ${best} tokens a second (runs: ${all} thousand); ${count} tokens, the first after ${rows} rows in ${prompt.toFixed(2)} s`);
}

const page = `<!doctype html><title>speed</title><script type="module">
const said = await import("/measure.js").then(async ({ measured }) => {
  const [config, weights, prompt] = await Promise.all(["config.json", "model.safetensors", "prompt.json"].map((name) => fetch("/" + name)));
  return measured(await config.text(), new Uint8Array(await weights.arrayBuffer()), await prompt.json(), ${RUNS});
}).catch((error) => ({ error: String(error.stack ?? error) }));
await fetch("/said", { method: "POST", body: JSON.stringify(said) });
</script>`;
const TYPES = { ".js": "text/javascript", ".json": "application/json" };

/** Runs the page in Chromium; what it said. */
async function inChromium() {
  const profile = mkdtempSync(join(tmpdir(), "wasmformer-"));
  let heard;
  const said = new Promise((resolve) => (heard = resolve));
  const server = createServer((request, response) => {
    if (request.method === "POST") {
      let body = "";
      request.on("data", (part) => (body += part));
      request.on("end", () => {
        heard(JSON.parse(body));
        response.end();
      });
      return;
    }
    const path = normalize(new URL(request.url, "http://localhost").pathname);
    const file = path.startsWith("/engine/")
      ? join(here, "../dist/src", path.slice("/engine/".length))
      : join(path === "/measure.js" ? here : folder, path);
    const body = path === "/" ? page : path === "/prompt.json" ? JSON.stringify(tokens) : existsSync(file) ? readFileSync(file) : undefined;
    response.writeHead(body === undefined ? 404 : 200, { "content-type": TYPES[extname(path)] ?? "text/html" }).end(body);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const flags = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"];
  const address = `http://127.0.0.1:${server.address().port}/`;
  const browser = spawn(chromium, [...flags, `--user-data-dir=${profile}`, address], { stdio: "ignore" });
  const ended = new Promise((resolve) => browser.on("exit", resolve));
  let timer;
  const late = new Promise((resolve) => (timer = setTimeout(resolve, 300_000, { error: "no answer in 300 s" })));
  const result = await Promise.race([said, late, ended.then(() => ({ error: "Chromium ended before it said anything" }))]);
  clearTimeout(timer);
  browser.kill();
  await ended;
  server.closeAllConnections();
  server.close();
  rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  assert.equal(result.error, undefined, result.error);
  return result;
}

const own = measured(readFileSync(join(folder, "config.json"), "utf8"), readFileSync(join(folder, "model.safetensors")), tokens, RUNS);
show(`Node ${process.versions.node}`, own);
if (existsSync(chromium)) {
  const other = await inChromium();
  show("Chromium", other);
  assert.equal(other.sum, own.sum, "Chromium and Node emit other tokens");
} else {
  console.log(`skipped: the speed in a browser needs Chromium, and ${chromium} is not there`);
}
