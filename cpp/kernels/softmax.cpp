// Softmax and log-softmax of contiguous rows.
#include <math.h>

#include "kernels/simd.h"
#include "kernels/table.h"

namespace cresset::ISA {
namespace {

inline float exponential(float x) { return expf(x); }
inline double exponential(double x) { return exp(x); }

template <class T> T largest(int64_t n, const T* x) {
  T m = x[0];
  for (int64_t i = 1; i < n; i++) m = x[i] > m || x[i] != x[i] ? x[i] : m;
  return m;
}

template <class T> void softmax(int64_t rows, int64_t n, const T* x, T* y) {
  for (int64_t r = 0; r < rows; r++, x += n, y += n) {
    const T m = largest(n, x);
    double sum = 0;
    for (int64_t i = 0; i < n; i++) {
      y[i] = exponential(x[i] - m);
      sum += static_cast<double>(y[i]);
    }
    const T scale = static_cast<T>(1 / sum);
    for (int64_t i = 0; i < n; i++) y[i] *= scale;
  }
}

template <class T> void logSoftmax(int64_t rows, int64_t n, const T* x, T* y) {
  for (int64_t r = 0; r < rows; r++, x += n, y += n) {
    const T m = largest(n, x);
    double sum = 0;
    for (int64_t i = 0; i < n; i++) sum += static_cast<double>(exponential(x[i] - m));
    const double shift = log(sum);
    for (int64_t i = 0; i < n; i++) y[i] = static_cast<T>(static_cast<double>(x[i] - m) - shift);
  }
}

template <class T> void softmaxBackward(int64_t rows, int64_t n, const T* y, const T* dy, T* dx) {
  for (int64_t r = 0; r < rows; r++, y += n, dy += n, dx += n) {
    double dot = 0;
    for (int64_t i = 0; i < n; i++) dot += static_cast<double>(y[i]) * static_cast<double>(dy[i]);
    for (int64_t i = 0; i < n; i++) dx[i] = y[i] * (dy[i] - static_cast<T>(dot));
  }
}

template <class T> void logSoftmaxBackward(int64_t rows, int64_t n, const T* y, const T* dy, T* dx) {
  for (int64_t r = 0; r < rows; r++, y += n, dy += n, dx += n) {
    double total = 0;
    for (int64_t i = 0; i < n; i++) total += static_cast<double>(dy[i]);
    for (int64_t i = 0; i < n; i++) dx[i] = dy[i] - exponential(y[i]) * static_cast<T>(total);
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
