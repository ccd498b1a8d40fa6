// The convolution op: shapes, forward and gradients; and with batch normalisation and ReLU behind it, in one pass.
#include <algorithm>
#include <array>
#include <cmath>

#include "core/scratch.h"
#include "ops/common.h"
#include "ops/convolution.h"
#include "ops/ops.h"

namespace cresset {

// A weight as a convolution reads it, with the bias of both where the batch normalisation behind is folded in: good as
// long as nothing it was made from is written.
struct PackedWeight {
  struct Source {
    Ref<Storage> storage;
    int64_t offset = 0;
    uint32_t version = 0;
    bool operator==(const Source&) const = default;
  };
  // The weight, then what of normalisation there is: weight, bias, mean, variance, and the convolution's bias.
  std::array<Source, 6> sources;
  int packing;
  int64_t groups;
  double eps;
  Tensor weight, bias;
};

namespace ops {
namespace {

// What batch normalisation does outside training; without a mean, nothing.
struct Normalization {
  Tensor weight, bias, mean, var;
  double eps;
};

Conv2dShape conv2dShape(const Tensor& x, const Tensor& weight, Size2 stride, Size2 padding, Size2 dilation,
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

double convCost(const Conv2dShape& s) {
  return 1000 +
         0.02 * static_cast<double>(s.n * s.oh * s.ow * s.oc) * static_cast<double>(s.kh * s.kw * s.c / s.groups);
}

// The weight of s, packed, from the last call if it can be.
std::shared_ptr<PackedWeight> packedWeight(const Conv2dShape& s, const Tensor& w, const Tensor& b,
                                           const Normalization& norm) {
  const auto source = [](const Tensor& t) {
    return t.defined() ? PackedWeight::Source{t.impl()->storage, t.impl()->offset, t.impl()->storage->version}
                       : PackedWeight::Source{};
  };
  const bool folds = norm.mean.defined();
  const std::array sources{source(w),         source(norm.weight), source(norm.bias),
                           source(norm.mean), source(norm.var),    source(folds ? b : Tensor())};
  std::shared_ptr<PackedWeight>& kept = w.impl()->packed;
  const int way = w.dtype() == DType::float32 ? packing<float>(s) : packing<double>(s);
  if (kept && kept->sources == sources && kept->packing == way && kept->groups == s.groups && kept->eps == norm.eps &&
      !context().stream.hasFailed(kept->weight.impl()->storage->block))
    return kept;
  kept.reset();  // its memory first
  auto made = std::make_shared<PackedWeight>(PackedWeight{sources, way, s.groups, norm.eps, {}, {}});
  dispatchFloat("conv2d", w.dtype(), [&](auto zero) {
    using T = decltype(zero);
    made->weight = makeTensor({packedSize<T>(s)}, w.dtype());
    if (!folds)
      return enqueue("conv2d", cost(w.numel()), {&w}, {&made->weight},
                     [s, pw = w.data<T>(), to = made->weight.data<T>()] { packWeight<T>(s, pw, to); });
    made->bias = makeTensor({s.oc}, w.dtype());
    enqueue("convBnRelu", 2 * cost(w.numel()), {&w, &b, &norm.weight, &norm.bias, &norm.mean, &norm.var},
            {&made->weight, &made->bias},
            [s, n = w.numel(), eps = norm.eps, pw = w.data<T>(), pb = dataOf<T>(b), weight = dataOf<T>(norm.weight),
             bias = dataOf<T>(norm.bias), mean = norm.mean.data<T>(), var = norm.var.data<T>(),
             to = made->weight.data<T>(), toBias = made->bias.data<T>()] {
              T* folded = static_cast<T*>(scratch(1, n * static_cast<int64_t>(sizeof(T))));
              for (int64_t o = 0, each = n / std::max<int64_t>(1, s.oc); o < s.oc; o++) {
                const auto at = [o](const T* values, double otherwise) {
                  return values ? static_cast<double>(values[o]) : otherwise;
                };
                const double scale = at(weight, 1) / std::sqrt(at(var, 1) + eps);
                for (int64_t i = o * each; i < (o + 1) * each; i++)
                  folded[i] = static_cast<T>(static_cast<double>(pw[i]) * scale);
                toBias[o] = static_cast<T>(at(bias, 0) + (at(pb, 0) - at(mean, 0)) * scale);
              }
              packWeight<T>(s, folded, to);
            });
  });
  return kept = made;
}

// Without a gradient: what is packed is kept with the weight.
Tensor forwardPacked(const Conv2dShape& s, const Tensor& x, const Tensor& w, const Tensor& b, const Normalization& norm,
                     bool relu) {
  const Dims shape{s.n, s.oc, s.oh, s.ow};
  const Tensor y = makeTensor(shape, channelsLastStrides(shape), x.dtype());
  const std::shared_ptr<PackedWeight> packed = packedWeight(s, w, b, norm);
  dispatchFloat("conv2d", x.dtype(), [&](auto zero) {
    using T = decltype(zero);
    const Tensor& bias = packed->bias.defined() ? packed->bias : b;
    enqueue("conv2d", convCost(s), {&x, &packed->weight, &bias}, {&y},
            [s, relu, px = x.data<T>(), pw = packed->weight.data<T>(), pb = dataOf<T>(bias), py = y.data<T>()] {
              conv2dPacked<T>(s, px, pw, pb, relu, py);
            });
  });
  return y;
}

}  // namespace

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
  if (!needsGrad({&input, &weight, &bias})) return forwardPacked(s, x, w, b, {}, false);
  weight.impl()->packed.reset();
  const Dims shape{s.n, s.oc, s.oh, s.ow};
  Tensor y = makeTensor(shape, channelsLastStrides(shape), x.dtype());
  dispatchFloat("conv2d", x.dtype(), [&](auto zero) {
    using T = decltype(zero);
    enqueue("conv2d", convCost(s), {&x, &w, &b}, {&y},
            [=, px = x.data<T>(), pw = w.data<T>(), pb = dataOf<T>(b), py = y.data<T>()] {
              conv2dForward<T>(s, px, pw, pb, false, py);
            });
  });
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
        });
        if (to.needs(2)) to.add(2, sum(dy, {0, 2, 3}, false));
      });
}

Tensor convBnRelu(Tensor input, Tensor weight, Optional bias, Size2 stride, Size2 padding, Size2 dilation,
                  int64_t groups, Optional bnWeight, Optional bnBias, Optional mean, Optional var, double eps,
                  bool withRelu) {
  const auto fits = [&](const Tensor& t) {
    return !t.defined() || (t.dim() == 1 && weight.dim() == 4 && t.size(0) == weight.size(0) &&
                            t.dtype() == weight.dtype() && t.isContiguous());
  };
  const bool folds = input.dim() == 4 && isComputeFloat(input.dtype()) && input.dtype() == weight.dtype() &&
                     fits(bias) && fits(bnWeight) && fits(bnBias) && fits(mean) && fits(var) &&
                     mean.defined() == var.defined();
  if (!folds || needsGrad({&input, &weight, &bias, &bnWeight, &bnBias})) {
    Tensor y = conv2d(input, weight, bias, stride, padding, dilation, groups);
    if (mean.defined()) y = batchNorm(y, bnWeight, bnBias, mean, var, false, 0, eps);
    return withRelu ? relu(y) : y;
  }
  const Conv2dShape s = conv2dShape(input, weight, stride, padding, dilation, groups);
  return forwardPacked(s, channelsLast(input), contiguous(weight), bias, {bnWeight, bnBias, mean, var, eps}, withRelu);
}

}  // namespace ops
}  // namespace cresset
