// Tensors from nothing: constants and ranges.
#include <cmath>

#include "core/thread_pool.h"
#include "ops/common.h"
#include "ops/ops.h"

namespace cresset::ops {

Tensor empty(Dims shape, DType dtype) { return makeTensor(shape, dtype); }

Tensor full(Dims shape, double value, DType dtype) {
  Tensor out = makeTensor(shape, dtype);
  return fill_(out, value);
}

Tensor scalar(double value) {
  const bool integer = value == std::floor(value) && std::abs(value) < 9007199254740992.0;
  Tensor out = makeHostTensor({}, integer ? DType::int64 : DType::float64);
  if (integer)
    *out.data<int64_t>() = static_cast<int64_t>(value);
  else
    *out.data<double>() = value;
  out.impl()->wrappedNumber = true;
  return out;
}

static Tensor range(const char* op, int64_t n, double start, double step, DType dtype) {
  Tensor out = makeTensor({n}, dtype);
  dispatchNumeric(op, dtype, [&](auto zero) {
    using T = decltype(zero);
    auto* kernel = kernels().numeric<T>().arange;
    enqueue(op, cost(n), {}, {&out}, [=, o = out.data<T>()] {
      parallelSpans(n, kGrain, [&](int64_t begin, int64_t end) { kernel(end - begin, begin, start, step, o + begin); });
    });
  });
  return out;
}

Tensor arange(double start, double end, double step, DType dtype) {
  if (!std::isfinite(start) || !std::isfinite(end))
    argumentError("arange: start and end must be finite, got ", start, " and ", end);
  if (step == 0 || !std::isfinite(step)) argumentError("arange: step must be finite and not zero, got ", step);
  if ((end - start) / step < 0) argumentError("arange: a step of ", step, " does not lead from ", start, " to ", end);
  const double n = std::ceil((end - start) / step);
  if (n > 1e15) fail(ErrorKind::memory, "out of memory: arange of ", n, " elements");
  return range("arange", static_cast<int64_t>(n), start, step, dtype);
}

Tensor linspace(double start, double end, int64_t steps, DType dtype) {
  if (steps < 0) argumentError("linspace: steps must not be negative, got ", steps);
  if (steps == 1) return full({1}, start, dtype);
  checkFloat("linspace", makeTensor({0}, dtype));
  Tensor out = makeTensor({steps}, dtype);
  // From both ends towards the middle, as PyTorch computes it, so that the last value is `end` itself.
  dispatchFloat("linspace", dtype, [&](auto zero) {
    using T = decltype(zero);
    enqueue("linspace", cost(steps), {}, {&out}, [=, o = out.data<T>()] {
      const T step = (static_cast<T>(end) - static_cast<T>(start)) / static_cast<T>(steps - 1);
      for (int64_t i = 0; i < steps; i++)
        o[i] = i < steps / 2 ? static_cast<T>(start) + step * static_cast<T>(i)
                             : static_cast<T>(end) - step * static_cast<T>(steps - i - 1);
    });
  });
  return out;
}

Tensor eye(int64_t n, int64_t m, DType dtype) {
  if (n < 0 || m < 0) argumentError("eye: sizes must not be negative, got ", n, " and ", m);
  Tensor out = full({n, m}, 0, dtype);
  const int64_t diagonal = n < m ? n : m;
  fill_(asStrided(out, {diagonal}, {m + 1}, 0), 1);
  return out;
}

}  // namespace cresset::ops
