// Sums, products and extrema of one span.
#include "kernels/sum.h"
#include "kernels/table.h"

namespace cresset::ISA {
namespace {

// The sum of f(value) in double, in parts that vectorise in any register width and are combined in a fixed order.
template <class T, class F> inline double sumOfSpan(int64_t n, const T* x, int64_t stride, F f) {
  constexpr int kParts = 16;
  double parts[kParts] = {};
  int64_t i = 0;
  if (stride == 1)
    for (; i + kParts <= n; i += kParts)
      for (int l = 0; l < kParts; l++) parts[l] += f(static_cast<double>(x[i + l]));
  for (; i < n; i++) parts[i % kParts] += f(static_cast<double>(x[i * stride]));
  for (int width = kParts / 2; width >= 1; width /= 2)
    for (int l = 0; l < width; l++) parts[l] += parts[l + width];
  return parts[0];
}

template <class T> double sum(int64_t n, const T* x, int64_t stride) {
  return sumOfSpan(n, x, stride, [](double v) { return v; });
}

template <class T> int64_t sumInteger(int64_t n, const T* x, int64_t stride) {
  uint64_t total = 0;
  for (int64_t i = 0; i < n; i++) total += static_cast<uint64_t>(static_cast<int64_t>(x[i * stride]));
  return static_cast<int64_t>(total);
}

template <class T> double sumSquares(int64_t n, const T* x, int64_t stride, double mean) {
  return sumOfSpan(n, x, stride, [mean](double v) { return (v - mean) * (v - mean); });
}

template <class T> double prod(int64_t n, const T* x, int64_t stride) {
  double total = 1;
  for (int64_t i = 0; i < n; i++) total *= static_cast<double>(x[i * stride]);
  return total;
}

// Whether v is better than the best so far: `beats` says it of numbers, and a NaN beats them.
template <class T, class F> inline int64_t firstBest(int64_t n, const T* x, int64_t stride, F beats) {
  int64_t best = 0;
  T value = x[0];
  for (int64_t i = 1; i < n && value == value; i++)
    if (const T v = x[i * stride]; beats(v, value) || v != v) best = i, value = v;
  return best;
}

// The best of every lane first, then the first place that holds the best of all; any NaN is left to the plain loop.
template <class T, class F> inline int64_t bestPlace(int64_t n, const T* x, int64_t stride, F beats) {
  constexpr int64_t lanes = kLanes<T>;
  if (stride != 1 || n < 4 * lanes) return firstBest(n, x, stride, beats);
  const auto better = [beats](auto a, auto b) { return beats(a, b) ? a : b; };
  Vec<T> best = load(x), last = load(x + n - lanes);
  auto numbers = (best == best) & (last == last);
  best = better(best, last);
  for (int64_t i = lanes; i + lanes < n; i += lanes) {
    const Vec<T> v = load(x + i);
    numbers &= v == v;
    best = better(v, best);
  }
  const T value = fold<T>(best, better);
  bool hasNaN = false;
  for (int64_t l = 0; l < lanes; l++) hasNaN |= numbers[l] == 0;
  if (hasNaN) return firstBest(n, x, stride, beats);
  for (int64_t i = 0; i + lanes <= n; i += lanes) {
    bool found = false;
    for (int64_t l = 0; l < lanes; l++) found |= x[i + l] == value;
    for (int64_t l = 0; found && l < lanes; l++)
      if (x[i + l] == value) return i + l;
  }
  for (int64_t i = n - lanes;; i++)
    if (x[i] == value) return i;
}

template <class T> int64_t argmax(int64_t n, const T* x, int64_t stride) {
  return bestPlace(n, x, stride, [](auto a, auto b) { return a > b; });
}

template <class T> int64_t argmin(int64_t n, const T* x, int64_t stride) {
  return bestPlace(n, x, stride, [](auto a, auto b) { return a < b; });
}

template <class T> void sumRows(int64_t rows, int64_t n, const T* x, int64_t ld, double* sums) {
  for (int64_t r = 0; r < rows; r++) sums[r] = sumOf<T>(n, [row = x + r * ld](auto at) { return at(row); });
}

template <class T> void sumColumns(int64_t rows, int64_t c, const T* x, int64_t ld, double* sums) {
  for (int64_t j = 0; j < c; j++) sums[j] = 0;
  int64_t r = 0;
  for (; r + 4 <= rows; r += 4) {
    const T *x0 = x + r * ld, *x1 = x0 + ld, *x2 = x1 + ld, *x3 = x2 + ld;
    INDEPENDENT for (int64_t j = 0; j < c; j++) sums[j] += static_cast<double>((x0[j] + x1[j]) + (x2[j] + x3[j]));
  }
  for (; r < rows; r++) INDEPENDENT for (int64_t j = 0; j < c; j++) sums[j] += static_cast<double>(x[r * ld + j]);
}

template <class T> void divided(int64_t n, const double* x, double divisor, T* out) {
  for (int64_t i = 0; i < n; i++) out[i] = static_cast<T>(x[i] / divisor);
}

template <class T> void add(FloatKernels<T>& k) {
  k.sumRows = sumRows<T>;
  k.sumColumns = sumColumns<T>;
  k.divided = divided<T>;
}

template <class T> void add(ReduceKernels<T>& r) {
  r.sum = sum<T>;
  r.sumInteger = sumInteger<T>;
  r.sumSquares = sumSquares<T>;
  r.prod = prod<T>;
  r.argmax = argmax<T>;
  r.argmin = argmin<T>;
}

}  // namespace

void addReduce(Kernels& k) {
  add(k.f32r);
  add(k.f64r);
  add(k.i64r);
  add(k.i32r);
  add(k.u8r);
  add(k.f32);
  add(k.f64);
}

}  // namespace cresset::ISA
