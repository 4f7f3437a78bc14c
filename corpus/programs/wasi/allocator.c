/* The allocator of the library: blocks of random sizes are taken, made longer or shorter, and given back
   in random order; each is filled with a pattern of its own, which must be there whenever the block is
   looked at. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCKS 24
#define TURNS 160

static struct block {
  unsigned char *bytes;
  size_t size;
  unsigned char pattern;
} blocks[BLOCKS];

static uint32_t state = 2026;

static uint32_t below(uint32_t limit) {
  state = state * 1664525 + 1013904223;
  return (state >> 8) % limit;
}

/* The bytes at both ends and one in the middle. */
static int is_whole(const struct block *block) {
  const size_t at[3] = {0, block->size / 2, block->size - 1};
  for (int i = 0; i < 3; i++)
    if (block->bytes[at[i]] != block->pattern) return 0;
  return 1;
}

static void fill(struct block *block, unsigned char *bytes, size_t size) {
  block->bytes = bytes;
  block->size = size;
  block->pattern = (unsigned char)(1 + below(255));
  memset(bytes, block->pattern, size);
}

static int apart(void) {
  for (int i = 0; i < BLOCKS; i++)
    for (int j = 0; j < i; j++)
      if (blocks[i].bytes && blocks[j].bytes && blocks[i].bytes < blocks[j].bytes + blocks[j].size &&
          blocks[j].bytes < blocks[i].bytes + blocks[i].size)
        return 0;
  return 1;
}

int main(void) {
  unsigned taken = 0, resized = 0, given = 0, spoiled = 0, used = 0, most = 0;
  for (int turn = 0; turn < TURNS; turn++) {
    struct block *block = &blocks[below(BLOCKS)];
    size_t size = 1 + below(turn % 10 ? 60 : 1500);
    if (block->bytes && !is_whole(block)) spoiled++;
    used -= (unsigned)block->size;
    if (!block->bytes) {
      unsigned char *bytes = turn % 4 ? malloc(size) : calloc(size, 1);
      if (turn % 4 == 0 && (bytes[0] || bytes[size - 1])) spoiled++;
      fill(block, bytes, size);
      taken++;
    } else if (below(2)) {
      unsigned char *bytes = realloc(block->bytes, size);
      if (bytes[0] != block->pattern || bytes[(size < block->size ? size : block->size) - 1] != block->pattern) spoiled++;
      fill(block, bytes, size);
      resized++;
    } else {
      free(block->bytes);
      block->bytes = NULL;
      block->size = 0;
      given++;
    }
    used += (unsigned)block->size;
    if (used > most) most = used;
  }
  printf("%u taken, %u resized, %u given back; at most %u bytes at once\n", taken, resized, given, most);
  printf("blocks %s, %u spoiled\n", apart() ? "apart" : "overlap", spoiled);
  void *volatile aligned = aligned_alloc(256, 512), *volatile huge = malloc(SIZE_MAX / 2), *volatile large = malloc(200000);
  printf("aligned by %d, huge %s, large %s\n", (int)((uintptr_t)aligned % 256), huge ? "given" : "refused", large ? "given" : "refused");
  for (int i = 0; i < BLOCKS; i++) free(blocks[i].bytes);
  free(aligned);
  free(large);
  return spoiled ? 1 : 0;
}
