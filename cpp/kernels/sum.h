// Sums and extrema of what a loop computes, a register at a time: up to eight values in float, what they give in
// double.
#pragma once
#include "kernels/simd.h"

namespace cresset::ISA {
namespace {

#define INLINE inline __attribute__((always_inline))

// The values at place `i` of spans, in a register or one by one: `at(p)` is p[i].
template <class T> struct Lanes {
  int64_t i;
  INLINE Vec<T> operator()(const T* p) const { return load(p + i); }
};
struct Single {
  int64_t i;
  template <class T> INLINE T operator()(const T* p) const { return p[i]; }
};

// The result of `combine` over all lanes, by halves.
template <class T, class F> INLINE T fold(Vec<T> v, F combine) {
  T lanes[kLanes<T>];
  store(lanes, v);
  for (int64_t width = kLanes<T> / 2; width >= 1; width /= 2)
    for (int64_t l = 0; l < width; l++) lanes[l] = combine(lanes[l], lanes[l + width]);
  return lanes[0];
}

// A register's worth of running sums.
template <class T> struct Sums {
  Vec<double> sums = {};
  INLINE void add(Vec<T> v) { sums += v; }
  INLINE double total() const {
    return fold<double>(sums, [](double a, double b) { return a + b; });
  }
};
template <> struct Sums<float> {
  Vec<double> low = {}, high = {};
  INLINE void add(Vec<float> v) {
    Vec<double> wide[2];  // GCC converts a whole register in this loop, but by halves in __builtin_convertvector
    for (int64_t l = 0; l < kLanes<float>; l++) reinterpret_cast<double*>(wide)[l] = static_cast<double>(v[l]);
    low += wide[0], high += wide[1];
  }
  INLINE double total() const {
    return fold<double>(low + high, [](double a, double b) { return a + b; });
  }
};

// The sum over i below n of f(at), which reads its spans by `at`.
template <class T, class F> INLINE double sumOf(int64_t n, F f) {
  constexpr int64_t lanes = kLanes<T>;
  Sums<T> sums;
  int64_t i = 0;
  const auto value = [f](int64_t at) { return f(Lanes<T>{at}); };
  const auto four = [value](int64_t at) {
    return (value(at) + value(at + lanes)) + (value(at + 2 * lanes) + value(at + 3 * lanes));
  };
  for (; i + 8 * lanes <= n; i += 8 * lanes) sums.add(four(i) + four(i + 4 * lanes));
  if (i + lanes <= n) {
    Vec<T> few = value(i);
    for (i += lanes; i + lanes <= n; i += lanes) few += value(i);
    sums.add(few);
  }
  double rest = 0;
  for (; i < n; i++) rest += static_cast<double>(f(Single{i}));
  return sums.total() + rest;
}

#undef INLINE

}  // namespace
}  // namespace cresset::ISA
