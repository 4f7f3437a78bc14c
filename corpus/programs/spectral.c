/* The spectral norm of the n×n corner of the matrix with the elements 1 / ((i + j)(i + j + 1) / 2 + i +
   1), for i and j from 0: the root of the greatest eigenvalue of its product with its transpose, by ten
   turns of the power method. For ever greater n it tends to 1.274224153 (problem 3 of Trefethen's hundred
   digits). */
#include "host.h"

#define LIMIT 64

static double u[LIMIT], v[LIMIT], between[LIMIT];

static double element(uint32_t i, uint32_t j) { return 1 / (double)((i + j) * (i + j + 1) / 2 + i + 1); }

static void multiply(uint32_t n, const double *from, double *to) {
  for (uint32_t i = 0; i < n; i++) {
    double sum = 0;
    for (uint32_t j = 0; j < n; j++) sum += element(i, j) * from[j];
    to[i] = sum;
  }
}

static void multiply_transposed(uint32_t n, const double *from, double *to) {
  for (uint32_t i = 0; i < n; i++) {
    double sum = 0;
    for (uint32_t j = 0; j < n; j++) sum += element(j, i) * from[j];
    to[i] = sum;
  }
}

void run(uint32_t n) {
  double above = 0, below = 0;
  if (n > LIMIT) n = LIMIT;
  for (uint32_t i = 0; i < n; i++) u[i] = 1;
  for (int turn = 0; turn < 10; turn++) {
    multiply(n, u, between);
    multiply_transposed(n, between, v);
    multiply(n, v, between);
    multiply_transposed(n, between, u);
  }
  for (uint32_t i = 0; i < n; i++) {
    above += u[i] * v[i];
    below += v[i] * v[i];
  }
  print_fixed(__builtin_sqrt(above / below), 12);
  output('\n');
}

PROGRAM(4, 20)
