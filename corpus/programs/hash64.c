/* Hashing in 64 bits: FNV-1a of "foobar", which its authors give as 85944171f73967e8, and of n random bytes; and the finalizer of
   splitmix64 over as many numbers. */
#include "host.h"

static uint64_t fnv(uint64_t hash, uint8_t byte) { return (hash ^ byte) * 0x100000001b3; }

static uint64_t mix(uint64_t x) {
  x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
  x = (x ^ x >> 27) * 0x94d049bb133111eb;
  return x ^ x >> 31;
}

void run(uint32_t n) {
  const uint64_t basis = 0xcbf29ce484222325;
  uint64_t hash = basis, mixed = 0, counter = 0;
  uint32_t state = 1;
  for (const char *letter = "foobar"; *letter; letter++) hash = fnv(hash, (uint8_t)*letter);
  print_hex(hash, 16);
  output('\n');
  hash = basis;
  for (uint32_t i = 0; i < n; i++) {
    hash = fnv(hash, (uint8_t)next_random(&state));
    mixed ^= mix(counter += 0x9e3779b97f4a7c15);
  }
  print_hex(hash, 16);
  output(' ');
  print_hex(mixed, 16);
  output('\n');
}

PROGRAM(1000, 100000)
