/* SHA-256 (FIPS 180-4): of "abc", whose digest the standard gives, and of n times the letter a. Its constants are computed as the
   standard defines them: the first 32 bits of the fractional parts of the square and cube roots of the first primes. */
#include "host.h"

static uint32_t initial[8], constants[64];

static uint32_t rotate(uint32_t x, int by) { return x >> by | x << (32 - by); }

/* Whether (root / 2^32)^power <= prime, for a root of at most 36 bits: compared in parts of 32 bits, from the lowest. */
static int at_most(uint64_t root, int power, uint32_t prime) {
  uint32_t low = (uint32_t)root, high = (uint32_t)(root >> 32), product[4] = {low, high, 0, 0};
  for (int factor = 1; factor < power; factor++) {
    uint64_t carry = 0;
    uint32_t before = 0;
    for (int i = 0; i < 4; i++) {
      uint64_t sum = (uint64_t)product[i] * low + carry;
      uint64_t cross = (uint64_t)before * high + (uint32_t)sum;
      before = product[i];
      product[i] = (uint32_t)cross;
      carry = (sum >> 32) + (cross >> 32);
    }
  }
  return product[power] < prime; /* no prime has a whole root */
}

static uint32_t fraction(uint32_t prime, int power) {
  uint64_t root = 0;
  for (uint64_t bit = 1ull << 36; bit; bit >>= 1)
    if (at_most(root + bit, power, prime)) root += bit;
  return (uint32_t)root;
}

static void compute_constants(void) {
  int count = 0;
  for (uint32_t candidate = 2; count < 64; candidate++) {
    int prime = 1;
    for (uint32_t divisor = 2; divisor * divisor <= candidate; divisor++) prime &= candidate % divisor != 0;
    if (!prime) continue;
    if (count < 8) initial[count] = fraction(candidate, 2);
    constants[count++] = fraction(candidate, 3);
  }
}

static void compress(uint32_t *state, const uint8_t *block) {
  uint32_t w[64], v[8];
  for (int i = 0; i < 16; i++)
    w[i] = (uint32_t)block[4 * i] << 24 | (uint32_t)block[4 * i + 1] << 16 | (uint32_t)block[4 * i + 2] << 8 | block[4 * i + 3];
  for (int i = 16; i < 64; i++) {
    uint32_t s0 = rotate(w[i - 15], 7) ^ rotate(w[i - 15], 18) ^ w[i - 15] >> 3;
    uint32_t s1 = rotate(w[i - 2], 17) ^ rotate(w[i - 2], 19) ^ w[i - 2] >> 10;
    w[i] = w[i - 16] + s0 + w[i - 7] + s1;
  }
  for (int i = 0; i < 8; i++) v[i] = state[i];
  for (int i = 0; i < 64; i++) {
    uint32_t s1 = rotate(v[4], 6) ^ rotate(v[4], 11) ^ rotate(v[4], 25);
    uint32_t t1 = v[7] + s1 + ((v[4] & v[5]) ^ (~v[4] & v[6])) + constants[i] + w[i];
    uint32_t s0 = rotate(v[0], 2) ^ rotate(v[0], 13) ^ rotate(v[0], 22);
    uint32_t t2 = s0 + ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));
    for (int j = 7; j > 0; j--) v[j] = v[j - 1];
    v[4] += t1;
    v[0] = t1 + t2;
  }
  for (int i = 0; i < 8; i++) state[i] += v[i];
}

/* The digest of `length` bytes: those of `text`, over and over. */
static void digest(const char *text, uint32_t text_length, uint32_t length) {
  uint32_t state[8], at = 0;
  uint8_t block[64];
  for (int i = 0; i < 8; i++) state[i] = initial[i];
  uint32_t padded = (length + 9 + 63) / 64 * 64;
  for (uint32_t i = 0; i < padded; i++) {
    if (i < length) {
      block[i % 64] = (uint8_t)text[at];
      at = at + 1 == text_length ? 0 : at + 1;
    } else if (i < padded - 8) {
      block[i % 64] = i == length ? 0x80 : 0;
    } else {
      block[i % 64] = (uint8_t)((uint64_t)length * 8 >> 8 * (padded - 1 - i));
    }
    if (i % 64 == 63) compress(state, block);
  }
  for (int i = 0; i < 8; i++) print_hex(state[i], 8);
  output('\n');
}

void run(uint32_t n) {
  compute_constants();
  digest("abc", 3, 3);
  digest("a", 1, n);
}

PROGRAM(100, 20000)
