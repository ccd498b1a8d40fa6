// Resampling of one channels-last sample: rows are mixed along the height first, then places along the width.
#include "kernels/simd.h"
#include "kernels/table.h"

namespace cresset::ISA {
namespace {

// y[i] = sum over k of weight[k] * x[k * n + i], in spans that stay in the cache while all rows pass.
template <class T> void mixRows(int64_t n, int64_t count, const T* weight, const T* x, T* __restrict y) {
  constexpr int64_t kSpan = 1024;
  for (int64_t begin = 0; begin < n; begin += kSpan) {
    const int64_t end = begin + kSpan < n ? begin + kSpan : n;
    for (int64_t i = begin; i < end; i++) y[i] = 0;
    for (int64_t k = 0; k < count; k++) {
      const T* row = x + k * n;
      const T w = weight[k];
      for (int64_t i = begin; i < end; i++) y[i] += w * row[i];
    }
  }
}

// The same along a row of places with C channels, or of any number `c` where C is 0.
template <int C, class T> void mixPlaces(int64_t c, int64_t places, const Taps<T>& taps, const T* x, T* y) {
  for (int64_t o = 0; o < places; o++, y += C ? C : c) {
    const T* weight = taps.weight + taps.offset[o];
    const int64_t first = taps.first[o], count = taps.offset[o + 1] - taps.offset[o];
    if constexpr (C == 0) {
      mixRows(c, count, weight, x + first * c, y);
    } else {
      T sum[C] = {};
      for (int64_t k = 0; k < count; k++)
        for (int j = 0; j < C; j++) sum[j] += weight[k] * x[(first + k) * C + j];
      for (int j = 0; j < C; j++) y[j] = sum[j];
    }
  }
}

template <class T>
void resample(const ResampleShape& s, const Taps<T>& rows, const Taps<T>& columns, int64_t rowBegin, int64_t rowEnd,
              const T* x, T* work, T* y) {
  auto* mix = s.c == 1 ? mixPlaces<1, T> : s.c == 3 ? mixPlaces<3, T> : s.c == 4 ? mixPlaces<4, T> : mixPlaces<0, T>;
  const int64_t n = s.w * s.c;
  for (int64_t oh = rowBegin; oh < rowEnd; oh++) {
    const T* weight = rows.weight + rows.offset[oh];
    const int64_t count = rows.offset[oh + 1] - rows.offset[oh];
    const T* row = x + rows.first[oh] * n;
    if (count != 1 || weight[0] != 1) {
      mixRows(n, count, weight, row, work);
      row = work;
    }
    mix(s.c, s.ow, columns, row, y + oh * s.ow * s.c);
  }
}

}  // namespace

void addResample(Kernels& k) {
  k.f32.resample = resample<float>;
  k.f64.resample = resample<double>;
}

}  // namespace cresset::ISA
