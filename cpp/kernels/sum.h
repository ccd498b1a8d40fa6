// Sums in double of what a loop computes.
#pragma once
#include "kernels/simd.h"

namespace cresset::ISA {
namespace {

constexpr int kParts = 16;  // running results that vectorise in any register width, combined in a fixed order

// The sum of f(i) for i below n.
template <class F> inline double sumOf(int64_t n, F f) {
  double parts[kParts] = {};
  int64_t i = 0;
  for (; i + kParts <= n; i += kParts)
    for (int l = 0; l < kParts; l++) parts[l] += f(i + l);
  for (; i < n; i++) parts[i % kParts] += f(i);
  for (int width = kParts / 2; width >= 1; width /= 2)
    for (int l = 0; l < width; l++) parts[l] += parts[l + width];
  return parts[0];
}

}  // namespace
}  // namespace cresset::ISA
