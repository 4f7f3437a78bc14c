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

/** A package that is installed, as `require` finds it; and the path of a file of one. */
export const requirePackage = (name) => require(name);
export const inPackage = (name, path) => join(INSTALLED, 'node_modules', name, path);

const python = join(INSTALLED, 'python/bin/python');
const rust = join(INSTALLED, 'rust');
const rustc = '/usr/bin/rustc';

/**
 * Runs a compiler where the sources are: their names stand in what it makes, and must not be paths of this
 * machine.
 */
function run(program, words, environment = {}) {
  const ran = spawnSync(program, words, { cwd: SOURCES, env: { ...process.env, ...environment } });
  if (ran.status !== 0) throw new Error(`${program} ${words.join(' ')}: ${ran.error ?? ran.stderr}`);
}

/** clang of @yowasp/clang, itself WebAssembly. */
async function clang(flags, source, target) {
  const { commands, runLLVM } = await load('@yowasp/clang');
  const said = [];
  await runLLVM(null, {}, { fetchProgress() {} });
  try {
    const files = { 'program.c': readFileSync(join(SOURCES, source)) };
    const made = await commands.clang([...flags, 'program.c', '-o', 'program.wasm'], files, { stderr: (bytes) => bytes && said.push(Buffer.from(bytes)) });
    writeFileSync(target, made['program.wasm']);
  } catch (error) {
    throw new Error(`clang: ${Buffer.concat(said)}${error.message}`);
  }
}

const assemblyScript = (flags, source, target) => run(process.execPath, [inPackage('assemblyscript', 'bin/asc.js'), source, '--outFile', target, ...flags]);

const zig = (flags, source, target) =>
  run(python, ['-m', 'ziglang', 'cc', '--target=wasm32-wasi', ...flags, source, '-o', target], { ZIG_GLOBAL_CACHE_DIR: join(INSTALLED, 'zig') });

function rustProgram(source, target) {
  const kind = source.endsWith('library.rs') ? ['--crate-type', 'cdylib'] : [];
  run(rustc, ['--sysroot', rust, '--target', 'wasm32-wasip1', '--edition', '2024', '-O', '-C', 'linker=rust-lld', ...kind, source, '-o', target]);
}

/**
 * A toolchain is there, or says what it needs. `kept`: what it builds stands in the repository, and must be
 * what it builds today. `imports` are values for imports that nobody serves: zig's allocator asks for
 * randomness.
 */
export const TOOLCHAINS = [
  { name: 'clang', about: 'clang 22, npm @yowasp/clang', ending: '.c', kept: true, build: (source, target) => clang([], source, target) },
  { name: 'clang -O2', about: 'clang 22, npm @yowasp/clang', ending: '.c', build: (source, target) => clang(['-O2'], source, target) },
  { name: 'asc', about: 'AssemblyScript 0.28, npm assemblyscript', ending: '.ts', kept: true, build: (source, target) => assemblyScript([], source, target) },
  { name: 'asc -O', about: 'AssemblyScript 0.28, npm assemblyscript', ending: '.ts', build: (source, target) => assemblyScript(['--optimize'], source, target) },
  { name: 'rustc', about: 'rustc 1.96, Debian rustc-web, std from its source', ending: '.rs', kept: true, build: rustProgram, needs: join(rust, 'lib/rustlib/wasm32-wasip1/lib/self-contained/libc.a') },
  { name: 'zig cc', about: 'zig 0.17, PyPI ziglang', ending: '.c', build: (source, target) => zig([], source, target), needs: python },
].map((toolchain) => ({ missing: () => (toolchain.needs && !existsSync(toolchain.needs) ? 'not set up: corpus/toolchains/check --all' : ''), ...toolchain }));
