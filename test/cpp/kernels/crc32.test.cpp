// Checksums of zip archives, against the definition bit by bit.
#include "every_isa.h"

using namespace cresset;

namespace {

uint32_t bitByBit(uint32_t crc, const uint8_t* x, int64_t n) {
  crc = ~crc;
  for (int64_t i = 0; i < n; i++) {
    crc ^= x[i];
    for (int bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ (crc & 1 ? 0xedb88320u : 0);
  }
  return ~crc;
}

}  // namespace

TEST(kernels_crc32) {
  onEveryIsa([](const Kernels& k) {
    for (int64_t n : kSizes)
      for (int64_t start : {0, 1, 5})
        for (uint32_t before : {0u, 1u, 0xdeadbeefu}) {
          std::vector<uint8_t> x(static_cast<size_t>(start + n) + 1);
          for (size_t i = 0; i < x.size(); i++) x[i] = static_cast<uint8_t>((i * 2654435761u) >> 11);
          uint32_t crc = before;
          k.bytes.crc32(n, x.data() + start, &crc);
          CHECK(crc == bitByBit(before, x.data() + start, n));
        }
    uint32_t crc = 0;
    k.bytes.crc32(9, "123456789", &crc);
    CHECK(crc == 0xcbf43926u);
  });
}
