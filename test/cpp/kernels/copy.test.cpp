// Strided copies, transposes and conversions between all dtypes.
#include <cstring>

#include "core/dtype.h"
#include "every_isa.h"

using namespace cresset;

namespace {

template <class T> void moves(const ByteKernels& k) {
  for (int64_t sx : {0, 1, 3})
    for (int64_t so : {1, 2})
      for (int64_t n : kSizes) {
        const std::vector<T> x = samples<T>(n * 3 + 1, 1);
        std::vector<T> out(static_cast<size_t>(n * so + 1), T(99));
        k.copy(sizeof(T), n, x.data(), sx, out.data(), so);
        for (int64_t i = 0; i < n; i++) CHECK(out[i * so] == x[i * sx]);
        CHECK(out[n * so] == T(99));
      }
  for (int64_t rows : kSizes)
    for (int64_t cols : {1, 5, 8, 17, 70}) {
      if (rows > 100) continue;
      const int64_t ldx = cols + 3, ldo = rows + 2;
      const std::vector<T> x = samples<T>(rows * ldx + 1, 1);
      std::vector<T> out(static_cast<size_t>(cols * ldo + 1), T(99));
      k.transpose(sizeof(T), rows, cols, x.data(), ldx, out.data(), ldo);
      for (int64_t j = 0; j < cols; j++) {
        for (int64_t i = 0; i < rows; i++) CHECK(out[j * ldo + i] == x[i * ldx + j]);
        CHECK(out[j * ldo + rows] == T(99));
      }
    }
}

// Values that every dtype holds exactly (bool: as 0 or 1), through every pair of dtypes and back to double.
void conversions(const ByteKernels& k) {
  const double whole[] = {0, 1, 2, 100, 7, 0, 64, 3, 5, 9, 11, 13, 17, 19, 23, 29, 31, 37, 41};
  constexpr int64_t n = std::size(whole);
  for (int from = 0; from < kDTypes; from++)
    for (int to = 0; to < kDTypes; to++) {
      alignas(64) unsigned char a[8 * n], b[8 * n];
      double back[n];
      k.convert(1, from, n, whole, a);
      k.convert(from, to, n, a, b);
      k.convert(to, 1, n, b, back);
      const bool truth = from == static_cast<int>(DType::boolean) || to == static_cast<int>(DType::boolean);
      for (int64_t i = 0; i < n; i++) CHECK(back[i] == (truth ? whole[i] != 0 : whole[i]));
    }
}

// Rounding to nearest even, infinities, denormals and NaN of the 16-bit floats.
void halves(const ByteKernels& k) {
  struct Row {
    float x;
    uint16_t half, bfloat;
  };
  const Row rows[] = {{1.0f, 0x3c00, 0x3f80},     {-2.5f, 0xc100, 0xc020},    {65504.0f, 0x7bff, 0x4780},
                      {65520.0f, 0x7c00, 0x4780}, {1e-8f, 0x0000, 0x322c},    {5.9604645e-8f, 0x0001, 0x3380},
                      {0.1f, 0x2e66, 0x3dcd},     {INFINITY, 0x7c00, 0x7f80}, {-INFINITY, 0xfc00, 0xff80},
                      {2049.0f, 0x6800, 0x4500},  {2051.0f, 0x6802, 0x4500},  {3.1415927f, 0x4248, 0x4049}};
  for (const Row& row : rows) {
    uint16_t half, bfloat;
    k.convert(0, 6, 1, &row.x, &half);
    k.convert(0, 7, 1, &row.x, &bfloat);
    CHECK(half == row.half);
    CHECK(bfloat == row.bfloat);
  }
  const float nan = NAN;
  uint16_t bits;
  float back;
  for (int to : {6, 7}) {
    k.convert(0, to, 1, &nan, &bits);
    k.convert(to, 0, 1, &bits, &back);
    CHECK(back != back);
  }
  for (uint32_t h = 0; h < 0x7c00; h += 7) {
    const uint16_t half = static_cast<uint16_t>(h);
    k.convert(6, 0, 1, &half, &back);
    k.convert(0, 6, 1, &back, &bits);
    CHECK(bits == half);
  }
}

// Fractions are cut off; what does not fit an integer becomes the smallest one.
void integers(const ByteKernels& k) {
  const double x[] = {1.9, -1.9, 1e30, -1e30, NAN};
  int64_t out[5];
  k.convert(1, 2, 5, x, out);
  const int64_t want[] = {1, -1, INT64_MIN, INT64_MIN, INT64_MIN};
  for (int i = 0; i < 5; i++) CHECK(out[i] == want[i]);
}

}  // namespace

TEST(kernels_copy) {
  onEveryIsa([](const Kernels& k) {
    moves<uint8_t>(k.bytes);
    moves<uint16_t>(k.bytes);
    moves<int32_t>(k.bytes);
    moves<int64_t>(k.bytes);
    conversions(k.bytes);
    halves(k.bytes);
    integers(k.bytes);
  });
}
