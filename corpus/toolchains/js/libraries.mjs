// Modules that others published on npm: reads each, calls exports on all engines and in Node, and compares
// the results.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ENGINES, callInNode, callOn, command } from './machine.mjs';
import { print } from './page.mjs';
import { INSTALLED, inPackage, requirePackage } from './toolchains.mjs';

/**
 * A `file` of the package, or modules that its JavaScript holds: those that it compiles when it is loaded and
 * `used`, `nth` of them. An argument is a number for i32, a string for i64.
 */
const LIBRARIES = [
  { package: 'long', calls: [['mul', 123456789, -5, 987654321, 7], ['div_s', 1, -2147483648, 10, 0], ['rem_u', -1, -1, 1000, 0]] },
  { package: 'xxhash-wasm', used: (module) => module(), calls: [['xxh32', 0, 1000, 7], ['xxh64', 0, 1000, '7']] },
  { package: 'hash-wasm', used: (module) => module.crc32('a'), calls: [['Hash_GetBuffer'], ['Hash_GetState']] },
  { package: 'murmurhash-wasm', calls: [['hash32', 1056, 7], ['__new', 100, 1]] },
  { package: '@thi.ng/leb128', used: (module) => module.encodeULEB128(5), calls: [['leb128EncodeU64', '1234567890123'], ['leb128DecodeI64']] },
  { package: 'source-map', file: 'lib/mappings.wasm', calls: [['allocate_mappings', 100], ['get_last_error']] },
  { package: 'undici', file: 'lib/llhttp/llhttp.wasm', calls: [['llhttp_alloc', 2], ['llhttp_errno_name', 3], ['malloc', 100000]] },
  { package: 'farmhash-modern', file: 'bin/nodejs/farmhash_modern_bg.wasm', calls: [['hash32_with_seed', 1, 0, 42], ['fingerprint64', 1, 0], ['__wbindgen_malloc', 64, 1]] },
  { package: 'wasm-gzip', file: 'wasm_gzip.wasm', calls: [['malloc_u8', 1000], ['gzip_compress', 1048576, 100, 6]] },
  { package: 'lz4-wasm-nodejs', file: 'lz4_wasm_nodejs_bg.wasm', calls: [['__wbindgen_malloc', 1000]] },
  { package: 'snappy-wasm', file: 'cjs/snappy_bg.wasm', calls: [['__wbindgen_malloc', 1000]] },
  { package: 'zstddec', used: (module) => new module.ZSTDDecoder().init(), calls: [['malloc', 1000], ['ZSTD_isError', -20], ['ZSTD_findDecompressedSize', 1024, 18]] },
  { package: '@foxglove/wasm-lz4', file: 'dist/wasm-lz4.wasm', calls: [['e', 1000]] },
  { package: '@undecaf/zbar-wasm', file: 'dist/zbar.wasm', calls: [['i']] },
  { package: 'markdown-wasm', file: 'dist/markdown.wasm', calls: [['d', 0, 100], ['f']] },
];

/** The modules that a package compiles while it is loaded and used. */
async function compiled({ package: name, used }) {
  const seen = [];
  const original = { ...Object.getOwnPropertyDescriptors(WebAssembly) };
  const note = (source) => {
    if (ArrayBuffer.isView(source)) seen.push(Buffer.from(source.buffer, source.byteOffset, source.byteLength));
    else if (source instanceof ArrayBuffer) seen.push(Buffer.from(source));
    return source;
  };
  const { Module, compile, instantiate } = WebAssembly;
  WebAssembly.Module = new Proxy(Module, { construct: (target, [source, ...rest]) => new target(note(source), ...rest) });
  WebAssembly.compile = (source, ...rest) => compile(note(source), ...rest);
  WebAssembly.instantiate = (source, ...rest) => instantiate(note(source), ...rest);
  try {
    const module = requirePackage(name);
    await used?.(module.default ?? module);
  } finally {
    Object.defineProperties(WebAssembly, original);
  }
  if (seen.length === 0) throw new Error('it compiled no module');
  return seen.at(-1);
}

async function row(library) {
  const file = join(INSTALLED, 'built/libraries', `${library.package.replaceAll(/\W+/g, '-')}.wasm`);
  mkdirSync(join(file, '..'), { recursive: true });
  let bytes;
  try {
    bytes = library.file ? readFileSync(inPackage(library.package, library.file)) : await compiled(library);
  } catch (error) {
    return { ...library, skipped: `not set up: ${error.message.split('\n')[0]}` };
  }
  writeFileSync(file, bytes);
  const { version } = JSON.parse(readFileSync(inPackage(library.package, 'package.json')));
  const listed = await command(['run', file, '--list-imports']);
  const wrong = listed.status === 0 ? [] : [`--list-imports: ${listed.errors}`.trim()];
  const results = [];
  for (const [invoke, ...values] of library.calls) {
    const call = { invoke, arguments: values };
    let expected;
    try {
      expected = callInNode(bytes, call);
    } catch (error) {
      wrong.push(`${invoke} in node: ${error.message}`);
      continue;
    }
    results.push(`${invoke}(${values.join(', ')}) = ${expected}`);
    const given = await Promise.all(ENGINES.map(async (engine) => ({ engine, ...(await callOn(engine, file, call)) })));
    for (const { engine, status, results: actual, errors } of given) {
      if (status !== 0 || actual !== expected) wrong.push(`${invoke} on ${engine}: ${actual || errors.trim()} instead of ${expected}`);
    }
  }
  return { ...library, version, bytes: bytes.length, imports: WebAssembly.Module.imports(new WebAssembly.Module(bytes)).length, results, wrong };
}

export async function main() {
  const rows = [];
  for (const library of LIBRARIES) {
    rows.push(await row(library));
    process.stderr.write('.');
  }
  process.stderr.write('\n');
  console.log('| package | version | bytes | imports | calls | verdict |');
  console.log('| --- | --- | ---: | ---: | --- | --- |');
  let loose = 0;
  for (const { package: name, version, bytes, imports, results, wrong, skipped } of rows) {
    const verdict = skipped ? `skipped: ${skipped}` : wrong.length > 0 ? `DIFFERS: ${wrong.join('; ')}` : 'agrees';
    loose += print([name, version ?? '-', bytes ?? '-', imports ?? '-', results?.join(', ') ?? '-', verdict], verdict === 'agrees').length;
  }
  const count = (keep) => rows.filter(keep).length;
  const differ = count((row) => row.wrong?.length > 0) + loose;
  return { agree: count((row) => row.wrong?.length === 0), differ, skipped: count((row) => row.skipped) };
}
