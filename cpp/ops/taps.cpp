// The taps of every mode of resampling. Weights are computed in double.
#include "ops/taps.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace cresset::ops {
namespace {

// In float32 whatever the dtype, as PyTorch does: where a place falls on the border of two pixels, that decides.
int64_t nearestPlace(const Axis& axis, int64_t o) {
  // Nor does it ask the scale here.
  if (axis.mode == nearest && (axis.out == axis.in || axis.out == 2 * axis.in)) return axis.out == axis.in ? o : o / 2;
  const float scale =
      axis.given > 0 ? static_cast<float>(1 / axis.given) : static_cast<float>(axis.in) / static_cast<float>(axis.out);
  const float place = scale * (static_cast<float>(o) + (axis.mode == nearestExact ? 0.5f : 0.0f));
  return std::min(static_cast<int64_t>(std::floor(place)), axis.in - 1);
}

// Keys' cubic convolution at distance x.
double cubic(double x, double a) {
  x = std::abs(x);
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  return x < 2 ? a * (((x - 5) * x + 8) * x - 4) : 0;
}

double sinc(double x) {
  const double angle = std::numbers::pi * x;
  return x == 0 ? 1 : std::sin(angle) / angle;
}

// Half the filter's width, and its value.
double supportOf(Mode mode) { return mode == box ? 0.5 : mode == bicubic ? 2 : mode == lanczos ? 3 : 1; }
double filterAt(Mode mode, double x) {
  switch (mode) {
    case bicubic:
      return cubic(x, -0.5);
    case lanczos:
      return std::abs(x) < 3 ? sinc(x) * sinc(x / 3) : 0;
    case box:
      return x > -0.5 && x <= 0.5 ? 1 : 0;
    case hamming:
      return std::abs(x) < 1 ? sinc(x) * (0.54 + 0.46 * std::cos(std::numbers::pi * x)) : 0;
    default:
      return std::max(0.0, 1 - std::abs(x));
  }
}

// The filter, stretched over as many inputs as fall on one output.
void addFiltered(TapTable& taps, const Axis& axis, int64_t o, std::vector<double>& weights) {
  const double scale = axis.scale(), stretch = std::max(scale, 1.0), reach = supportOf(axis.mode) * stretch;
  const double center = scale * (static_cast<double>(o) + 0.5);
  const int64_t begin = std::max<int64_t>(static_cast<int64_t>(center - reach + 0.5), 0);
  const int64_t end = std::min(static_cast<int64_t>(center + reach + 0.5), axis.in);
  weights.clear();
  double total = 0;
  for (int64_t i = begin; i < end; i++) {
    weights.push_back(filterAt(axis.mode, (static_cast<double>(i) - center + 0.5) / stretch));
    total += weights.back();
  }
  for (double& w : weights) w = total == 0 ? w : w / total;
  taps.add(begin, weights.data(), weights.size());
}

// Four neighbours; what lies outside is the pixel at the border.
void addCubic(TapTable& taps, int64_t in, int64_t at, double t) {
  constexpr double a = -0.75;
  const double weights[] = {cubic(t + 1, a), cubic(t, a), cubic(1 - t, a), cubic(2 - t, a)};
  double inside[4] = {};
  const int64_t begin = std::max<int64_t>(at - 1, 0), end = std::min(at + 3, in);
  for (int64_t i = 0; i < 4; i++) inside[std::clamp(at - 1 + i, begin, end - 1) - begin] += weights[i];
  taps.add(begin, inside, static_cast<size_t>(end - begin));
}

}  // namespace

TapTable tapsOf(const Axis& axis) {
  TapTable taps;
  std::vector<double> weights;
  // PyTorch does not ask the scale where the size stays.
  const bool same = axis.in == axis.out && (axis.mode == bilinear || axis.antialias);
  for (int64_t o = 0; o < axis.out; o++) {
    if (same) {
      taps.add(o, {1});
    } else if (axis.mode == nearest || axis.mode == nearestExact) {
      taps.add(nearestPlace(axis, o), {1});
    } else if (axis.antialias) {
      addFiltered(taps, axis, o, weights);
    } else {
      const double place = static_cast<double>(o), corner = axis.scale() * place;
      double at = axis.alignCorners ? corner : axis.scale() * (place + 0.5) - 0.5;
      if (axis.mode == bilinear) at = std::max(at, 0.0);
      const int64_t below = std::min(static_cast<int64_t>(std::floor(at)), axis.in - 1);
      const double t = std::clamp(at - static_cast<double>(below), 0.0, 1.0);
      if (axis.mode == bicubic)
        addCubic(taps, axis.in, below, t);
      else if (below + 1 < axis.in)
        taps.add(below, {1 - t, t});
      else
        taps.add(below, {1});
    }
  }
  return taps;
}

TapTable transposed(const TapTable& taps, int64_t in) {
  const auto outputs = static_cast<int64_t>(taps.first.size());
  TapTable back;
  std::vector<double> weights;
  for (int64_t i = 0, begin = 0; i < in; i++) {
    const auto endOf = [&](int64_t o) { return taps.first[o] + taps.offset[o + 1] - taps.offset[o]; };
    while (begin < outputs && endOf(begin) <= i) begin++;
    weights.clear();
    for (int64_t o = begin; o < outputs && taps.first[o] <= i; o++)
      weights.push_back(i < endOf(o) ? taps.weight[taps.offset[o] + i - taps.first[o]] : 0);
    back.add(std::min(begin, std::max<int64_t>(outputs - 1, 0)), weights.data(), weights.size());
  }
  return back;
}

}  // namespace cresset::ops
