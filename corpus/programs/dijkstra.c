/* Dijkstra's shortest paths with a binary heap, on a grid of n×n fields whose costs are random digits: the cost of the cheapest way from
   corner to corner, the field that costs most to reach, and how many fields were taken from the heap. */
#include "host.h"

#define LIMIT 128
#define FIELDS (LIMIT * LIMIT)

struct entry {
  uint32_t distance, field;
};

static uint8_t cost[FIELDS];
static uint32_t distance[FIELDS];
static struct entry heap[4 * FIELDS + 1];
static uint32_t heap_size;

static void push(uint32_t reached, uint32_t field) {
  uint32_t at = ++heap_size;
  for (; at > 1 && heap[at / 2].distance > reached; at /= 2) heap[at] = heap[at / 2];
  heap[at].distance = reached;
  heap[at].field = field;
}

static struct entry pop(void) {
  struct entry least = heap[1], last = heap[heap_size--];
  uint32_t at = 1;
  for (uint32_t child; (child = 2 * at) <= heap_size; at = child) {
    if (child < heap_size && heap[child + 1].distance < heap[child].distance) child++;
    if (heap[child].distance >= last.distance) break;
    heap[at] = heap[child];
  }
  heap[at] = last;
  return least;
}

static void reach(uint32_t field, uint32_t from) {
  if (from + cost[field] >= distance[field]) return;
  distance[field] = from + cost[field];
  push(distance[field], field);
}

void run(uint32_t n) {
  uint32_t state = 3, taken = 0, farthest = 0;
  if (n < 1) n = 1;
  if (n > LIMIT) n = LIMIT;
  heap_size = 0;
  for (uint32_t field = 0; field < n * n; field++) {
    cost[field] = (uint8_t)(next_random(&state) % 9 + 1);
    distance[field] = 0xffffffff;
  }
  reach(0, 0);
  while (heap_size) {
    struct entry next = pop();
    taken++;
    if (next.distance > distance[next.field]) continue;
    if (next.field % n > 0) reach(next.field - 1, next.distance);
    if (next.field % n < n - 1) reach(next.field + 1, next.distance);
    if (next.field >= n) reach(next.field - n, next.distance);
    if (next.field < n * (n - 1)) reach(next.field + n, next.distance);
  }
  for (uint32_t field = 0; field < n * n; field++)
    if (distance[field] > distance[farthest]) farthest = field;
  print("corner ");
  print_u32(distance[n * n - 1]);
  print(", farthest ");
  print_u32(farthest);
  print(" at ");
  print_u32(distance[farthest]);
  print(", taken ");
  print_u32(taken);
  output('\n');
}

PROGRAM(12, 100)
