// Sums over rows of channels, and rows that are shifted and scaled by channel.
#include "kernels/simd.h"
#include "kernels/table.h"

namespace cresset::ISA {
namespace {

// Four rows at a time, so that the sums are read and written once for them.
template <class T, bool hasDy>
void sumAll(int64_t rows, int64_t c, const T* x, const T* dy, const double* shift, double* sum, double* product) {
  struct Pair {
    double v, product;
  };
  const auto at = [&](int64_t r, int64_t j) {
    const double d = static_cast<double>(x[r * c + j]) - shift[j], v = hasDy ? static_cast<double>(dy[r * c + j]) : d;
    return Pair{v, v * d};
  };
  int64_t r = 0;
  for (; r + 4 <= rows; r += 4) INDEPENDENT for (int64_t j = 0; j < c; j++) {
      const Pair p0 = at(r, j), p1 = at(r + 1, j), p2 = at(r + 2, j), p3 = at(r + 3, j);
      sum[j] += (p0.v + p1.v) + (p2.v + p3.v);
      product[j] += (p0.product + p1.product) + (p2.product + p3.product);
    }
  for (; r < rows; r++) INDEPENDENT for (int64_t j = 0; j < c; j++) {
      const Pair p = at(r, j);
      sum[j] += p.v;
      product[j] += p.product;
    }
}

template <class T>
void channelSums(int64_t rows, int64_t c, const T* x, const T* dy, const double* shift, double* sum, double* product) {
  if (dy)
    sumAll<T, true>(rows, c, x, dy, shift, sum, product);
  else
    sumAll<T, false>(rows, c, x, x, shift, sum, product);
}

template <class T>
void normalize(int64_t rows, int64_t c, const T* x, const T* mean, const T* scale, const T* bias, T* y) {
  for (int64_t r = 0; r < rows; r++, x += c, y += c)
    INDEPENDENT for (int64_t j = 0; j < c; j++) y[j] = (x[j] - mean[j]) * scale[j] + bias[j];
}

template <class T>
void normalizeBackward(int64_t rows, int64_t c, const T* x, const T* dy, const T* mean, const T* dyMean, const T* slope,
                       const T* scale, T* dx) {
  for (int64_t r = 0; r < rows; r++, x += c, dy += c, dx += c)
    INDEPENDENT for (int64_t j = 0; j < c; j++) dx[j] = (dy[j] - dyMean[j] - (x[j] - mean[j]) * slope[j]) * scale[j];
}

template <class T> void add(FloatKernels<T>& k) {
  k.channelSums = channelSums<T>;
  k.normalize = normalize<T>;
  k.normalizeBackward = normalizeBackward<T>;
}

}  // namespace

void addBatchNorm(Kernels& k) {
  add(k.f32);
  add(k.f64);
}

}  // namespace cresset::ISA
