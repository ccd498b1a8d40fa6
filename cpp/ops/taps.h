// The taps of resampling: which places of an axis each place of the result is made of.
#pragma once
#include <initializer_list>
#include <vector>

#include "ops/common.h"

namespace cresset::ops {

// How values between places are found; the last three stretched over all that falls on one output, as antialiasing
// does.
enum Mode : int64_t { nearest, nearestExact, bilinear, bicubic, lanczos, box, hamming };

// One axis of the picture. `scale`: inputs per output.
struct Axis {
  int64_t in, out;
  Mode mode;
  bool alignCorners, antialias;
  double given;  // outputs per input, or 0
  double scale() const {
    if (alignCorners) return out > 1 ? static_cast<double>(in - 1) / static_cast<double>(out - 1) : 0;
    return given > 0 ? 1 / given : static_cast<double>(in) / static_cast<double>(out);
  }
};

// kernels.h's Taps, growing.
struct TapTable {
  std::vector<int64_t> first, offset{0};
  std::vector<double> weight;

  void add(int64_t start, std::initializer_list<double> weights) { add(start, weights.begin(), weights.size()); }
  void add(int64_t start, const double* weights, size_t count) {
    first.push_back(start);
    weight.insert(weight.end(), weights, weights + count);
    offset.push_back(static_cast<int64_t>(weight.size()));
  }
};

TapTable tapsOf(const Axis& axis);
// The taps of the gradient for `in` inputs: the outputs that took one lie side by side, as windows only move on.
TapTable transposed(const TapTable& taps, int64_t in);

}  // namespace cresset::ops
