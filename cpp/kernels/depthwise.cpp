// Depthwise convolution of one row of pixels, channels in registers.
#include "kernels/simd.h"
#include "kernels/table.h"

namespace cresset::ISA {
namespace {

// One register of channels of P pixels.
template <class T, int P>
inline void pixels(int64_t c, int64_t taps, const int64_t* offsets, int64_t xStep, const T* x, const T* w, Vec<T> start,
                   T* y, int64_t yStep) {
  Vec<T> sum[P];
#pragma GCC unroll 8
  for (int p = 0; p < P; p++) sum[p] = start;
  for (int64_t t = 0; t < taps; t++) {
    const Vec<T> weight = load(w + t * c);
#pragma GCC unroll 8
    for (int p = 0; p < P; p++) sum[p] += load(x + p * xStep + offsets[t]) * weight;
  }
#pragma GCC unroll 8
  for (int p = 0; p < P; p++) store(y + p * yStep, sum[p]);
}

template <class T>
void depthwise(int64_t n, int64_t c, int64_t taps, const int64_t* offsets, int64_t xStep, const T* x, const T* w,
               const T* bias, T* y, int64_t yStep) {
  constexpr int64_t lanes = kLanes<T>;
  if (c < lanes) {
    for (int64_t i = 0; i < n; i++)
      for (int64_t j = 0; j < c; j++) {
        T sum = bias ? bias[j] : T(0);
        for (int64_t t = 0; t < taps; t++) sum += x[i * xStep + offsets[t] + j] * w[t * c + j];
        y[i * yStep + j] = sum;
      }
    return;
  }
  for (int64_t block = 0; block < c; block += lanes) {
    const int64_t j = block + lanes <= c ? block : c - lanes;  // the last block may compute channels again
    const Vec<T> start = bias ? load(bias + j) : Vec<T>{};
    int64_t i = 0;
    for (; i + 8 <= n; i += 8)
      pixels<T, 8>(c, taps, offsets, xStep, x + i * xStep + j, w + j, start, y + i * yStep + j, yStep);
    for (; i < n; i++) pixels<T, 1>(c, taps, offsets, xStep, x + i * xStep + j, w + j, start, y + i * yStep + j, yStep);
  }
}

// One register of channels of G taps.
template <class T, int G>
inline void sumTaps(int64_t n, int64_t c, const int64_t* offsets, int64_t xStep, const T* x, const T* dy, T* dw) {
  Vec<T> sum[G] = {};
  for (int64_t i = 0; i < n; i++) {
    const Vec<T> g = load(dy + i * c);
#pragma GCC unroll 8
    for (int q = 0; q < G; q++) sum[q] += load(x + i * xStep + offsets[q]) * g;
  }
#pragma GCC unroll 8
  for (int q = 0; q < G; q++) store(dw + q * c, load(dw + q * c) + sum[q]);
}

template <class T>
void depthwiseGradWeight(int64_t n, int64_t c, int64_t taps, const int64_t* offsets, int64_t xStep, const T* x,
                         const T* dy, T* dw) {
  constexpr int64_t lanes = kLanes<T>;
  int64_t j = 0;
  for (; j + lanes <= c; j += lanes) {
    int64_t t = 0;
    for (; t + 3 <= taps; t += 3) sumTaps<T, 3>(n, c, offsets + t, xStep, x + j, dy + j, dw + t * c + j);
    for (; t < taps; t++) sumTaps<T, 1>(n, c, offsets + t, xStep, x + j, dy + j, dw + t * c + j);
  }
  for (; j < c; j++)
    for (int64_t t = 0; t < taps; t++) {
      T sum = 0;
      for (int64_t i = 0; i < n; i++) sum += x[i * xStep + offsets[t] + j] * dy[i * c + j];
      dw[t * c + j] += sum;
    }
}

template <class T> void add(FloatKernels<T>& k) {
  k.depthwise = depthwise<T>;
  k.depthwiseGradWeight = depthwiseGradWeight<T>;
}

}  // namespace

void addDepthwise(Kernels& k) {
  add(k.f32);
  add(k.f64);
}

}  // namespace cresset::ISA
