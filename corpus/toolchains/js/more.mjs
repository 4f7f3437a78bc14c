// The toolchains that only the four programs are built with: Debian's compilers, zig's own language, Go, and
// AssemblyScript with its WASI library.
import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { FOUR, INSTALLED, assemblyScript, python, run } from './toolchains.mjs';

/** Where Go and zig keep what they have compiled. */
const cache = (name) => join(INSTALLED, 'cache', name);

/** A clang of Debian's, with Debian's wasi-libc. */
function debian(version) {
  const program = `/usr/bin/clang-${version}`;
  const builtins = `/usr/lib/llvm-${version}/lib/clang/${version === 14 ? '14.0.6' : version}/lib/wasi/libclang_rt.builtins-wasm32.a`;
  return {
    name: `clang ${version}`, ending: '.c', needs: [program, builtins, '/usr/lib/wasm32-wasi/libc.a', `/usr/bin/wasm-ld-${version}`],
    build: (source, target) => run(program, ['--target=wasm32-wasi', source, '-o', target], {}, FOUR),
  };
}

const emcc = (source, target) => run('/usr/bin/emcc', [source, '-o', target], {}, FOUR);

const zig = (flags) => (source, target) =>
  run(python, ['-m', 'ziglang', 'build-exe', '-target', 'wasm32-wasi', ...flags, `-femit-bin=${target}`, source], { ZIG_GLOBAL_CACHE_DIR: join(INSTALLED, 'zig'), ZIG_LOCAL_CACHE_DIR: cache('zig') }, FOUR);

const go = join(INSTALLED, 'python/bin/go');
const goBuild = (source, target) => run(go, ['build', '-o', target, source], { GOOS: 'wasip1', GOARCH: 'wasm', GOCACHE: cache('go'), GOFLAGS: '-trimpath' }, FOUR);

/** The library is found where the compiler runs. */
const shim = 'node_modules/@assemblyscript/wasi-shim/asconfig.json';
const withShim = (flags) => (source, target) => assemblyScript(['--config', shim, ...flags], relative(INSTALLED, join(FOUR, source)), target, INSTALLED);

export const MORE = [
  debian(14),
  debian(19),
  { name: 'emcc', ending: '.c', build: emcc, needs: ['/usr/bin/emcc'] },
  { name: 'zig', ending: '.zig', build: zig([]), needs: [python] },
  { name: 'zig -O ReleaseSmall', ending: '.zig', build: zig(['-O', 'ReleaseSmall']), needs: [python] },
  { name: 'asc, wasi-shim', ending: '.ts', build: withShim([]), needs: [join(INSTALLED, shim)] },
  { name: 'asc -O, wasi-shim', ending: '.ts', build: withShim(['--optimize']), needs: [join(INSTALLED, shim)] },
  { name: 'go', ending: '.go', build: goBuild, needs: [go] },
].map(({ needs, ...toolchain }) => ({
  ...toolchain,
  missing: () => { const absent = needs.find((path) => !existsSync(path)); return absent ? `not set up: no ${absent.replace(INSTALLED, '')}; corpus/toolchains/check --all` : ''; },
}));
