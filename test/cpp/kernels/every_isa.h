// What the kernel tests share: every table that this processor runs, sizes around the register width, and sample
// values.
#pragma once
#include <cmath>
#include <limits>
#include <vector>

#include "../test.h"
#include "kernels/kernels.h"

namespace cresset {

constexpr int64_t kSizes[] = {0, 1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 33, 64, 67, 1000};

template <class F> void onEveryIsa(F&& f) {
  int found = 0;
  for (const char* isa : {"avx512", "avx2", "baseline", "neon"})
    if (const Kernels* k = kernelsFor(isa)) f(*k), found++;
  CHECK(found > 0);
}

// Between -2 and 2, the same everywhere; integers between -6 and 6, bytes between 0 and 12.
template <class T> std::vector<T> samples(int64_t n, uint32_t seed) {
  std::vector<T> out(static_cast<size_t>(n));
  for (size_t i = 0; i < out.size(); i++) {
    const uint32_t word = static_cast<uint32_t>(i + 1) * 2654435761u + seed * 40503u;
    const int whole = static_cast<int>((word >> 16) % 13);
    if constexpr (static_cast<T>(0.5) != T(0))
      out[i] = static_cast<T>((word >> 12) / 262144.0 - 2);
    else
      out[i] = static_cast<T>(sizeof(T) == 1 ? whole : whole - 6);
  }
  return out;
}

template <class T> bool same(T a, T b) { return a == b || (a != a && b != b); }

// Within `ulps` units in the last place of T.
template <class T> bool near(T actual, double expected, double ulps) {
  if (expected != expected) return actual != actual;
  if (std::isinf(expected)) return static_cast<double>(actual) == expected;
  const double unit = std::abs(expected) * std::numeric_limits<T>::epsilon() + std::numeric_limits<T>::min();
  return std::abs(static_cast<double>(actual) - expected) <= ulps * unit;
}

}  // namespace cresset
