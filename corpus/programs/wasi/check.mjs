// Runs every case of cases.json in an independent implementation of WASI, Node's, and compares output and
// status with what stands here. Standard output stands in NAME.out, standard error in NAME.err, where there
// is any. With --record they are written instead. A case with files is given a folder with them as `/`.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { WASI } from 'node:wasi';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));

async function runInThisProcess(file, args, env, preopens) {
  const wasi = new WASI({ version: 'preview1', args, env, preopens, returnOnExit: true });
  const { instance } = await WebAssembly.instantiate(readFileSync(here(file)), wasi.getImportObject());
  process.exitCode = wasi.start(instance);
}

/** A new folder with the files of a case, if it has any. */
function folderOf({ files }) {
  if (!files) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'programs-'));
  for (const [name, contents] of Object.entries(files)) writeFileSync(join(folder, name), contents);
  return folder;
}

function check(test) {
  const env = Object.fromEntries((test.environment ?? []).map((variable) => variable.split(/=(.*)/s).slice(0, 2)));
  const folder = folderOf(test);
  const child = JSON.stringify([`${test.program}.wasm`, [test.program, ...(test.arguments ?? [])], env, folder ? { '/': folder } : {}]);
  const input = test.input ? readFileSync(here(test.input)) : '';
  const command = [process.execPath, '--no-warnings', here('check.mjs'), '--run', child];
  const ran = spawnSync(command[0], command.slice(1), { input });
  if (folder) rmSync(folder, { recursive: true });
  const [out, err] = ['out', 'err'].map((ending) => here(`${test.name}.${ending}`));
  if (process.argv.includes('--record')) {
    writeFileSync(out, ran.stdout);
    if (ran.stderr.length > 0) writeFileSync(err, ran.stderr);
  }
  const errors = existsSync(err) ? readFileSync(err) : Buffer.alloc(0);
  const agrees = ran.status === (test.status ?? 0) && ran.stdout.equals(readFileSync(out)) && ran.stderr.equals(errors);
  console.log(`${agrees ? 'agrees' : 'DIFFERS'}  ${test.name}${agrees ? '' : `: status ${ran.status}\n${ran.stdout}${ran.stderr}`}`);
  return agrees;
}

if (process.argv[2] === '--run') {
  await runInThisProcess(...JSON.parse(process.argv[3]));
} else {
  const cases = JSON.parse(readFileSync(here('cases.json'), 'utf8'));
  const agreed = cases.map(check).filter(Boolean).length;
  console.log(`${agreed} of ${cases.length} cases agree with Node's WASI`);
  process.exitCode = agreed === cases.length ? 0 : 1;
}
