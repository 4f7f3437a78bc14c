/* Solves n linear equations: the matrix is decomposed in f32 with pivots, and the solution made exact by
   residuals in f64. Prints the greatest error after each turn, as a multiple of 2^-52, and the solution,
   which is 1, 2, 3 … */
#include "host.h"

#define LIMIT 64

static double matrix[LIMIT][LIMIT], right[LIMIT], solution[LIMIT];
static float factors[LIMIT][LIMIT], change[LIMIT];
static uint32_t order[LIMIT];

static void decompose(uint32_t n) {
  for (uint32_t i = 0; i < n; i++) {
    order[i] = i;
    for (uint32_t j = 0; j < n; j++) factors[i][j] = (float)matrix[i][j];
  }
  for (uint32_t k = 0; k < n; k++) {
    uint32_t best = k;
    for (uint32_t i = k + 1; i < n; i++)
      if (__builtin_fabsf(factors[order[i]][k]) > __builtin_fabsf(factors[order[best]][k])) best = i;
    uint32_t pivot = order[best];
    order[best] = order[k];
    order[k] = pivot;
    for (uint32_t i = k + 1; i < n; i++) {
      float *row = factors[order[i]], factor = row[k] /= factors[pivot][k];
      for (uint32_t j = k + 1; j < n; j++) row[j] -= factor * factors[pivot][j];
    }
  }
}

/* What the solution must change by, from the residuals. */
static void solve(uint32_t n) {
  for (uint32_t i = 0; i < n; i++) {
    const uint32_t row = order[i];
    double residual = right[row];
    for (uint32_t j = 0; j < n; j++) residual -= matrix[row][j] * solution[j];
    change[i] = (float)residual;
    for (uint32_t j = 0; j < i; j++) change[i] -= factors[row][j] * change[j];
  }
  for (uint32_t i = n; i-- > 0;) {
    for (uint32_t j = i + 1; j < n; j++) change[i] -= factors[order[i]][j] * change[j];
    change[i] /= factors[order[i]][i];
  }
  for (uint32_t i = 0; i < n; i++) solution[i] += (double)change[i];
}

static double error(uint32_t n) {
  double greatest = 0;
  for (uint32_t i = 0; i < n; i++) {
    double off = __builtin_fabs(solution[i] - (double)(i + 1));
    if (off > greatest) greatest = off;
  }
  return greatest;
}

void run(uint32_t n) {
  uint32_t state = 3;
  if (n > LIMIT) n = LIMIT;
  for (uint32_t i = 0; i < n; i++) {
    right[i] = solution[i] = 0;
    for (uint32_t j = 0; j < n; j++) {
      matrix[i][j] = (double)next_random(&state) / 8388608 - 1 + (i == j ? 4 : 0);
      right[i] += matrix[i][j] * (j + 1);
    }
  }
  decompose(n);
  for (int turn = 0; turn < 4; turn++) {
    solve(n);
    print_u64((uint64_t)(error(n) * 4503599627370496.0));
    output('\n');
  }
  for (uint32_t i = 0; i < n; i++) {
    print_fixed(solution[i], 6);
    output(i + 1 < n ? ' ' : '\n');
  }
}

PROGRAM(8, 28)
