// Maximum and average pooling over channels-last memory.
#include <algorithm>

#include "core/thread_pool.h"
#include "ops/common.h"
#include "ops/ops.h"

namespace cresset::ops {
namespace {

// One side of the output; with ceilMode a last window may hang over, but must start inside the input or its left
// padding.
int64_t pooledSize(int64_t in, int64_t kernel, int64_t stride, int64_t pad, int64_t dilation, bool ceilMode) {
  const int64_t span = in + 2 * pad - dilation * (kernel - 1) - 1 + (ceilMode ? stride - 1 : 0);
  int64_t out = (span >= 0 ? span / stride : -((-span + stride - 1) / stride)) + 1;
  if (ceilMode && (out - 1) * stride >= in + pad) out--;
  return out;
}

Pool2dShape pool2dShape(const char* op, const Tensor& x, Size2 kernel, Size2 stride, Size2 padding, Size2 dilation,
                        bool ceilMode) {
  if (x.dim() != 4) shapeError(op, ": input must have 3 or 4 dimensions [n, c, h, w], got shape ", toString(x.shape()));
  constexpr int64_t kLargest = int64_t{1} << 31;
  auto positive = [&](const char* what, Size2 v) {
    if (v.h < 1 || v.w < 1 || v.h >= kLargest || v.w >= kLargest)
      argumentError(op, ": ", what, " must be positive, got [", v.h, ", ", v.w, "]");
  };
  positive("kernelSize", kernel);
  positive("stride", stride);
  positive("dilation", dilation);
  if (padding.h < 0 || padding.w < 0 || padding.h > kernel.h / 2 || padding.w > kernel.w / 2)
    argumentError(op, ": padding must be between 0 and half the kernel, got [", padding.h, ", ", padding.w,
                  "] for kernel [", kernel.h, ", ", kernel.w, "]");
  if (x.size(2) * x.size(3) >= kLargest) shapeError(op, ": an image of ", x.size(2), "x", x.size(3), " is too large");
  Pool2dShape s{x.size(0), x.size(2), x.size(3), x.size(1), 0,         0,          kernel.h,
                kernel.w,  stride.h,  stride.w,  padding.h, padding.w, dilation.h, dilation.w};
  s.oh = pooledSize(s.h, s.kh, s.strideH, s.padH, s.dilationH, ceilMode);
  s.ow = pooledSize(s.w, s.kw, s.strideW, s.padW, s.dilationW, ceilMode);
  if (s.oh < 1 || s.ow < 1 || s.h < 1 || s.w < 1)
    shapeError(op, ": kernel [", kernel.h, ", ", kernel.w, "] does not fit into input of ", s.h, "x", s.w,
               ": the output would be ", s.oh, "x", s.ow);
  return s;
}

// Rows of output per chunk: some microseconds' worth of window cells.
int64_t rowsPerChunk(const Pool2dShape& s) {
  constexpr int64_t kCells = kGrain / 4;
  return kCells / (s.ow * s.c * s.kh * s.kw + 1) + 1;
}

template <class Run> void overRows(const Pool2dShape& s, Run run) {
  const int64_t step = rowsPerChunk(s), pieces = (s.oh + step - 1) / step;
  parallelFor(s.n * pieces, [&](int64_t chunk) {
    const int64_t begin = chunk % pieces * step;
    run(chunk / pieces, begin, begin + step < s.oh ? begin + step : s.oh);
  });
}

double poolCost(const Pool2dShape& s) { return 500 + 0.2 * static_cast<double>(s.n * s.oh * s.ow * s.c * s.kh * s.kw); }

}  // namespace

Tensor maxPool2d(Tensor input, Size2 kernelSize, Size2 stride, Size2 padding, Size2 dilation, bool ceilMode) {
  checkFloat("maxPool2d", input);
  if (input.dim() == 3)
    return squeezeDim(maxPool2d(unsqueeze(input, 0), kernelSize, stride, padding, dilation, ceilMode), 0);
  const Pool2dShape s = pool2dShape("maxPool2d", input, kernelSize, stride, padding, dilation, ceilMode);
  const Tensor x = channelsLast(input);
  const Dims shape{s.n, s.c, s.oh, s.ow};
  Tensor y = makeTensor(shape, channelsLastStrides(shape), x.dtype()),
         index = makeTensor(shape, channelsLastStrides(shape), DType::int32);
  dispatchFloat("maxPool2d", x.dtype(), [&](auto zero) {
    using T = decltype(zero);
    auto* kernel = kernels().floating<T>().maxPool2d;
    enqueue("maxPool2d", poolCost(s), {&x}, {&y, &index},
            [=, px = x.data<T>(), py = y.data<T>(), pi = index.data<int32_t>()] {
              overRows(s, [&](int64_t n, int64_t begin, int64_t end) {
                const int64_t out = n * s.oh * s.ow * s.c;
                kernel(s, begin, end, px + n * s.h * s.w * s.c, py + out, pi + out);
              });
            });
  });
  return record("maxPool2d", y, {input}, [s, index, inputShape = input.shape()](const Tensor& gradient, Gradients& to) {
    const Tensor dy = channelsLast(gradient);
    Tensor dx = makeTensor(inputShape, channelsLastStrides(inputShape), dy.dtype());
    dispatchFloat("maxPool2d", dy.dtype(), [&](auto zero) {
      using T = decltype(zero);
      auto* kernel = kernels().floating<T>().maxPool2dBackward;
      enqueue("maxPool2d gradient", poolCost(s), {&dy, &index}, {&dx},
              [=, g = dy.data<T>(), i = index.data<int32_t>(), o = dx.data<T>()] {
                // A chunk has the rows of the input from its first window to the next chunk's.
                const auto gather = [&](int64_t n, int64_t begin, int64_t end) {
                  const int64_t out = n * s.oh * s.ow * s.c, row = s.w * s.c;
                  const int64_t first = begin == 0 ? 0 : std::min(begin * s.strideH - s.padH, s.h);
                  const int64_t last = end == s.oh ? s.h : std::min(end * s.strideH - s.padH, s.h);
                  std::fill(o + (n * s.h + first) * row, o + (n * s.h + last) * row, T(0));
                  kernel(s, begin, end, g + out, i + out, o + n * s.h * row);
                };
                if (s.strideH > (s.kh - 1) * s.dilationH)
                  overRows(s, gather);
                else  // windows share rows
                  parallelFor(s.n, [&](int64_t n) { gather(n, 0, s.oh); });
              });
    });
    to.add(0, dx);
  });
}

Tensor avgPool2d(Tensor input, Size2 kernelSize, Size2 stride, Size2 padding, bool ceilMode, bool countIncludePad,
                 int64_t divisorOverride) {
  checkFloat("avgPool2d", input);
  if (input.dim() == 3)
    return squeezeDim(
        avgPool2d(unsqueeze(input, 0), kernelSize, stride, padding, ceilMode, countIncludePad, divisorOverride), 0);
  const Pool2dShape s = pool2dShape("avgPool2d", input, kernelSize, stride, padding, {1, 1}, ceilMode);
  const Tensor x = channelsLast(input);
  const Dims shape{s.n, s.c, s.oh, s.ow};
  Tensor y = makeTensor(shape, channelsLastStrides(shape), x.dtype());
  dispatchFloat("avgPool2d", x.dtype(), [&](auto zero) {
    using T = decltype(zero);
    auto* kernel = kernels().floating<T>().avgPool2d;
    enqueue("avgPool2d", poolCost(s), {&x}, {&y}, [=, px = x.data<T>(), py = y.data<T>()] {
      overRows(s, [&](int64_t n, int64_t begin, int64_t end) {
        kernel(s, countIncludePad, divisorOverride, begin, end, px + n * s.h * s.w * s.c, py + n * s.oh * s.ow * s.c);
      });
    });
  });
  return record("avgPool2d", y, {input}, [=, inputShape = input.shape()](const Tensor& gradient, Gradients& to) {
    const Tensor dy = channelsLast(gradient);
    Tensor dx = makeTensor(inputShape, channelsLastStrides(inputShape), dy.dtype());
    dispatchFloat("avgPool2d", dy.dtype(), [&](auto zero) {
      using T = decltype(zero);
      auto* kernel = kernels().floating<T>().avgPool2dBackward;
      enqueue("avgPool2d gradient", poolCost(s), {&dy}, {&dx}, [=, g = dy.data<T>(), o = dx.data<T>()] {
        parallelFor(s.n, [&](int64_t n) {
          kernel(s, countIncludePad, divisorOverride, g + n * s.oh * s.ow * s.c, o + n * s.h * s.w * s.c);
        });
      });
    });
    to.add(0, dx);
  });
}

Tensor adaptiveAvgPool2d(Tensor input, Size2 outputSize) {
  checkFloat("adaptiveAvgPool2d", input);
  if (input.dim() == 3) return squeezeDim(adaptiveAvgPool2d(unsqueeze(input, 0), outputSize), 0);
  if (input.dim() != 4)
    shapeError("adaptiveAvgPool2d: input must have 3 or 4 dimensions [n, c, h, w], got shape ",
               toString(input.shape()));
  if (outputSize.h < 0 || outputSize.w < 0)
    argumentError("adaptiveAvgPool2d: outputSize must not be negative, got [", outputSize.h, ", ", outputSize.w, "]");
  Pool2dShape s{};
  s.n = input.size(0), s.c = input.size(1), s.h = input.size(2), s.w = input.size(3);
  s.oh = outputSize.h, s.ow = outputSize.w;
  if (s.h < 1 || s.w < 1) shapeError("adaptiveAvgPool2d: cannot average over ", s.h, "x", s.w, " places");
  if (s.oh == s.h && s.ow == s.w) return input;  // every window is one place
  s.kh = (s.h + s.oh) / std::max<int64_t>(s.oh, 1), s.kw = (s.w + s.ow) / std::max<int64_t>(s.ow, 1);
  const Tensor x = channelsLast(input);
  const Dims shape{s.n, s.c, s.oh, s.ow};
  Tensor y = makeTensor(shape, channelsLastStrides(shape), x.dtype());
  dispatchFloat("adaptiveAvgPool2d", x.dtype(), [&](auto zero) {
    using T = decltype(zero);
    auto* kernel = kernels().floating<T>().adaptiveAvgPool2d;
    enqueue("adaptiveAvgPool2d", poolCost(s), {&x}, {&y}, [=, px = x.data<T>(), py = y.data<T>()] {
      overRows(s, [&](int64_t n, int64_t begin, int64_t end) {
        kernel(s, begin, end, px + n * s.h * s.w * s.c, py + n * s.oh * s.ow * s.c);
      });
    });
  });
  return record(
      "adaptiveAvgPool2d", y, {input}, [=, inputShape = input.shape()](const Tensor& gradient, Gradients& to) {
        const Tensor dy = channelsLast(gradient);
        Tensor dx = makeTensor(inputShape, channelsLastStrides(inputShape), dy.dtype());
        dispatchFloat("adaptiveAvgPool2d", dy.dtype(), [&](auto zero) {
          using T = decltype(zero);
          auto* kernel = kernels().floating<T>().adaptiveAvgPool2dBackward;
          enqueue("adaptiveAvgPool2d gradient", poolCost(s), {&dy}, {&dx}, [=, g = dy.data<T>(), o = dx.data<T>()] {
            parallelFor(s.n, [&](int64_t n) { kernel(s, g + n * s.oh * s.ow * s.c, o + n * s.h * s.w * s.c); });
          });
        });
        to.add(0, dx);
      });
}

}  // namespace cresset::ops
