// Random WASI programs: a few calls with vectors, pointers and descriptors that are mostly sensible, then all
// errnos and all memory that the calls can reach as output. Encoded here, so that no reader stands between a
// program and its judge.
const [I32, I64] = [0x7f, 0x7e];
const FUNCTIONS = {
  fd_write: [I32, I32, I32, I32], fd_read: [I32, I32, I32, I32], fd_close: [I32], fd_seek: [I32, I64, I32, I32], fd_fdstat_get: [I32, I32],
  fd_prestat_get: [I32, I32], fd_prestat_dir_name: [I32, I32, I32],
  args_sizes_get: [I32, I32], args_get: [I32, I32], environ_sizes_get: [I32, I32], environ_get: [I32, I32],
};

/**
 * Memory from 0 is what pointers point into; errnos are kept behind, and what `fd_fdstat_get` says of a
 * stream is not looked at.
 */
const [SHOWN, STATUS, VECTORS, ERRNOS] = [1024, 0xc000, 0xd000, 0xe000];
const OUTSIDE = [65520, 65528, 65529, 65532, 65533, 65535, 65536, 70000, 0x7fffffff, -0x80000000, -8, -4, -1];

/** Numbers that are the same for the same seed. */
function random(seed) {
  let state = (seed + 1) * 0x9e3779b1 | 0;
  const next = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
  for (let i = 0; i < 8; i++) next();
  const below = (limit) => (next() >>> 4) % limit;
  return { below, pick: (list) => list[below(list.length)] };
}

/** A program and how it is run. What Node is known to answer otherwise (README.md) is not asked. */
export function generate(seed) {
  const { below, pick } = random(seed);
  // In every other program no pointer is outside memory.
  const outside = seed % 2 === 0 ? 0 : 15;
  const far = () => below(100) < outside;
  const pointer = () => (far() ? pick(OUTSIDE) : pick([0, 4, 8, 16, 20, 24, 32, 64, 72, 80, 128, 136, 144, 200, 256, 260, 261, 300, 511, 512, 600, 1000]));
  const closed = () => pick([3, 4, 5, 31, 32, -1, 0x7fffffff, -0x80000000]);
  const descriptor = () => (below(6) > 0 ? pick([0, 1, 2]) : closed());
  const vectors = () => (below(10) > 0 ? pick([16, 64, 128, 200, 256, 24, 72]) : pointer());
  const count = () => (far() ? pick([-1, 8191, 8193]) : 1 + below(3));
  const length = () => (far() ? pick([65535, 65536, 70000, 0x7fffffff, -1]) : pick([0, 0, 1, 2, 3, 4, 5, 8, 13, 40]));
  const word = (number) => [0, 8, 16, 24].map((shift) => (number >>> shift) & 255);
  const list = () => Array.from({ length: 3 }, () => {
    const at = pointer();
    return [...word(at), ...word(at === 65536 ? 1 : length())];
  }).flat();
  const argumentsOf = {
    fd_write: () => [below(3) > 0 ? pick([1, 1, 2]) : descriptor(), vectors(), count(), pointer()],
    fd_read: () => [below(3) > 0 ? 0 : descriptor(), vectors(), count(), pointer()],
    fd_close: () => [below(2) > 0 ? closed() : pick([0, 2])],
    fd_seek: () => [closed(), pick([0n, 1n, -1n, -(1n << 63n)]), pick([0, 1, 2]), pointer()],
    fd_fdstat_get: () => [descriptor(), far() ? pick(OUTSIDE.filter((at) => at !== 65520 && at !== 65528)) : STATUS],
    fd_prestat_get: () => [closed(), pointer()],
    fd_prestat_dir_name: () => [closed(), pointer(), pick([1, 8, far() ? -1 : 2])],
    args_sizes_get: () => [pointer(), pointer()],
    args_get: () => [pointer(), pointer()],
    environ_sizes_get: () => [pointer(), pointer()],
    environ_get: () => [pointer(), pointer()],
  };
  const calls = Array.from({ length: 1 + below(8) }, () => {
    const name = below(2) > 0 ? pick(['fd_write', 'fd_read']) : pick(Object.keys(FUNCTIONS));
    return { name, arguments: argumentsOf[name]() };
  });
  const text = (string) => [...Buffer.from(string, 'latin1')];
  const data = [...[16, 64, 128, 200, 256].map((at) => [at, list()]), [512, text('The quick brown fox\njumps over the lazy dog.\n\0\xff end')], [65520, text('abcdefghijklmnop')]];
  return {
    calls,
    data,
    exit: pick([undefined, 0, 1, 3, 70, 125]),
    input: pick(['', 'a', 'one\ntwo\nthree\n', 'no newline at the end', '\n\n\n', 'x'.repeat(100)]),
    arguments: pick([[], [''], ['one', 'two words', 'naïve']]),
    environment: pick([['A=1'], ['NAME=value', 'EMPTY=', 'E=a=b']]),
  };
}

const unsigned = (number) => (number < 128 ? [number] : [(number & 127) | 128, ...unsigned(number >>> 7)]);
const signed = (number) => (number >= -64n && number < 64n ? [Number(number & 127n)] : [Number(number & 127n) | 128, ...signed(number >> 7n)]);
const vector = (items) => [...unsigned(items.length), ...items.flat()];
const section = (id, body) => [id, ...unsigned(body.length), ...body];
const name = (text) => vector([...Buffer.from(text)].map((byte) => [byte]));
const i32 = (number) => [0x41, ...signed(BigInt(number | 0))];
const store = (at, value) => [...i32(at), ...value, 0x36, 2, 0];

/** A generated program as a module. */
export function encode({ calls, data, exit }) {
  const names = [...new Set([...calls.map((call) => call.name), 'fd_write', 'proc_exit'])];
  const type = (called) => [0x60, ...vector((FUNCTIONS[called] ?? [I32]).map((kind) => [kind])), ...(called === 'proc_exit' ? [0] : [1, I32])];
  const call = (called, given) => {
    const pushed = given.map((value) => (typeof value === 'bigint' ? [0x42, ...signed(value)] : i32(value)));
    return [...pushed.flat(), 0x10, names.indexOf(called)];
  };
  const shown = [[0, SHOWN], [ERRNOS, 4 * calls.length], [65520, 16]];
  const code = [
    ...calls.flatMap((made, index) => store(ERRNOS + 4 * index, call(made.name, made.arguments))),
    ...shown.flat().flatMap((value, index) => store(VECTORS + 4 * index, i32(value))),
    ...call('fd_write', [1, VECTORS, shown.length, VECTORS + 64]), 0x1a,
    ...(exit === undefined ? [] : call('proc_exit', [exit])),
    0x0b,
  ];
  return Uint8Array.from([
    0, 0x61, 0x73, 0x6d, 1, 0, 0, 0,
    ...section(1, vector([[0x60, 0, 0], ...names.map(type)])),
    ...section(2, vector(names.map((called, index) => [...name('wasi_snapshot_preview1'), ...name(called), 0, index + 1]))),
    ...section(3, [1, 0]),
    ...section(5, [1, 0, 1]),
    ...section(7, vector([[...name('memory'), 2, 0], [...name('_start'), 0, names.length]])),
    ...section(10, [1, ...unsigned(code.length + 1), 0, ...code]),
    ...section(11, vector(data.map(([at, bytes]) => [0, ...i32(at), 0x0b, ...unsigned(bytes.length), ...bytes]))),
  ]);
}
