// Convolution of one row of pixels in groups of G input and G output channels, with the channels of all groups side by
// side in registers: every output channel multiplies with the G input channels of its group. (Depthwise: G = 1.)
#include <utility>

#include "kernels/simd.h"
#include "kernels/table.h"

namespace cresset::ISA {
namespace {

template <int G, int I, class V, int... Lane> inline V groupInputOf(V x, std::integer_sequence<int, Lane...>) {
  return __builtin_shufflevector(x, x, (Lane / G * G + I)...);
}
// In every lane, input channel I of the lane's group.
template <class T, int G, int I> inline Vec<T> groupInput(Vec<T> x) {
  if constexpr (G == 1)
    return x;
  else
    return groupInputOf<G, I>(x, std::make_integer_sequence<int, kLanes<T>>());
}

// What input channels I, I + 1, ... of the groups bring to P pixels at one tap.
template <class T, int G, int P, int I = 0>
inline void addInputs(int64_t c, int64_t xStep, const T* x, const T* w, Vec<T>* sum) {
  if constexpr (I < G) {
    const Vec<T> weight = load(w + I * c);
#pragma GCC unroll 8
    for (int p = 0; p < P; p++) sum[p] += groupInput<T, G, I>(load(x + p * xStep)) * weight;
    addInputs<T, G, P, I + 1>(c, xStep, x, w, sum);
  }
}

// One register of channels of P pixels.
template <class T, int G, int P>
inline void pixels(int64_t c, int64_t taps, const int64_t* offsets, int64_t xStep, const T* x, const T* w, Vec<T> start,
                   T* y, int64_t yStep) {
  Vec<T> sum[P];
#pragma GCC unroll 8
  for (int p = 0; p < P; p++) sum[p] = start;
  for (int64_t t = 0; t < taps; t++) addInputs<T, G, P>(c, xStep, x + offsets[t], w + t * G * c, sum);
#pragma GCC unroll 8
  for (int p = 0; p < P; p++) store(y + p * yStep, sum[p]);
}

template <class T, int G>
void row(int64_t n, int64_t c, int64_t taps, const int64_t* offsets, int64_t xStep, const T* x, const T* w,
         const T* bias, T* y, int64_t yStep) {
  constexpr int64_t lanes = kLanes<T>;
  if (c < lanes) {
    for (int64_t i = 0; i < n; i++)
      for (int64_t j = 0; j < c; j++) {
        T sum = bias ? bias[j] : T(0);
        for (int64_t t = 0; t < taps * G; t++) sum += x[i * xStep + offsets[t / G] + j / G * G + t % G] * w[t * c + j];
        y[i * yStep + j] = sum;
      }
    return;
  }
  for (int64_t block = 0; block < c; block += lanes) {
    const int64_t j = block + lanes <= c ? block : c - lanes;  // the last block may compute channels again
    const Vec<T> start = bias ? load(bias + j) : Vec<T>{};
    int64_t i = 0;
    for (; i + 8 <= n; i += 8)
      pixels<T, G, 8>(c, taps, offsets, xStep, x + i * xStep + j, w + j, start, y + i * yStep + j, yStep);
    for (; i + 3 <= n; i += 3)
      pixels<T, G, 3>(c, taps, offsets, xStep, x + i * xStep + j, w + j, start, y + i * yStep + j, yStep);
    for (; i < n; i++)
      pixels<T, G, 1>(c, taps, offsets, xStep, x + i * xStep + j, w + j, start, y + i * yStep + j, yStep);
  }
}

template <class T, int G, int I = 0> inline void addProducts(Vec<T> x, Vec<T> dy, Vec<T>* sum) {
  if constexpr (I < G) {
    sum[I] += groupInput<T, G, I>(x) * dy;
    addProducts<T, G, I + 1>(x, dy, sum);
  }
}

// One register of channels of Q taps.
template <class T, int G, int Q>
inline void sumTaps(int64_t n, int64_t c, const int64_t* offsets, int64_t xStep, const T* x, const T* dy, T* dw) {
  Vec<T> sum[Q][G] = {};
  for (int64_t i = 0; i < n; i++) {
    const Vec<T> g = load(dy + i * c);
#pragma GCC unroll 4
    for (int q = 0; q < Q; q++) addProducts<T, G>(load(x + i * xStep + offsets[q]), g, sum[q]);
  }
#pragma GCC unroll 4
  for (int q = 0; q < Q; q++)
#pragma GCC unroll 8
    for (int i = 0; i < G; i++) store(dw + (q * G + i) * c, load(dw + (q * G + i) * c) + sum[q][i]);
}

template <class T, int G>
void rowGradWeight(int64_t n, int64_t c, int64_t taps, const int64_t* offsets, int64_t xStep, const T* x, const T* dy,
                   T* dw) {
  constexpr int64_t lanes = kLanes<T>;
  constexpr int kTaps = G < 8 ? 3 : 1;
  int64_t j = 0;
  for (; j + lanes <= c; j += lanes) {
    int64_t t = 0;
    for (; t + kTaps <= taps; t += kTaps)
      sumTaps<T, G, kTaps>(n, c, offsets + t, xStep, x + j, dy + j, dw + t * G * c + j);
    for (; t < taps; t++) sumTaps<T, G, 1>(n, c, offsets + t, xStep, x + j, dy + j, dw + t * G * c + j);
  }
  for (; j < c; j++)
    for (int64_t t = 0; t < taps * G; t++) {
      T sum = 0;
      for (int64_t i = 0; i < n; i++) sum += x[i * xStep + offsets[t / G] + j / G * G + t % G] * dy[i * c + j];
      dw[t * c + j] += sum;
    }
}

// A group is no larger than a register: beyond it nothing is instantiated.
template <class T, int G> constexpr int kFit = G <= kLanes<T> ? G : 1;

template <class T>
void grouped(int64_t group, int64_t n, int64_t c, int64_t taps, const int64_t* offsets, int64_t xStep, const T* x,
             const T* w, const T* bias, T* y, int64_t yStep) {
  const auto f = group == 1   ? row<T, 1>
                 : group == 2 ? row<T, kFit<T, 2>>
                 : group == 4 ? row<T, kFit<T, 4>>
                              : row<T, kFit<T, 8>>;
  f(n, c, taps, offsets, xStep, x, w, bias, y, yStep);
}

template <class T>
void groupedGradWeight(int64_t group, int64_t n, int64_t c, int64_t taps, const int64_t* offsets, int64_t xStep,
                       const T* x, const T* dy, T* dw) {
  const auto f = group == 1   ? rowGradWeight<T, 1>
                 : group == 2 ? rowGradWeight<T, kFit<T, 2>>
                 : group == 4 ? rowGradWeight<T, kFit<T, 4>>
                              : rowGradWeight<T, kFit<T, 8>>;
  f(n, c, taps, offsets, xStep, x, dy, dw);
}

template <class T> void add(FloatKernels<T>& k) {
  k.grouped = grouped<T>;
  k.groupedGradWeight = groupedGradWeight<T>;
}

}  // namespace

void addGrouped(Kernels& k) {
  add(k.f32);
  add(k.f64);
}

}  // namespace cresset::ISA
