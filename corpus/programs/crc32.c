/* CRC-32 (IEEE 802.3, reflected), bit by bit and by table: of "123456789", whose check value is cbf43926, and of n random bytes. */
#include "host.h"

static uint32_t table[256];

static uint32_t bitwise(uint32_t crc, uint8_t byte) {
  crc ^= byte;
  for (int bit = 0; bit < 8; bit++) crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
  return crc;
}

static uint32_t by_table(uint32_t crc, uint8_t byte) { return crc >> 8 ^ table[(crc ^ byte) & 255]; }

void run(uint32_t n) {
  uint32_t crc = 0xffffffff, state = 1;
  for (const char *digit = "123456789"; *digit; digit++) crc = bitwise(crc, (uint8_t)*digit);
  print_hex(~crc, 8);
  output('\n');
  for (uint32_t byte = 0; byte < 256; byte++) table[byte] = bitwise(byte, 0);
  crc = 0xffffffff;
  for (uint32_t i = 0; i < n; i++) crc = by_table(crc, (uint8_t)next_random(&state));
  print_hex(~crc, 8);
  output('\n');
}

PROGRAM(1000, 200000)
