// Sums, products and extrema of one span.
#include "kernels/sum.h"
#include "kernels/table.h"

namespace cresset::ISA {
namespace {

// The sum of f(value), with a loop of its own for values side by side, which vectorises.
template <class T, class F> inline double sumOfSpan(int64_t n, const T* x, int64_t stride, F f) {
  if (stride == 1) return sumOf(n, [x, f](int64_t i) { return f(static_cast<double>(x[i])); });
  return sumOf(n, [x, f, stride](int64_t i) { return f(static_cast<double>(x[i * stride])); });
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

template <class T> int64_t argmax(int64_t n, const T* x, int64_t stride) {
  int64_t best = 0;
  T value = x[0];
  for (int64_t i = 1; i < n && value == value; i++)
    if (const T v = x[i * stride]; v > value || v != v) best = i, value = v;
  return best;
}

template <class T> int64_t argmin(int64_t n, const T* x, int64_t stride) {
  int64_t best = 0;
  T value = x[0];
  for (int64_t i = 1; i < n && value == value; i++)
    if (const T v = x[i * stride]; v < value || v != v) best = i, value = v;
  return best;
}

template <class T> void accumulateRow(int64_t n, const T* x, double* acc) {
  for (int64_t i = 0; i < n; i++) acc[i] += static_cast<double>(x[i]);
}

template <class T> void fromDouble(int64_t n, const double* x, double scale, T* out) {
  for (int64_t i = 0; i < n; i++) out[i] = static_cast<T>(x[i] * scale);
}

template <class T> void add(NumericKernels<T>& n, ReduceKernels<T>& r) {
  n.accumulateRow = accumulateRow<T>;
  n.fromDouble = fromDouble<T>;
  r.sum = sum<T>;
  r.sumInteger = sumInteger<T>;
  r.sumSquares = sumSquares<T>;
  r.prod = prod<T>;
  r.argmax = argmax<T>;
  r.argmin = argmin<T>;
}

}  // namespace

void addReduce(Kernels& k) {
  add(k.f32n, k.f32r);
  add(k.f64n, k.f64r);
  add(k.i64n, k.i64r);
  add(k.i32n, k.i32r);
  add(k.u8n, k.u8r);
}

}  // namespace cresset::ISA
