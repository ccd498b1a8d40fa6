// The convolution op: shapes, forward and gradients.
#include <algorithm>

#include "ops/common.h"
#include "ops/convolution.h"
#include "ops/ops.h"

namespace cresset::ops {

static Conv2dShape conv2dShape(const Tensor& x, const Tensor& weight, Size2 stride, Size2 padding, Size2 dilation,
                               int64_t groups) {
  if (weight.dim() != 4)
    shapeError("conv2d: weight must have 4 dimensions [out, in / groups, kh, kw], got shape ",
               toString(weight.shape()));
  if (groups < 1) argumentError("conv2d: groups must be positive, got ", groups);
  if (stride.h < 1 || stride.w < 1)
    argumentError("conv2d: stride must be positive, got [", stride.h, ", ", stride.w, "]");
  if (padding.h < 0 || padding.w < 0)
    argumentError("conv2d: padding must not be negative, got [", padding.h, ", ", padding.w, "]");
  if (dilation.h < 1 || dilation.w < 1)
    argumentError("conv2d: dilation must be positive, got [", dilation.h, ", ", dilation.w, "]");
  Conv2dShape s{};
  s.n = x.size(0), s.c = x.size(1), s.h = x.size(2), s.w = x.size(3);
  s.oc = weight.size(0), s.kh = weight.size(2), s.kw = weight.size(3);
  s.strideH = stride.h, s.strideW = stride.w, s.padH = padding.h, s.padW = padding.w;
  s.dilationH = dilation.h, s.dilationW = dilation.w, s.groups = groups;
  if (s.c != weight.size(1) * groups) {
    if (groups == 1) shapeError("conv2d: input has ", s.c, " channels but weight expects ", weight.size(1));
    shapeError("conv2d: input has ", s.c, " channels but weight expects ", weight.size(1) * groups, " (",
               weight.size(1), " in each of ", groups, " groups)");
  }
  if (s.oc % groups != 0) shapeError("conv2d: ", s.oc, " output channels do not divide into ", groups, " groups");
  if (s.kh < 1 || s.kw < 1) shapeError("conv2d: the kernel must not be empty, got ", s.kh, "x", s.kw);
  constexpr int64_t kLargest = int64_t{1} << 40;
  if (padding.h > kLargest || padding.w > kLargest || dilation.h > kLargest || dilation.w > kLargest ||
      stride.h > kLargest || stride.w > kLargest)
    argumentError("conv2d: stride, padding and dilation must be below 2^40");
  const auto span = [](int64_t dilation, int64_t taps) {
    int64_t between;
    if (__builtin_mul_overflow(dilation, taps - 1, &between) || between >= kLargest)
      argumentError("conv2d: the kernel must span less than 2^40, got ", taps, " taps with dilation ", dilation);
    return between + 1;
  };
  const int64_t spanH = span(dilation.h, s.kh), spanW = span(dilation.w, s.kw);
  if (s.h + 2 * padding.h < spanH || s.w + 2 * padding.w < spanW)
    shapeError("conv2d: the kernel spans ", spanH, "x", spanW, " but the padded input is only ", s.h + 2 * padding.h,
               "x", s.w + 2 * padding.w);
  s.oh = (s.h + 2 * padding.h - spanH) / stride.h + 1;
  s.ow = (s.w + 2 * padding.w - spanW) / stride.w + 1;
  // What the loops copy of a sample, and of its gradient, at most: the whole of it with its padding.
  const auto slab = [](int64_t outputs, int64_t stride, int64_t span, int64_t inputs) {
    return static_cast<double>(std::max((outputs - 1) * std::min(stride, span) + span, inputs + span));
  };
  const double bytes = 8 * static_cast<double>(std::max(s.c, s.oc)) * slab(s.oh, stride.h, spanH, s.h) *
                       slab(s.ow, stride.w, spanW, s.w);
  if (bytes > static_cast<double>(kLargest))
    fail(ErrorKind::memory, "out of memory: conv2d: a sample with its padding would take ", bytes, " bytes");
  return s;
}

static double convCost(const Conv2dShape& s) {
  return 1000 +
         0.02 * static_cast<double>(s.n * s.oh * s.ow * s.oc) * static_cast<double>(s.kh * s.kw * s.c / s.groups);
}

Tensor conv2d(Tensor input, Tensor weight, Optional bias, Size2 stride, Size2 padding, Size2 dilation, int64_t groups) {
  checkFloat("conv2d", input);
  checkSameDType("conv2d", "input", input, "weight", weight);
  if (input.dim() == 3)
    return squeezeDim(conv2d(unsqueeze(input, 0), weight, bias, stride, padding, dilation, groups), 0);
  if (input.dim() != 4)
    shapeError("conv2d: input must have 3 or 4 dimensions [n, c, h, w], got shape ", toString(input.shape()));
  const Conv2dShape s = conv2dShape(input, weight, stride, padding, dilation, groups);
  if (bias.defined()) {
    checkSameDType("conv2d", "input", input, "bias", bias);
    if (bias.dim() != 1 || bias.size(0) != s.oc)
      shapeError("conv2d: bias has shape ", toString(bias.shape()), " but weight has ", s.oc, " output channels");
  }
  const Tensor x = channelsLast(input), w = contiguous(weight), b = bias.defined() ? contiguous(bias) : Tensor();
  const Dims shape{s.n, s.oc, s.oh, s.ow};
  Tensor y = makeTensor(shape, channelsLastStrides(shape), x.dtype());
  dispatchFloat("conv2d", x.dtype(), [&](auto zero) {
    using T = decltype(zero);
    enqueue("conv2d", convCost(s), {&x, &w, &b}, {&y},
            [=, px = x.data<T>(), pw = w.data<T>(), pb = b.defined() ? b.data<T>() : nullptr, py = y.data<T>()] {
              conv2dForward<T>(s, px, pw, pb, false, py);
            });
  });
  if (!needsGrad({&input, &w, &b})) return y;
  return record(
      "conv2d", y, {input, w, b},
      [s, sx = Saved(x), sw = Saved(w), inputShape = input.shape()](const Tensor& gradient, Gradients& to) {
        const Tensor dy = channelsLast(gradient), x = sx.get("conv2d"), w = sw.get("conv2d");
        dispatchFloat("conv2d", dy.dtype(), [&](auto zero) {
          using T = decltype(zero);
          if (to.needs(0)) {
            Tensor dx = makeTensor(inputShape, channelsLastStrides(inputShape), dy.dtype());
            enqueue("conv2d gradient", convCost(s), {&dy, &w}, {&dx},
                    [s, g = dy.data<T>(), pw = w.data<T>(), o = dx.data<T>()] { conv2dGradInput<T>(s, g, pw, o); });
            to.add(0, dx);
          }
          if (to.needs(1)) {
            Tensor dw = makeTensor(w.shape(), dy.dtype());
            enqueue("conv2d gradient", convCost(s), {&dy, &x}, {&dw},
                    [s, g = dy.data<T>(), px = x.data<T>(), o = dw.data<T>()] { conv2dGradWeight<T>(s, px, g, o); });
            to.add(1, dw);
          }
          if (to.needs(2)) {
            Tensor db = makeTensor({s.oc}, dy.dtype());
            enqueue("conv2d gradient", cost(dy.numel()), {&dy}, {&db},
                    [s, g = dy.data<T>(), o = db.data<T>()] { columnSums<T>(s.n * s.oh * s.ow, s.oc, g, o); });
            to.add(2, db);
          }
        });
      });
}

}  // namespace cresset::ops
