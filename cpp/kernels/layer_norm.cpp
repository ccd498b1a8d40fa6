// Rows that are normalised by their own mean and variance.
#include "kernels/simd.h"
#include "kernels/sum.h"
#include "kernels/table.h"

namespace cresset::ISA {
namespace {

// The mean of a row is `near` + `rest`: what its float loses by rounding comes out of the sum of the differences.
template <class T> struct Moments {
  T near;
  double rest, inverse;  // 1 / sqrt(var + eps)
};

template <class T> Moments<T> moments(int64_t n, const T* x, double eps) {
  const double count = static_cast<double>(n);
  const T near = static_cast<T>(sumOf<T>(n, [x](auto at) { return at(x); }) / count);
  const double rest = sumOf<T>(n, [x, near](auto at) { return at(x) - near; }) / count;
  const double squares = sumOf<T>(n, [x, near](auto at) {
    const auto d = at(x) - near;
    return d * d;
  });
  const double var = squares / count - rest * rest;
  return {near, rest, 1 / __builtin_sqrt((var < 0 ? 0 : var) + eps)};
}

template <class T>
void layerNorm(int64_t rows, int64_t n, const T* x, const T* weight, const T* bias, double eps, T* y, double* stats) {
  for (int64_t r = 0; r < rows; r++, x += n, y += n) {
    const Moments<T> m = moments(n, x, eps);
    if (stats) {
      stats[2 * r] = static_cast<double>(m.near) + m.rest;
      stats[2 * r + 1] = m.inverse;
    }
    const T near = m.near, scale = static_cast<T>(m.inverse), shift = static_cast<T>(-m.rest * m.inverse);
    if (weight && bias)
      INDEPENDENT for (int64_t j = 0; j < n; j++) y[j] = ((x[j] - near) * scale + shift) * weight[j] + bias[j];
    else if (weight)
      INDEPENDENT for (int64_t j = 0; j < n; j++) y[j] = ((x[j] - near) * scale + shift) * weight[j];
    else
      INDEPENDENT for (int64_t j = 0; j < n; j++) y[j] = (x[j] - near) * scale + shift + (bias ? bias[j] : T(0));
  }
}

// One row, with g(at) = dy * weight.
template <class T, class G> void backwardRow(int64_t n, const T* x, const double* stats, T* dx, G g) {
  const double count = static_cast<double>(n), inverse = stats[1];
  const T near = static_cast<T>(stats[0]);
  const double sum = sumOf<T>(n, g);
  const double product = sumOf<T>(n, [x, near, g](auto at) { return (at(x) - near) * g(at); }) -
                         (stats[0] - static_cast<double>(near)) * sum;
  // dx = (g - mean(g) - (x - mean) * slope) * inverse; what the mean loses by rounding goes into mean(g).
  const double slope = product / count * inverse * inverse;
  const T scale = static_cast<T>(inverse), factor = static_cast<T>(slope),
          mean = static_cast<T>(sum / count - (stats[0] - static_cast<double>(near)) * slope);
  INDEPENDENT for (int64_t j = 0; j < n; j++) dx[j] = (g(Single{j}) - mean - (x[j] - near) * factor) * scale;
}

template <class T>
void layerNormBackward(int64_t rows, int64_t n, const T* x, const T* dy, const T* weight, const double* stats, T* dx) {
  for (int64_t r = 0; r < rows; r++, x += n, dy += n, dx += n)
    if (weight)
      backwardRow<T>(n, x, stats + 2 * r, dx, [dy, weight](auto at) { return at(dy) * at(weight); });
    else
      backwardRow<T>(n, x, stats + 2 * r, dx, [dy](auto at) { return at(dy); });
}

template <class T>
void layerNormSums(int64_t rows, int64_t n, int64_t ld, const T* x, const T* dy, const double* stats, double* product,
                   double* sum) {
  const auto dyAt = [&](int64_t r, int64_t j) { return static_cast<double>(dy[r * ld + j]); };
  const auto at = [&](int64_t r, int64_t j) {
    return (static_cast<double>(x[r * ld + j]) - stats[2 * r]) * stats[2 * r + 1] * dyAt(r, j);
  };
  int64_t r = 0;
  // Four rows at a time, so that the sums are read and written once for them.
  for (; r + 4 <= rows; r += 4) INDEPENDENT for (int64_t j = 0; j < n; j++) {
      product[j] += (at(r, j) + at(r + 1, j)) + (at(r + 2, j) + at(r + 3, j));
      sum[j] += (dyAt(r, j) + dyAt(r + 1, j)) + (dyAt(r + 2, j) + dyAt(r + 3, j));
    }
  for (; r < rows; r++) INDEPENDENT for (int64_t j = 0; j < n; j++) {
      product[j] += at(r, j);
      sum[j] += dyAt(r, j);
    }
}

template <class T> void add(FloatKernels<T>& k) {
  k.layerNorm = layerNorm<T>;
  k.layerNormBackward = layerNormBackward<T>;
  k.layerNormSums = layerNormSums<T>;
}

}  // namespace

void addLayerNorm(Kernels& k) {
  add(k.f32);
  add(k.f64);
}

}  // namespace cresset::ISA
