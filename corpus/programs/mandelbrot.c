/* The Mandelbrot set as text in f32, n lines of 2n characters, darker where a point takes longer to leave;
   and how many turns all of them took. */
#include "host.h"

#define DEPTH 60

static uint32_t turns(float re, float im) {
  float x = 0, y = 0, xx = 0, yy = 0;
  uint32_t count = 0;
  while (count < DEPTH && xx + yy <= 4) {
    y = 2 * x * y + im;
    x = xx - yy + re;
    xx = x * x;
    yy = y * y;
    count++;
  }
  return count;
}

void run(uint32_t n) {
  uint32_t total = 0;
  for (uint32_t row = 0; row < n; row++) {
    for (uint32_t column = 0; column < 2 * n; column++) {
      uint32_t count = turns(3.2f * (float)column / (float)(2 * n) - 2.25f, 2.5f * ((float)row + 0.5f) / (float)n - 1.25f);
      total += count;
      output(count == DEPTH ? '@' : " .:-=+*#%"[count < 36 ? count / 4 : 8]);
    }
    output('\n');
  }
  print_u32(total);
  output('\n');
}

PROGRAM(6, 32)
