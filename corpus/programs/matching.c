/* Min-cost perfect matching of n workers and n tasks by the Hungarian method with potentials: the cost, and each worker's task. */
#include "host.h"

#define LIMIT 64
#define INFINITE 0x7fffffff

static int32_t cost[LIMIT + 1][LIMIT + 1], worker_potential[LIMIT + 1], task_potential[LIMIT + 1], slack[LIMIT + 1];
static uint32_t worker_of[LIMIT + 1], previous[LIMIT + 1], task_of[LIMIT + 1];
static uint8_t seen[LIMIT + 1];

/* Gives a task to `worker`, by an augmenting path of least reduced cost. Workers and tasks count from 1; task 0 stands for none. */
static void assign(uint32_t n, uint32_t worker) {
  uint32_t task = 0;
  worker_of[0] = worker;
  for (uint32_t j = 0; j <= n; j++) {
    slack[j] = INFINITE;
    seen[j] = 0;
  }
  do {
    uint32_t from = worker_of[task], nearest = 0;
    int32_t step = INFINITE;
    seen[task] = 1;
    for (uint32_t j = 1; j <= n; j++) {
      if (seen[j]) continue;
      int32_t reduced = cost[from][j] - worker_potential[from] - task_potential[j];
      if (reduced < slack[j]) {
        slack[j] = reduced;
        previous[j] = task;
      }
      if (slack[j] < step) {
        step = slack[j];
        nearest = j;
      }
    }
    for (uint32_t j = 0; j <= n; j++) {
      if (seen[j]) {
        worker_potential[worker_of[j]] += step;
        task_potential[j] -= step;
      } else {
        slack[j] -= step;
      }
    }
    task = nearest;
  } while (worker_of[task]);
  for (; task; task = previous[task]) worker_of[task] = worker_of[previous[task]];
}

void run(uint32_t n) {
  uint32_t state = 5, total = 0;
  if (n > LIMIT) n = LIMIT;
  for (uint32_t i = 1; i <= n; i++) {
    worker_potential[i] = task_potential[i] = 0;
    worker_of[i] = 0;
    for (uint32_t j = 1; j <= n; j++) cost[i][j] = (int32_t)(next_random(&state) % 100);
  }
  for (uint32_t worker = 1; worker <= n; worker++) assign(n, worker);
  for (uint32_t j = 1; j <= n; j++) {
    task_of[worker_of[j]] = j;
    total += (uint32_t)cost[worker_of[j]][j];
  }
  print_u32(total);
  output(':');
  for (uint32_t i = 1; i <= n; i++) {
    output(' ');
    print_u32(task_of[i]);
  }
  output('\n');
}

PROGRAM(10, 48)
