/* Conway's Game of Life on a torus of 32×16 cells: n generations from an R-pentomino and a glider, then the board and its population. */
#include "host.h"

#define WIDTH 32
#define HEIGHT 16

static uint8_t boards[2][HEIGHT][WIDTH];

static void put(uint32_t x, uint32_t y, const char *rows) {
  for (uint32_t column = x; *rows; rows++) {
    if (*rows == '/') {
      y++;
      column = x;
      continue;
    }
    boards[0][y][column++] = *rows == '#';
  }
}

void run(uint32_t n) {
  uint32_t population = 0;
  for (uint32_t i = 0; i < WIDTH * HEIGHT; i++) boards[0][i / WIDTH][i % WIDTH] = 0;
  put(20, 6, " ##/## / # ");
  put(2, 2, " # /  #/###");
  for (uint32_t generation = 0; generation < n; generation++) {
    uint8_t(*now)[WIDTH] = boards[generation & 1], (*next)[WIDTH] = boards[~generation & 1];
    for (uint32_t y = 0; y < HEIGHT; y++)
      for (uint32_t x = 0; x < WIDTH; x++) {
        uint32_t west = (x - 1) % WIDTH, east = (x + 1) % WIDTH, north = (y - 1) % HEIGHT, south = (y + 1) % HEIGHT;
        uint32_t around = now[north][west] + now[north][x] + now[north][east] + now[y][west] + now[y][east] +
                          now[south][west] + now[south][x] + now[south][east];
        next[y][x] = around == 3 || (around == 2 && now[y][x]);
      }
  }
  for (uint32_t y = 0; y < HEIGHT; y++) {
    for (uint32_t x = 0; x < WIDTH; x++) {
      population += boards[n & 1][y][x];
      output(boards[n & 1][y][x] ? '#' : '.');
    }
    output('\n');
  }
  print_u32(population);
  output('\n');
}

PROGRAM(3, 100)
