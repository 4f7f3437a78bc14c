/* A Sudoku solver by back-tracking, always in the cell that leaves the fewest digits. The input is a puzzle, with dots for empty cells. The
   search goes on until n solutions are found or there are no more; each is printed, then how many there were and how many digits were tried. */
#include "host.h"

static uint8_t board[81];
static uint16_t in_row[9], in_column[9], in_box[9]; /* bit d is set while digit d is there */
static uint32_t solutions, wanted, tried;

static uint32_t box(uint32_t cell) { return cell / 27 * 3 + cell % 9 / 3; }

static uint32_t candidates(uint32_t cell) { return 0x3fe & ~(in_row[cell / 9] | in_column[cell % 9] | in_box[box(cell)]); }

static void toggle(uint32_t cell, uint32_t digit) {
  in_row[cell / 9] ^= (uint16_t)(1 << digit);
  in_column[cell % 9] ^= (uint16_t)(1 << digit);
  in_box[box(cell)] ^= (uint16_t)(1 << digit);
}

static void print_board(void) {
  for (uint32_t cell = 0; cell < 81; cell++) {
    output('0' + board[cell]);
    if (cell % 9 == 8) output('\n');
  }
}

static void solve(void) {
  uint32_t best = 81, fewest = 10;
  for (uint32_t cell = 0; cell < 81 && fewest > 1; cell++) {
    if (board[cell]) continue;
    uint32_t count = 0;
    for (uint32_t rest = candidates(cell); rest; rest &= rest - 1) count++;
    if (count < fewest) {
      fewest = count;
      best = cell;
    }
  }
  if (best == 81) {
    solutions++;
    print_board();
    return;
  }
  uint32_t free = candidates(best);
  for (uint32_t digit = 1; digit <= 9 && solutions < wanted; digit++) {
    if (!(free >> digit & 1)) continue;
    tried++;
    board[best] = (uint8_t)digit;
    toggle(best, digit);
    solve();
    toggle(best, digit);
    board[best] = 0;
  }
}

void run(uint32_t n) {
  int32_t byte;
  wanted = n;
  for (uint32_t cell = 0; cell < 81 && (byte = input()) >= 0;) {
    if (byte != '.' && (byte < '1' || byte > '9')) continue;
    if (byte != '.') {
      board[cell] = (uint8_t)(byte - '0');
      toggle(cell, board[cell]);
    }
    cell++;
  }
  solve();
  print_u32(solutions);
  print(" found, ");
  print_u32(tried);
  print(" digits tried\n");
}

PROGRAM(1, 2)
