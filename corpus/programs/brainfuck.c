/* A brainfuck interpreter: the program is the input up to its first `!`, the rest is the program's own input. Cells are bytes and wrap
   around; `,` at the end of the input leaves 0. The program is run n times, with its input on the first. */
#include "host.h"

#define LIMIT 4096

static uint8_t code[LIMIT], cells[LIMIT];
static uint16_t partner[LIMIT], open[LIMIT];

static void interpret(uint32_t size) {
  uint32_t cell = 0;
  for (uint32_t pc = 0; pc < size; pc++) {
    int32_t byte;
    switch (code[pc]) {
    case '>': cell = (cell + 1) % LIMIT; break;
    case '<': cell = (cell + LIMIT - 1) % LIMIT; break;
    case '+': cells[cell]++; break;
    case '-': cells[cell]--; break;
    case '.': output(cells[cell]); break;
    case ',': cells[cell] = (byte = input()) < 0 ? 0 : (uint8_t)byte; break;
    case '[': if (!cells[cell]) pc = partner[pc]; break;
    case ']': if (cells[cell]) pc = partner[pc]; break;
    }
  }
}

void run(uint32_t n) {
  uint32_t size = 0, depth = 0;
  int32_t byte;
  while ((byte = input()) >= 0 && byte != '!') {
    if (size == LIMIT) {
      print("program too long\n");
      return;
    }
    if (byte == '[') open[depth++] = (uint16_t)size;
    if (byte == ']') {
      if (!depth--) {
        print("] without [\n");
        return;
      }
      partner[size] = open[depth];
      partner[open[depth]] = (uint16_t)size;
    }
    code[size++] = (uint8_t)byte;
  }
  if (depth) {
    print("[ without ]\n");
    return;
  }
  while (n--) {
    for (uint32_t i = 0; i < LIMIT; i++) cells[i] = 0;
    interpret(size);
  }
}

PROGRAM(1, 20)
