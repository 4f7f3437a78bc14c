/* Products of n×n matrices of 32-bit numbers: the trace of A·B and of (A·B)·A, and the sum of all elements of the latter. */
#include "host.h"

#define LIMIT 128

static int32_t a[LIMIT][LIMIT], b[LIMIT][LIMIT], product[LIMIT][LIMIT], cube[LIMIT][LIMIT];

static void multiply(uint32_t n, int32_t (*left)[LIMIT], int32_t (*right)[LIMIT], int32_t (*into)[LIMIT]) {
  for (uint32_t row = 0; row < n; row++)
    for (uint32_t column = 0; column < n; column++) {
      uint32_t sum = 0;
      for (uint32_t k = 0; k < n; k++) sum += (uint32_t)left[row][k] * (uint32_t)right[k][column];
      into[row][column] = (int32_t)sum;
    }
}

static void print_trace(uint32_t n, int32_t (*matrix)[LIMIT]) {
  uint32_t trace = 0;
  for (uint32_t i = 0; i < n; i++) trace += (uint32_t)matrix[i][i];
  print_i32((int32_t)trace);
  output('\n');
}

void run(uint32_t n) {
  uint32_t state = 7, sum = 0;
  if (n > LIMIT) n = LIMIT;
  for (uint32_t row = 0; row < n; row++)
    for (uint32_t column = 0; column < n; column++) {
      a[row][column] = (int32_t)next_random(&state) % 1000;
      b[row][column] = (int32_t)(row * column) - (int32_t)n;
    }
  multiply(n, a, b, product);
  print_trace(n, product);
  multiply(n, product, a, cube);
  print_trace(n, cube);
  for (uint32_t row = 0; row < n; row++)
    for (uint32_t column = 0; column < n; column++) sum += (uint32_t)cube[row][column];
  print_i32((int32_t)sum);
  output('\n');
}

PROGRAM(12, 64)
