/* What the programs of this folder are built on: one byte out, one byte in.

   A program defines `run(n)`, the work at size n, and ends with PROGRAM(short, long). Its module exports `main`, which
   runs the short size, `long`, which runs the long one, and `run` itself. Built natively, `long` or a number is an argument. */
#include <stdint.h>

#ifdef __wasm__

#define IMPORT(name) __attribute__((import_module("host"), import_name(#name)))
#define EXPORT(name) __attribute__((export_name(#name)))

IMPORT(output) void output(int32_t byte);
IMPORT(input) int32_t input(void); /* -1 at the end */

EXPORT(run) void run(uint32_t n);

#define PROGRAM(short_size, long_size)                     \
  EXPORT(main) void run_short(void) { run(short_size); }   \
  EXPORT(long) void run_long(void) { run(long_size); }

#else

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static inline void output(int32_t byte) { putchar((uint8_t)byte); }
static inline int32_t input(void) { return getchar(); }

void run(uint32_t n);

#define PROGRAM(short_size, long_size)                               \
  int main(int count, char **arguments) {                            \
    if (count < 2) run(short_size);                                  \
    else if (!strcmp(arguments[1], "long")) run(long_size);          \
    else run((uint32_t)strtoul(arguments[1], 0, 10));                \
  }

#endif

static inline void print(const char *text) {
  while (*text) output(*text++);
}

static inline void print_u32(uint32_t value) {
  char digits[10];
  int count = 0;
  do digits[count++] = (char)('0' + value % 10);
  while (value /= 10);
  while (count) output(digits[--count]);
}

static inline void print_u64(uint64_t value) {
  char digits[20];
  int count = 0;
  do digits[count++] = (char)('0' + value % 10);
  while (value /= 10);
  while (count) output(digits[--count]);
}

static inline void print_i32(int32_t value) {
  if (value < 0) output('-');
  print_u32(value < 0 ? -(uint32_t)value : (uint32_t)value);
}

/* With `digits` digits after the point, for numbers below 2^53 / 10^digits. */
static inline void print_fixed(double value, int digits) {
  uint64_t scale = 1;
  for (int i = 0; i < digits; i++) scale *= 10;
  uint64_t scaled = (uint64_t)(__builtin_fabs(value) * (double)scale + 0.5);
  if (value < 0) output('-');
  print_u64(scaled / scale);
  output('.');
  for (scaled %= scale; scale > 1; scaled %= scale) output('0' + (int32_t)(scaled / (scale /= 10)));
}

/* The lowest `digits` digits in hexadecimal. */
static inline void print_hex(uint64_t value, int digits) {
  while (digits--) output("0123456789abcdef"[value >> 4 * digits & 15]);
}

/* Numbers for programs to work on: a linear congruential generator's upper bits (multiplier and increment of
   Numerical Recipes). */
static inline uint32_t next_random(uint32_t *state) {
  *state = *state * 1664525 + 1013904223;
  return *state >> 8;
}
