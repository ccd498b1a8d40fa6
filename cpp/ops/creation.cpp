// Tensors from nothing: constants and ranges.
#include <cmath>
#include <limits>
#include <type_traits>

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

static void refuseBool(const char* op, DType dtype) {
  if (dtype == DType::boolean) dtypeError(op, ": expected a dtype of numbers, got bool");
}

Tensor arange(double start, double end, double step, DType dtype) {
  refuseBool("arange", dtype);
  if (!std::isfinite(start) || !std::isfinite(end))
    argumentError("arange: start and end must be finite, got ", start, " and ", end);
  if (step == 0 || !std::isfinite(step)) argumentError("arange: step must be finite and not zero, got ", step);
  if ((end - start) / step < 0) argumentError("arange: a step of ", step, " does not lead from ", start, " to ", end);
  const double n = std::ceil((end - start) / step);
  if (n > 1e15) fail(ErrorKind::memory, "out of memory: arange of ", n, " elements");
  return range("arange", static_cast<int64_t>(n), start, step, dtype);
}

// `value` as PyTorch takes a number for an element of T: integers drop the fraction, and uint8 wraps what is negative.
template <class T> static T endpoint(const char* name, double value) {
  if constexpr (std::is_floating_point_v<T>) {
    return static_cast<T>(value);
  } else {
    using Limits = std::numeric_limits<T>;
    const double least = std::is_signed_v<T> ? static_cast<double>(Limits::min()) : -static_cast<double>(Limits::max());
    const double limit = std::ldexp(1.0, Limits::digits), whole = std::trunc(value);
    if (!(whole >= least && whole < limit))
      argumentError(name, " ", value, " has no value in a dtype of ", int64_t{sizeof(T) * 8}, "-bit integers");
    return static_cast<T>(static_cast<int64_t>(whole));
  }
}

Tensor linspace(double start, double end, int64_t steps, DType dtype) {
  if (steps < 0) argumentError("linspace: steps must not be negative, got ", steps);
  refuseBool("linspace", dtype);
  if (steps == 1) return full({1}, start, dtype);
  Tensor out = makeTensor({steps}, dtype);
  // From both ends towards the middle, as PyTorch computes it, so that the last value is `end` itself.
  dispatchNumeric("linspace", dtype, [&](auto zero) {
    using T = decltype(zero);
    using Step = std::conditional_t<std::is_integral_v<T>, double, T>;
    const Step first = static_cast<Step>(endpoint<T>("linspace: start", start)),
               last = static_cast<Step>(endpoint<T>("linspace: end", end));
    enqueue("linspace", cost(steps), {}, {&out}, [=, o = out.data<T>()] {
      const Step step = (last - first) / static_cast<Step>(steps - 1);
      for (int64_t i = 0; i < steps; i++)
        o[i] = static_cast<T>(i < steps / 2 ? first + step * static_cast<Step>(i)
                                            : last - step * static_cast<Step>(steps - i - 1));
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
