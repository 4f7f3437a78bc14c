// What compiles to WebAssembly here: how each toolchain is found, and what it makes of a source with the
// flags it has by default.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** Where `check` installs. */
export const INSTALLED = fileURLToPath(new URL('../../../target/toolchains/', import.meta.url));
const require = createRequire(join(INSTALLED, 'package.json'));
export const load = (name) => import(pathToFileURL(require.resolve(name)));

export const SOURCES = fileURLToPath(new URL('../sources/', import.meta.url));
/** The same four programs in every language. */
export const FOUR = fileURLToPath(new URL('../four/', import.meta.url));

/** A package that is installed, as `require` finds it; and the path of a file of one. */
export const requirePackage = (name) => require(name);
export const inPackage = (name, path) => join(INSTALLED, 'node_modules', name, path);

export const python = join(INSTALLED, 'python/bin/python');
const rust = join(INSTALLED, 'rust');
const rustc = '/usr/bin/rustc';

/**
 * Runs a compiler where the sources are: their names stand in what it makes, and must not be paths of this
 * machine.
 */
export function run(program, words, environment = {}, folder = SOURCES) {
  const ran = spawnSync(program, words, { cwd: folder, env: { ...process.env, ...environment } });
  if (ran.status !== 0) throw new Error(`${program} ${words.join(' ')}: ${ran.error ?? ran.stderr}`);
}

/** clang of @yowasp/clang, itself WebAssembly. */
async function clang(flags, source, target, folder = SOURCES) {
  const { commands, runLLVM } = await load('@yowasp/clang');
  const said = [];
  await runLLVM(null, {}, { fetchProgress() {} });
  try {
    const files = { 'program.c': readFileSync(join(folder, source)) };
    const made = await commands.clang([...flags, 'program.c', '-o', 'program.wasm'], files, { stderr: (bytes) => bytes && said.push(Buffer.from(bytes)) });
    writeFileSync(target, made['program.wasm']);
  } catch (error) {
    throw new Error(`clang: ${Buffer.concat(said)}${error.message}`);
  }
}

export const assemblyScript = (flags, source, target, folder) =>
  run(process.execPath, [inPackage('assemblyscript', 'bin/asc.js'), source, '--outFile', target, ...flags], {}, folder);

const zig = (flags, source, target, folder) =>
  run(python, ['-m', 'ziglang', 'cc', '--target=wasm32-wasi', ...flags, source, '-o', target], { ZIG_GLOBAL_CACHE_DIR: join(INSTALLED, 'zig') }, folder);

function rustProgram(source, target, folder) {
  const kind = source.endsWith('library.rs') ? ['--crate-type', 'cdylib'] : [];
  run(rustc, ['--sysroot', rust, '--target', 'wasm32-wasip1', '--edition', '2024', '-O', '-C', 'linker=rust-lld', ...kind, source, '-o', target], {}, folder);
}

/**
 * A toolchain is there, or says what it needs. `kept`: what it builds stands in the repository, and must be
 * what it builds today. `imports` are values for imports that nobody serves: zig's allocator asks for
 * randomness.
 */
export const TOOLCHAINS = [
  { name: 'clang', about: 'clang 22, npm @yowasp/clang', ending: '.c', kept: true, build: (...to) => clang([], ...to) },
  { name: 'clang -O2', about: 'clang 22, npm @yowasp/clang', ending: '.c', build: (...to) => clang(['-O2'], ...to) },
  { name: 'asc', about: 'AssemblyScript 0.28, npm assemblyscript', ending: '.ts', kept: true, build: (...to) => assemblyScript([], ...to) },
  { name: 'asc -O', about: 'AssemblyScript 0.28, npm assemblyscript', ending: '.ts', build: (...to) => assemblyScript(['--optimize'], ...to) },
  { name: 'rustc', about: 'rustc 1.96, Debian rustc-web, std from its source', ending: '.rs', kept: true, build: rustProgram, needs: join(rust, 'lib/rustlib/wasm32-wasip1/lib/self-contained/libc.a') },
  { name: 'zig cc', about: 'zig 0.17, PyPI ziglang', ending: '.c', build: (...to) => zig([], ...to), needs: python },
].map((toolchain) => ({ missing: () => (toolchain.needs && !existsSync(toolchain.needs) ? 'not set up: corpus/toolchains/check --all' : ''), ...toolchain }));
