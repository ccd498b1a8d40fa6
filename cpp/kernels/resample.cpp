// Resampling of one channels-last sample: rows are mixed along the height first, then places along the width; of bytes,
// one axis at a time.
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

constexpr int kBits = 22;

inline uint8_t toByte(int32_t sum) {
  const int32_t value = sum >> kBits;
  return static_cast<uint8_t>(value < 0 ? 0 : value > 255 ? 255 : value);
}

void mixByteRows(int64_t n, int64_t count, const int32_t* weight, const uint8_t* x, uint8_t* __restrict y) {
  constexpr int64_t kSpan = 512;
  for (int64_t begin = 0; begin < n; begin += kSpan) {
    const int64_t width = begin + kSpan < n ? kSpan : n - begin;
    int32_t sum[kSpan];
    for (int64_t i = 0; i < width; i++) sum[i] = 1 << (kBits - 1);
    for (int64_t k = 0; k < count; k++) {
      const uint8_t* row = x + k * n + begin;
      const int32_t w = weight[k];
      for (int64_t i = 0; i < width; i++) sum[i] += w * row[i];
    }
    for (int64_t i = 0; i < width; i++) y[begin + i] = toByte(sum[i]);
  }
}

template <int C>
void mixBytePlacesOf(int64_t places, const int64_t* first, const int64_t* offset, const int32_t* weight,
                     const uint8_t* x, uint8_t* y) {
  for (int64_t o = 0; o < places; o++, y += C) {
    int32_t sum[C];
    for (int j = 0; j < C; j++) sum[j] = 1 << (kBits - 1);
    const uint8_t* from = x + first[o] * C;
    for (int64_t k = offset[o]; k < offset[o + 1]; k++, from += C)
      for (int j = 0; j < C; j++) sum[j] += weight[k] * from[j];
    for (int j = 0; j < C; j++) y[j] = toByte(sum[j]);
  }
}

void mixBytePlaces(int64_t c, int64_t places, const int64_t* first, const int64_t* offset, const int32_t* weight,
                   const uint8_t* x, uint8_t* y) {
  if (c == 1) return mixBytePlacesOf<1>(places, first, offset, weight, x, y);
  if (c == 3) return mixBytePlacesOf<3>(places, first, offset, weight, x, y);
  if (c == 4) return mixBytePlacesOf<4>(places, first, offset, weight, x, y);
  for (int64_t o = 0; o < places; o++)
    mixByteRows(c, offset[o + 1] - offset[o], weight + offset[o], x + first[o] * c, y + o * c);
}

}  // namespace

void addResample(Kernels& k) {
  k.f32.resample = resample<float>;
  k.f64.resample = resample<double>;
  k.bytes.mixByteRows = mixByteRows;
  k.bytes.mixBytePlaces = mixBytePlaces;
}

}  // namespace cresset::ISA
