// The checksum of zip archives: the remainder of the bytes, as a polynomial over bits, by 0xedb88320 (bits reflected).
#include <string.h>

#include "kernels/simd.h"
#include "kernels/table.h"
#ifdef __PCLMUL__
#include <immintrin.h>
#endif

namespace cresset::ISA {
namespace {

constexpr int kSlices = 8;

// at[s][b]: what byte b leaves when s more bytes follow it.
struct Remainders {
  uint32_t at[kSlices][256];
};

constexpr Remainders makeRemainders() {
  Remainders r{};
  for (uint32_t b = 0; b < 256; b++) {
    uint32_t crc = b;
    for (int bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ (crc & 1 ? 0xedb88320u : 0);
    r.at[0][b] = crc;
  }
  for (int s = 1; s < kSlices; s++)
    for (int b = 0; b < 256; b++) r.at[s][b] = (r.at[s - 1][b] >> 8) ^ r.at[0][r.at[s - 1][b] & 255];
  return r;
}

constexpr Remainders kRemainders = makeRemainders();

// Eight bytes a step, each by its table.
uint32_t byTables(uint32_t crc, const uint8_t* x, int64_t n) {
  for (; n >= kSlices; n -= kSlices, x += kSlices) {
    uint64_t word;
    memcpy(&word, x, sizeof word);
    word ^= crc;
    crc = 0;
    for (int i = 0; i < kSlices; i++) crc ^= kRemainders.at[kSlices - 1 - i][(word >> (8 * i)) & 255];
  }
  for (; n > 0; n--, x++) crc = (crc >> 8) ^ kRemainders.at[0][(crc ^ *x) & 255];
  return crc;
}

#ifdef __PCLMUL__
// Carry-less products move 16 bytes on by as many bits as the factors stand for, x^(bits + 32) and x^(bits - 32) modulo
// the polynomial. (Gopal et al. 2009, Fast CRC Computation for Generic Polynomials Using PCLMULQDQ Instruction)
__m128i moved(__m128i x, __m128i factors) {
  return _mm_clmulepi64_si128(x, factors, 0x00) ^ _mm_clmulepi64_si128(x, factors, 0x11);
}

uint32_t remainder(uint32_t crc, const uint8_t* x, int64_t n) {
  constexpr int kLanes = 4, kStep = 16 * kLanes;
  if (n < kStep) return byTables(crc, x, n);
  const auto load = [&](int lane) { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(x) + lane); };
  const __m128i by512 = _mm_set_epi64x(0x1c6e41596, 0x154442bd4), by128 = _mm_set_epi64x(0x0ccaa009e, 0x1751997d0);
  __m128i lanes[kLanes];
  for (int i = 0; i < kLanes; i++) lanes[i] = load(i);
  lanes[0] ^= _mm_cvtsi32_si128(static_cast<int>(crc));
  for (x += kStep, n -= kStep; n >= kStep; x += kStep, n -= kStep)
    for (int i = 0; i < kLanes; i++) lanes[i] = moved(lanes[i], by512) ^ load(i);
  for (int i = 1; i < kLanes; i++) lanes[i] ^= moved(lanes[i - 1], by128);
  // 16 bytes that leave the same remainder as all so far.
  uint8_t rest[16];
  memcpy(rest, &lanes[kLanes - 1], sizeof rest);
  return byTables(byTables(0, rest, sizeof rest), x, n);
}
#else
uint32_t remainder(uint32_t crc, const uint8_t* x, int64_t n) { return byTables(crc, x, n); }
#endif

void crc32(int64_t n, const void* x, uint32_t* crc) { *crc = ~remainder(~*crc, static_cast<const uint8_t*>(x), n); }

}  // namespace

void addCrc32(Kernels& k) { k.bytes.crc32 = crc32; }

}  // namespace cresset::ISA
