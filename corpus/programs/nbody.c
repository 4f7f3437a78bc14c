/* Four bodies under gravity, n steps by the leapfrog method: the energy before, at the half and at the
   end, the places at the end, and all bits of one of them. */
#include "host.h"

#define BODIES 4

struct body {
  double place[3], speed[3], mass;
};

/* A star of mass 40 and three planets around it. */
static struct body bodies[BODIES];

static const struct body first[BODIES] = {
  {{0, 0, 0}, {0, 0, 0}, 40},
  {{5, 0, 0.5}, {0, 2.8, 0.1}, 0.04},
  {{-9.5, 1.25, -0.25}, {-0.2, -2, 0.05}, 0.0125},
  {{2, 19, -1}, {-1.4, 0.15, 0}, 0.0017},
};

static double energy(void) {
  double sum = 0;
  for (int i = 0; i < BODIES; i++) {
    double square = 0;
    for (int k = 0; k < 3; k++) square += bodies[i].speed[k] * bodies[i].speed[k];
    sum += 0.5 * bodies[i].mass * square;
    for (int j = 0; j < i; j++) {
      double distance = 0;
      for (int k = 0; k < 3; k++) {
        double d = bodies[i].place[k] - bodies[j].place[k];
        distance += d * d;
      }
      sum -= bodies[i].mass * bodies[j].mass / __builtin_sqrt(distance);
    }
  }
  return sum;
}

static void drift(double time) {
  for (int i = 0; i < BODIES; i++)
    for (int k = 0; k < 3; k++) bodies[i].place[k] += time * bodies[i].speed[k];
}

static void kick(double time) {
  for (int i = 0; i < BODIES; i++)
    for (int j = 0; j < i; j++) {
      double apart[3], square = 0;
      for (int k = 0; k < 3; k++) {
        apart[k] = bodies[i].place[k] - bodies[j].place[k];
        square += apart[k] * apart[k];
      }
      double pull = time / (square * __builtin_sqrt(square));
      for (int k = 0; k < 3; k++) {
        bodies[i].speed[k] -= apart[k] * bodies[j].mass * pull;
        bodies[j].speed[k] += apart[k] * bodies[i].mass * pull;
      }
    }
}

static void steps(uint32_t n) {
  while (n--) {
    drift(0.005);
    kick(0.01);
    drift(0.005);
  }
}

static void print_energy(void) {
  print_fixed(energy(), 12);
  output('\n');
}

void run(uint32_t n) {
  union {
    double number;
    uint64_t bits;
  } last;
  for (int i = 0; i < BODIES; i++) bodies[i] = first[i];
  print_energy();
  steps(n / 2);
  print_energy();
  steps(n - n / 2);
  print_energy();
  for (int i = 0; i < BODIES; i++)
    for (int k = 0; k < 3; k++) {
      print_fixed(bodies[i].place[k], 9);
      output(k < 2 ? ' ' : '\n');
    }
  last.number = bodies[1].place[0];
  print_hex(last.bits, 16);
  output('\n');
}

PROGRAM(6, 1000)
