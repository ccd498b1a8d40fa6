// Resampling of pictures: every mode is a sum of a few neighbours along each axis, with weights that depend on the
// place alone.
#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/thread_pool.h"
#include "ops/common.h"
#include "ops/ops.h"

namespace cresset::ops {
namespace {

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

TapTable tapsOf(const Axis& axis) {
  TapTable taps;
  std::vector<double> weights;
  const bool same = axis.in == axis.out && axis.mode == bilinear && !axis.antialias;
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

// The taps of the gradient: the outputs that took an input lie side by side, as windows only move on.
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

// Taps in memory that tasks may read.
template <class T> struct HostTaps {
  Tensor places, weight;
  Taps<T> taps;

  explicit HostTaps(const TapTable& table) {
    const auto n = static_cast<int64_t>(table.first.size()), count = static_cast<int64_t>(table.weight.size());
    places = makeHostTensor({2 * n + 1}, DType::int64);
    weight = makeHostTensor({count}, sizeof(T) == 4 ? DType::float32 : DType::float64);
    auto *first = places.data<int64_t>(), *offset = first + n;
    std::copy_n(table.first.data(), n, first);
    std::copy_n(table.offset.data(), n + 1, offset);
    for (int64_t i = 0; i < count; i++) weight.data<T>()[i] = static_cast<T>(table.weight[i]);
    taps = {first, offset, weight.data<T>()};
  }
};

// Fills y, channels-last, from x by these taps.
template <class T>
void resample(const char* what, const Tensor& input, const Tensor& y, const TapTable& rows, const TapTable& columns) {
  const Tensor x = channelsLast(input);
  const ResampleShape s{x.size(2), x.size(3), x.size(1), y.size(2), y.size(3)};
  const HostTaps<T> high(rows), wide(columns);
  const int64_t n = x.size(0), row = s.w * s.c;
  const double work = static_cast<double>(s.oh ? rows.weight.size() / s.oh + 1 : 1) * static_cast<double>(row) +
                      static_cast<double>(columns.weight.size()) * static_cast<double>(s.c);
  const int64_t step = std::max<int64_t>(1, static_cast<int64_t>(kGrain / (work + 1))),
                pieces = (s.oh + step - 1) / step;
  enqueue(what, 500 + 0.3 * work * static_cast<double>(n * s.oh),
          {&x, &high.places, &high.weight, &wide.places, &wide.weight}, {&y},
          [=, down = high.taps, across = wide.taps, px = x.data<T>(), py = y.data<T>()] {
            parallelFor(n * pieces, [&](int64_t chunk) {
              const int64_t sample = chunk / pieces, begin = chunk % pieces * step;
              auto* rowMemory = static_cast<T*>(scratch(2, row * static_cast<int64_t>(sizeof(T))));
              kernels().floating<T>().resample(s, down, across, begin, std::min(begin + step, s.oh),
                                               px + sample * s.h * row, rowMemory, py + sample * s.oh * s.ow * s.c);
            });
          });
}

void checkArguments(const Tensor& x, Size2 size, int64_t mode, bool antialias, double scaleH, double scaleW) {
  checkFloat("interpolate", x);
  if (x.dim() != 4)
    shapeError("interpolate: input must have 4 dimensions [n, c, h, w], got shape ", toString(x.shape()));
  if (mode < nearest || mode > hamming || (mode > bicubic && !antialias) || (mode < bilinear && antialias))
    argumentError("interpolate: there is no mode ", mode, antialias ? " with" : " without", " antialias");
  if (size.h < 1 || size.w < 1 || x.size(2) < 1 || x.size(3) < 1)
    shapeError("interpolate: input and output sizes must be greater than 0, got ", x.size(2), "x", x.size(3), " and ",
               size.h, "x", size.w);
  if (!(scaleH >= 0 && scaleW >= 0 && std::isfinite(scaleH) && std::isfinite(scaleW)))
    argumentError("interpolate: scales must be finite and not negative, got [", scaleH, ", ", scaleW, "]");
}

}  // namespace

Tensor interpolate(Tensor x, Size2 size, int64_t mode, bool alignCorners, bool antialias, double scaleH,
                   double scaleW) {
  checkArguments(x, size, mode, antialias, scaleH, scaleW);
  const Dims in = x.shape(), out{in[0], in[1], size.h, size.w};
  const Axis rows{in[2], size.h, static_cast<Mode>(mode), alignCorners, antialias, scaleH},
      columns{in[3], size.w, static_cast<Mode>(mode), alignCorners, antialias, scaleW};
  const Tensor y = makeTensor(out, channelsLastStrides(out), x.dtype());
  if (y.numel() > 0)
    dispatchFloat("interpolate", x.dtype(),
                  [&](auto zero) { resample<decltype(zero)>("interpolate", x, y, tapsOf(rows), tapsOf(columns)); });
  return record("interpolate", y, {x}, [=](const Tensor& dy, Gradients& to) {
    const Tensor dx = makeTensor(in, channelsLastStrides(in), dy.dtype());
    if (dx.numel() > 0)
      dispatchFloat("interpolate", dy.dtype(), [&](auto zero) {
        resample<decltype(zero)>("interpolate gradient", dy, dx, transposed(tapsOf(rows), rows.in),
                                 transposed(tapsOf(columns), columns.in));
      });
    to.add(0, dx);
  });
}

}  // namespace cresset::ops
