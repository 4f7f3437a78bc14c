/* Doubles by printf: every conversion, widths and signs, and the values at the edges. */
#include <float.h>
#include <math.h>
#include <stdio.h>

int main(void) {
  const double values[] = {0.1, -2.5, 1.0 / 3, 6.02214076e23, 0x1.fffffffffffffp-1};
  const double smallest = DBL_TRUE_MIN;
  const double edges[] = {0.0, -0.0, DBL_MIN, HUGE_VAL, -HUGE_VAL, NAN};
  for (size_t i = 0; i < sizeof values / sizeof *values; i++) printf("%f %.17g %a\n", values[i], values[i], values[i]);
  for (size_t i = 0; i < sizeof edges / sizeof *edges; i++) printf("%g %.3e\n", edges[i], edges[i]);
  printf("%a %a\n", smallest, DBL_MAX);
  printf("[%8.3f] [%-8.2f] [%+.0f] [% g] [%08.1f] [%#.0f]\n", 3.14159, 2.005, 2.5, 1e100, -1.25, 7.0);
  printf("%.0f %.0f %.0f %.1f %.2e\n", 0.5, 1.5, 2.5, 0.25, 99999.0);
  printf("%G %E %A %.40f\n", 1e-7, 12345.678, 255.5, 0x1p-30);
  return 0;
}
