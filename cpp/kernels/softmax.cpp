// Softmax and log-softmax of contiguous rows.
#include "kernels/math.h"
#include "kernels/sum.h"
#include "kernels/table.h"

namespace cresset::ISA {
namespace {

// The largest value; a NaN is passed over, as it makes every result of its row NaN anyway.
template <class T> T largest(int64_t n, const T* x) {
  T most[kParts];
  for (T& m : most) m = -static_cast<T>(INFINITY);
  int64_t i = 0;
  for (; i + kParts <= n; i += kParts)
    for (int l = 0; l < kParts; l++) most[l] = x[i + l] > most[l] ? x[i + l] : most[l];
  for (; i < n; i++) most[0] = x[i] > most[0] ? x[i] : most[0];
  for (const T m : most) most[0] = m > most[0] ? m : most[0];
  return most[0];
}

template <class T> void softmax(int64_t rows, int64_t n, const T* x, T* y) {
  for (int64_t r = 0; r < rows; r++, x += n, y += n) {
    const T m = largest(n, x);
    INDEPENDENT for (int64_t i = 0; i < n; i++) y[i] = exp_(x[i] - m);
    const T scale = static_cast<T>(1 / sumOf(n, [y](int64_t i) { return static_cast<double>(y[i]); }));
    for (int64_t i = 0; i < n; i++) y[i] *= scale;
  }
}

template <class T> void logSoftmax(int64_t rows, int64_t n, const T* x, T* y) {
  for (int64_t r = 0; r < rows; r++, x += n, y += n) {
    const T m = largest(n, x);
    const double shift = log(sumOf(n, [x, m](int64_t i) { return static_cast<double>(exp_(x[i] - m)); }));
    INDEPENDENT for (int64_t i = 0; i < n; i++) y[i] = static_cast<T>(static_cast<double>(x[i] - m) - shift);
  }
}

template <class T> void softmaxBackward(int64_t rows, int64_t n, const T* y, const T* dy, T* dx) {
  for (int64_t r = 0; r < rows; r++, y += n, dy += n, dx += n) {
    const T dot =
        static_cast<T>(sumOf(n, [y, dy](int64_t i) { return static_cast<double>(y[i]) * static_cast<double>(dy[i]); }));
    INDEPENDENT for (int64_t i = 0; i < n; i++) dx[i] = y[i] * (dy[i] - dot);
  }
}

template <class T> void logSoftmaxBackward(int64_t rows, int64_t n, const T* y, const T* dy, T* dx) {
  for (int64_t r = 0; r < rows; r++, y += n, dy += n, dx += n) {
    const T total = static_cast<T>(sumOf(n, [dy](int64_t i) { return static_cast<double>(dy[i]); }));
    INDEPENDENT for (int64_t i = 0; i < n; i++) dx[i] = dy[i] - exp_(y[i]) * total;
  }
}

template <class T> void add(FloatKernels<T>& k) {
  k.softmax = softmax<T>;
  k.logSoftmax = logSoftmax<T>;
  k.softmaxBackward = softmaxBackward<T>;
  k.logSoftmaxBackward = logSoftmaxBackward<T>;
}

}  // namespace

void addSoftmax(Kernels& k) {
  add(k.f32);
  add(k.f64);
}

}  // namespace cresset::ISA
