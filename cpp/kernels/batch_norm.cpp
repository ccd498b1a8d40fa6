// Sums over rows of channels, and rows that are shifted and scaled by channel.
#include "kernels/simd.h"
#include "kernels/table.h"

namespace cresset::ISA {
namespace {

constexpr int64_t kBlock = 16;  // channels whose sums stay in registers while the rows pass

template <class T, bool hasDy>
inline void sumBlock(int64_t rows, int64_t c, int64_t width, const T* x, const T* dy, const double* shift, double* sum,
                     double* product) {
  double s[kBlock] = {}, p[kBlock] = {}, base[kBlock] = {};
  for (int64_t j = 0; j < width; j++) base[j] = shift[j];
  for (int64_t r = 0; r < rows; r++, x += c, dy += c)
    for (int64_t j = 0; j < width; j++) {
      const double d = static_cast<double>(x[j]) - base[j], v = hasDy ? static_cast<double>(dy[j]) : d;
      s[j] += v;
      p[j] += v * d;
    }
  for (int64_t j = 0; j < width; j++) sum[j] += s[j], product[j] += p[j];
}

template <class T, bool hasDy>
void sumAll(int64_t rows, int64_t c, const T* x, const T* dy, const double* shift, double* sum, double* product) {
  int64_t j = 0;
  for (; j + kBlock <= c; j += kBlock)
    sumBlock<T, hasDy>(rows, c, kBlock, x + j, dy + j, shift + j, sum + j, product + j);
  if (j < c) sumBlock<T, hasDy>(rows, c, c - j, x + j, dy + j, shift + j, sum + j, product + j);
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
