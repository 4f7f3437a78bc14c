// Floats as programs use them: printed, read, summed, sorted, in the functions of the mathematical library.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { BODIES = 2, WIDTH = 12, HEIGHT = 5, DEPTH = 9, SIZE = 2 };

struct body {
  double x, y, vx, vy, mass;
};

static double energy(const struct body *bodies) {
  double sum = 0;
  for (int i = 0; i < BODIES; i++) {
    sum += 0.5 * bodies[i].mass * (bodies[i].vx * bodies[i].vx + bodies[i].vy * bodies[i].vy);
    for (int j = i + 1; j < BODIES; j++) sum -= bodies[i].mass * bodies[j].mass / hypot(bodies[i].x - bodies[j].x, bodies[i].y - bodies[j].y);
  }
  return sum;
}

static void move(struct body *bodies, double time) {
  for (int i = 0; i < BODIES; i++) {
    for (int j = i + 1; j < BODIES; j++) {
      double dx = bodies[i].x - bodies[j].x, dy = bodies[i].y - bodies[j].y, square = dx * dx + dy * dy;
      double force = time / (square * sqrt(square));
      bodies[i].vx -= dx * bodies[j].mass * force, bodies[i].vy -= dy * bodies[j].mass * force;
      bodies[j].vx += dx * bodies[i].mass * force, bodies[j].vy += dy * bodies[i].mass * force;
    }
  }
  for (int i = 0; i < BODIES; i++) bodies[i].x += time * bodies[i].vx, bodies[i].y += time * bodies[i].vy;
}

static void n_body(void) {
  struct body bodies[BODIES] = {{0, 0, 0, 0, 40}, {5, 0, 0, 2.8, 0.04}};
  printf("energy %.9f", energy(bodies));
  for (int step = 0; step < 3; step++) move(bodies, 0.01);
  printf(", later %.9f\n", energy(bodies));
}

static void mandelbrot(void) {
  for (int row = 0; row < HEIGHT; row++) {
    for (int column = 0; column < WIDTH; column++) {
      float re = 3.0f * (float)column / WIDTH - 2.1f, im = 2.4f * (float)row / (HEIGHT - 1) - 1.2f, x = 0, y = 0;
      int turns = 0;
      while (turns < DEPTH && x * x + y * y <= 4) {
        float next = x * x - y * y + re;
        y = 2 * x * y + im, x = next, turns++;
      }
      putchar(" .:-=+*#%@"[turns * 9 / DEPTH]);
    }
    putchar('\n');
  }
}

// The largest singular value of the matrix 1 / ((i + j)(i + j + 1) / 2 + i + 1).
static void spectral_norm(void) {
  double u[SIZE], v[SIZE], product[SIZE], above = 0, below = 0;
  for (int i = 0; i < SIZE; i++) u[i] = 1;
  for (int turn = 0; turn < 2; turn++) {
    for (int half = 0; half < 2; half++) {
      const double *from = half ? product : u;
      double *to = half ? v : product;
      for (int i = 0; i < SIZE; i++) {
        to[i] = 0;
        for (int j = 0; j < SIZE; j++) to[i] += from[j] / (half ? (i + j) * (i + j + 1) / 2 + j + 1 : (i + j) * (i + j + 1) / 2 + i + 1);
      }
    }
    above = below = 0;
    for (int i = 0; i < SIZE; i++) above += u[i] * v[i], below += v[i] * v[i], u[i] = v[i];
  }
  printf("spectral norm %.9f\n", sqrt(above > 0 ? below / above : 0));
}

static int by_value(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

int main(int count, char **arguments) {
  n_body();
  mandelbrot();
  spectral_norm();
  double numbers[8], sum = 0;
  int numbered = 0;
  for (int i = 1; i < count && numbered < 8; i++) numbers[numbered++] = strtod(arguments[i], NULL);
  qsort(numbers, numbered, sizeof *numbers, by_value);
  for (int i = 0; i < numbered; i++) printf("%g%s", numbers[i], i + 1 < numbered ? " < " : "\n");
  for (int i = 0; i < numbered; i++) sum += numbers[i];
  printf("sum %.17g, rounded %ld, powers %.6e %.3f\n", sum, lrint(sum), pow(sum, 3), exp(1));
  return 0;
}
