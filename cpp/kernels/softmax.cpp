// Softmax and log-softmax of contiguous rows.
#include "kernels/math.h"
#include "kernels/sum.h"
#include "kernels/table.h"

namespace cresset::ISA {
namespace {

// The largest value; a NaN is passed over, as it makes every result of its row NaN anyway.
template <class T> T largest(int64_t n, const T* x) {
  constexpr int64_t lanes = kLanes<T>;
  const auto larger = [](auto a, auto b) { return a > b ? a : b; };
  Vec<T> most = broadcast(-static_cast<T>(INFINITY)), other = most;
  int64_t i = 0;
  for (; i + 2 * lanes <= n; i += 2 * lanes) {
    most = larger(load(x + i), most);
    other = larger(load(x + i + lanes), other);
  }
  T result = fold<T>(larger(most, other), larger);
  for (; i < n; i++) result = larger(x[i], result);
  return result;
}

// y = exp(x - m); their sum
template <class T> double expSum(int64_t n, const T* x, T m, T* y) {
  INDEPENDENT for (int64_t i = 0; i < n; i++) y[i] = exp_(x[i] - m);
  return sumOf<T>(n, [y](auto at) { return at(y); });
}

template <class T> void softmax(int64_t rows, int64_t n, const T* x, T* y) {
  for (int64_t r = 0; r < rows; r++, x += n, y += n) {
    const T scale = static_cast<T>(1 / expSum(n, x, largest(n, x), y));
    for (int64_t i = 0; i < n; i++) y[i] *= scale;
  }
}

template <class T> void logSoftmax(int64_t rows, int64_t n, const T* x, T* y) {
  for (int64_t r = 0; r < rows; r++, x += n, y += n) {
    const T m = largest(n, x);
    const double shift = log(expSum(n, x, m, y));
    INDEPENDENT for (int64_t i = 0; i < n; i++) y[i] = static_cast<T>(static_cast<double>(x[i] - m) - shift);
  }
}

template <class T> void softmaxBackward(int64_t rows, int64_t n, const T* y, const T* dy, T* dx) {
  for (int64_t r = 0; r < rows; r++, y += n, dy += n, dx += n) {
    const T dot = static_cast<T>(sumOf<T>(n, [y, dy](auto at) { return at(y) * at(dy); }));
    INDEPENDENT for (int64_t i = 0; i < n; i++) dx[i] = y[i] * (dy[i] - dot);
  }
}

template <class T> void logSoftmaxBackward(int64_t rows, int64_t n, const T* y, const T* dy, T* dx) {
  for (int64_t r = 0; r < rows; r++, y += n, dy += n, dx += n) {
    const T total = static_cast<T>(sumOf<T>(n, [dy](auto at) { return at(dy); }));
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
