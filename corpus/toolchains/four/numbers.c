/* Sums, a root, an integral and a chaotic sequence in floats, printed with six digits. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>

static double circle(double x) { return 4 / (1 + x * x); }

int main(void) {
  double harmonic = 0, root = 1, integral = 0, logistic = 0.3, sum = 0, squares = 0;
  float rough = 0;
  uint32_t state = 42;
  for (int i = 1; i <= 60; i++) harmonic += 1.0 / i, rough += 1.0f / (float)i;
  printf("harmonic %.6f, in single precision %.6f\n", harmonic, (double)rough);
  for (int turn = 0; turn < 6; turn++) root = (root + 2 / root) / 2;
  printf("root of 2 %.6f, %.6f by the library\n", root, sqrt(2));
  for (int i = 0; i < 16; i++) integral += (circle(i / 16.0) + 4 * circle((i + 0.5) / 16) + circle((i + 1) / 16.0)) / 96;
  printf("integral %.6f\n", integral);
  for (int i = 0; i < 40; i++) logistic = 3.75 * logistic * (1 - logistic);
  printf("logistic %.6f\n", logistic);
  for (int i = 0; i < 30; i++) {
    state = state * 1664525 + 1013904223;
    double value = (double)(state >> 8) / 16777216 - 0.5;
    sum += value, squares += value * value;
  }
  printf("mean %.6f, deviation %.6f\n", sum / 30, sqrt(squares / 30 - sum / 30 * (sum / 30)));
  printf("whole parts %d %d %d, rounded %.6f\n", (int)-2.7, (int)(harmonic * 1000), (int)(rough * 1000), floor(-2.5) + ceil(2.2) + fabs(-0.25));
  return 0;
}
