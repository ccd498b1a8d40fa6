// Resampling of pictures: every mode is a sum of a few neighbours along each axis, with weights that depend on the
// place alone.
#include <algorithm>
#include <cmath>

#include "core/thread_pool.h"
#include "ops/ops.h"
#include "ops/taps.h"

namespace cresset::ops {
namespace {

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
  if (mode < nearest || mode > bicubic || (mode < bilinear && antialias))
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
