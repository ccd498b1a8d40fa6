// Softmax and its logarithm over one dimension.
#include "core/thread_pool.h"
#include "ops/common.h"
#include "ops/ops.h"

namespace cresset::ops {
namespace {

template <class Run> void overRows(int64_t rows, int64_t n, Run run) {
  parallelSpans(rows, n >= kGrain / 8 ? 1 : kGrain / 8 / (n + 1) + 1, run);
}

template <class Forward, class Back> Tensor alongLast(const char* op, const Tensor& input, Forward forward, Back back) {
  const Tensor x = contiguous(input);
  const int64_t n = x.dim() ? x.size(x.dim() - 1) : 1, rows = n ? x.numel() / n : 0;
  Tensor y = makeTensor(x.shape(), x.dtype());
  dispatchFloat(op, x.dtype(), [&](auto zero) {
    using T = decltype(zero);
    auto* kernel = forward(kernels().floating<T>());
    enqueue(op, 200 + 2.0 * static_cast<double>(rows * n), {&x}, {&y}, [=, px = x.data<T>(), py = y.data<T>()] {
      overRows(rows, n, [&](int64_t begin, int64_t end) { kernel(end - begin, n, px + begin * n, py + begin * n); });
    });
  });
  if (!needsGrad({&x})) return y;
  return record(op, y, {x}, [op, rows, n, back, sy = Saved(y)](const Tensor& gradient, Gradients& to) {
    const Tensor y = sy.get(op), dy = contiguous(gradient);
    Tensor dx = makeTensor(y.shape(), y.dtype());
    dispatchFloat(op, y.dtype(), [&](auto zero) {
      using T = decltype(zero);
      auto* kernel = back(kernels().floating<T>());
      enqueue(op, 200 + 2.0 * static_cast<double>(rows * n), {&y, &dy}, {&dx},
              [=, py = y.data<T>(), g = dy.data<T>(), o = dx.data<T>()] {
                overRows(rows, n, [&](int64_t begin, int64_t end) {
                  kernel(end - begin, n, py + begin * n, g + begin * n, o + begin * n);
                });
              });
    });
    to.add(0, dx);
  });
}

// Other dimensions trade places with the last.
template <class Apply> Tensor along(const char* op, const Tensor& x, int64_t dim, Apply apply) {
  checkFloat(op, x);
  const int d = wrapDim(op, dim, x.dim());
  if (x.dim() == 0 || d == x.dim() - 1) return apply(x);
  return transpose(apply(transpose(x, d, -1)), d, -1);
}

#define PICK(name) [](const auto& k) { return k.name; }

}  // namespace

Tensor softmax(Tensor x, int64_t dim) {
  return along("softmax", x, dim,
               [](const Tensor& t) { return alongLast("softmax", t, PICK(softmax), PICK(softmaxBackward)); });
}

Tensor logSoftmax(Tensor x, int64_t dim) {
  return along("logSoftmax", x, dim,
               [](const Tensor& t) { return alongLast("logSoftmax", t, PICK(logSoftmax), PICK(logSoftmaxBackward)); });
}

}  // namespace cresset::ops
