// Resampling against a sum over both axes' taps.
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

}  // namespace

TEST(kernels_resample) {
  onEveryIsa([](const Kernels& k) {
    for (int64_t c : kChannels) {
      resample(k.f32, c);
      resample(k.f64, c);
    }
  });
}
