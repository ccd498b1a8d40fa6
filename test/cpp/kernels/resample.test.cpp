// Resampling against a sum over both axes' taps.
#include <algorithm>

#include "every_isa.h"

using namespace cresset;

namespace {

const int64_t kChannels[] = {1, 2, 3, 4, 17};

// Three rows from four, five columns from two: no taps, one, and several.
const int64_t kFirstRow[] = {0, 1, 3}, kRowOffset[] = {0, 1, 4, 5};
const int64_t kFirstColumn[] = {0, 0, 1, 1, 0}, kColumnOffset[] = {0, 2, 3, 3, 4, 6};

template <class T> void resample(const FloatKernels<T>& k, int64_t c) {
  const ResampleShape s{4, 2, c, 3, 5};
  std::vector<T> rowWeight = samples<T>(5, 3), columnWeight = samples<T>(6, 4);
  rowWeight[0] = 1;  // the row itself
  const Taps<T> rows{kFirstRow, kRowOffset, rowWeight.data()},
      columns{kFirstColumn, kColumnOffset, columnWeight.data()};
  const std::vector<T> x = samples<T>(s.h * s.w * c, 1);
  std::vector<T> work(s.w * c), y(s.oh * s.ow * c, T(9));
  k.resample(s, rows, columns, 0, 2, x.data(), work.data(), y.data());
  k.resample(s, rows, columns, 2, 3, x.data(), work.data(), y.data());
  for (int64_t oh = 0; oh < s.oh; oh++)
    for (int64_t ow = 0; ow < s.ow; ow++)
      for (int64_t j = 0; j < c; j++) {
        double want = 0;
        for (int64_t a = kRowOffset[oh]; a < kRowOffset[oh + 1]; a++)
          for (int64_t b = kColumnOffset[ow]; b < kColumnOffset[ow + 1]; b++) {
            const int64_t row = kFirstRow[oh] + a - kRowOffset[oh], column = kFirstColumn[ow] + b - kColumnOffset[ow];
            want += static_cast<double>(rowWeight[a]) * static_cast<double>(columnWeight[b]) *
                    static_cast<double>(x[(row * s.w + column) * c + j]);
          }
        CHECK_CLOSE(y[(oh * s.ow + ow) * c + j], want, 1e-6);
      }
}

// Weights of 1, -1/2 and so on in steps of 2^-22, so that sums fall below 0, beyond 255 and on halves.
void bytes(const ByteKernels& k, int64_t c) {
  const int64_t rows = 5, places = 5;
  std::vector<uint8_t> x = samples<uint8_t>(rows * 2 * c, 1), row(2 * c), y(places * c);
  for (uint8_t& value : x) value = static_cast<uint8_t>(value * 20);
  const int32_t one = 1 << 22, weight[] = {one, -one / 2, one / 4, one / 4, one / 2, one};
  const auto byteOf = [&](int64_t sum) { return std::min<int64_t>(std::max<int64_t>((sum + one / 2) >> 22, 0), 255); };
  for (int64_t count : {0, 1, 4, 5}) {
    k.mixByteRows(2 * c, count, weight, x.data(), row.data());
    for (int64_t i = 0; i < 2 * c; i++) {
      int64_t sum = 0;
      for (int64_t j = 0; j < count; j++) sum += int64_t{weight[j]} * x[j * 2 * c + i];
      CHECK(row[i] == byteOf(sum));
    }
  }
  k.mixBytePlaces(c, places, kFirstColumn, kColumnOffset, weight, x.data(), y.data());
  for (int64_t o = 0; o < places; o++)
    for (int64_t j = 0; j < c; j++) {
      int64_t sum = 0;
      for (int64_t t = kColumnOffset[o]; t < kColumnOffset[o + 1]; t++)
        sum += int64_t{weight[t]} * x[(kFirstColumn[o] + t - kColumnOffset[o]) * c + j];
      CHECK(y[o * c + j] == byteOf(sum));
    }
}

}  // namespace

TEST(kernels_resample) {
  onEveryIsa([](const Kernels& k) {
    for (int64_t c : kChannels) {
      resample(k.f32, c);
      resample(k.f64, c);
      bytes(k.bytes, c);
    }
  });
}
