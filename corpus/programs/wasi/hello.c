/* printf: each conversion of integers and strings, with flags, widths and precisions. */
#include <limits.h>
#include <stdint.h>
#include <stdio.h>

int main(void) {
  printf("hello, %s\n", "world");
  printf("%d %i %u %c %%\n", -42, INT_MIN, UINT_MAX, 'w');
  printf("%x %X %#x %o %#o\n", 0xbeef, 0xbeef, 255, 8, 8);
  printf("[%5d] [%-5d] [%05d] [%+d] [% d] [%.3d]\n", 42, 42, 42, 42, 42, 7);
  printf("[%8s] [%-8s] [%.3s] [%*d]\n", "right", "left", "truncated", 4, 17);
  printf("%lld %llu %016llx\n", (long long)INT64_MIN, (unsigned long long)UINT64_MAX, 0x123456789abcdefull);
  printf("%hhd %hd %zu\n", (signed char)-1, (short)-32768, sizeof(int32_t));
  return 0;
}
