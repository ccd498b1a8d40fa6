// Reductions over dimensions other than sums: the reduced ones are brought to the end of memory, then each output is
// one row.
#include "ops/reduce.h"

#include <cmath>
#include <limits>

#include "core/thread_pool.h"

namespace cresset::ops {
namespace {

struct Reduced : ReducedDims {
  Tensor rowsLast;  // contiguous [rows, n]

  Reduced(const char* op, const Tensor& x, const Dims& asked, bool anyOrder = true)
      : ReducedDims(op, x, asked), rowsLast(ReducedDims::rowsLast(x, anyOrder)) {}
};

// The gradient (or result) with the reduced dimensions back as 1, so that it broadcasts against x.
Tensor keep(const Tensor& t, const Dims& keptShape) { return reshape(t, keptShape); }

double rowsCost(const Reduced& r) { return 200 + 0.15 * static_cast<double>(r.rows * r.n); }

// out[row] = fn(row pointer, n)
template <class T, class Out, class Fn> void eachRow(const char* op, const Reduced& r, const Tensor& out, Fn fn) {
  const int64_t rows = r.rows, n = r.n;
  enqueue(op, rowsCost(r), {&r.rowsLast}, {&out}, [=, x = r.rowsLast.data<T>(), o = out.data<Out>()] {
    parallelSpans(rows, rowGrain(n), [&](int64_t begin, int64_t end) {
      for (int64_t row = begin; row < end; row++) o[row] = fn(x + row * n, n);
    });
  });
}

void checkNotEmpty(const char* op, const Reduced& r, const Tensor& x) {
  if (r.n == 0) shapeError(op, ": cannot reduce over no elements, got shape ", toString(x.shape()));
}

}  // namespace

// The variance, or its root, which is taken in double: the variance itself may be beyond the range of float.
static Tensor spread(const char* op, const Tensor& x, const Dims& dims, double correction, bool keepdim, bool root) {
  checkFloat(op, x);
  const Reduced r(op, x, dims);
  Tensor out = makeTensor(r.result(keepdim), x.dtype());
  const double divisor = std::fmax(static_cast<double>(r.n) - correction, 0);
  dispatchFloat(op, x.dtype(), [&](auto zero) {
    using T = decltype(zero);
    const auto k = kernels().reduce<T>();
    eachRow<T, T>(op, r, out, [sum = k.sum, squares = k.sumSquares, divisor, root](const T* row, int64_t n) {
      const double variance = squares(n, row, 1, sum(n, row, 1) / static_cast<double>(n)) / divisor;
      return static_cast<T>(root ? std::sqrt(variance) : variance);
    });
  });
  if (!needsGrad({&x})) return out;
  const Saved deviation = root ? Saved(out) : Saved();
  return record(op, out, {x}, [=, sx = Saved(x), kept = r.keptShape](const Tensor& dy, Gradients& to) {
    const Tensor x = sx.get(op);
    Tensor slope = mul(dy, scalar((root ? 1 : 2) / divisor));
    if (root) {  // 0 where nothing spreads, as in PyTorch
      const Tensor y = deviation.get(op);
      slope = where(eq(y, scalar(0)), scalar(0), div(slope, y));
    }
    to.add(0, mul(keep(slope, kept), sub(x, mean(x, dims, true), 1)));
  });
}

Tensor var(Tensor x, Dims dims, double correction, bool keepdim) {
  return spread("var", x, dims, correction, keepdim, false);
}
Tensor std(Tensor x, Dims dims, double correction, bool keepdim) {
  return spread("std", x, dims, correction, keepdim, true);
}

Tensor prod(Tensor x, Dims dims, bool keepdim) {
  const Tensor in = isFloating(x.dtype()) ? x : to(x, DType::int64);
  const Reduced r("prod", in, dims, false);  // its gradient is laid out as rowsLast
  Tensor out = makeTensor(r.result(keepdim), in.dtype());
  dispatchNumeric("prod", in.dtype(), [&](auto zero) {
    using T = decltype(zero);
    auto* kernel = kernels().reduce<T>().prod;
    eachRow<T, T>("prod", r, out, [kernel](const T* row, int64_t n) {
      if constexpr (std::is_integral_v<T>) {
        uint64_t p = 1;
        for (int64_t i = 0; i < n; i++) p *= static_cast<uint64_t>(row[i]);
        return static_cast<T>(p);
      } else {
        return static_cast<T>(kernel(n, row, 1));
      }
    });
  });
  if (!needsGrad({&in})) return out;
  return record("prod", out, {in},
                [sx = Saved(r.rowsLast), rows = r.rows, n = r.n, order = r.order, xs = in.shape()](const Tensor& dy,
                                                                                                   Gradients& to) {
                  // dx[i] = dy * product of all others, from both sides so that zeros need no division.
                  const Tensor x = sx.get("prod"), g = contiguous(dy);
                  Dims permuted = order, inverse = order;
                  for (int i = 0; i < order.size(); i++) {
                    permuted[i] = xs[static_cast<int>(order[i])];
                    inverse[static_cast<int>(order[i])] = i;
                  }
                  Tensor dx = makeTensor(permuted, x.dtype());
                  dispatchFloat("prod", x.dtype(), [&](auto zero) {
                    using T = decltype(zero);
                    enqueue("prod", cost(x.numel()), {&x, &g}, {&dx},
                            [=, in = x.data<T>(), gr = g.data<T>(), o = dx.data<T>()] {
                              for (int64_t row = 0; row < rows; row++) {
                                const T* a = in + row * n;
                                T* out = o + row * n;
                                double before = static_cast<double>(gr[row]), after = 1;
                                for (int64_t i = 0; i < n; i++) {
                                  out[i] = static_cast<T>(before);
                                  before *= static_cast<double>(a[i]);
                                }
                                for (int64_t i = n - 1; i >= 0; i--) {
                                  out[i] = static_cast<T>(static_cast<double>(out[i]) * after);
                                  after *= static_cast<double>(a[i]);
                                }
                              }
                            });
                  });
                  to.add(0, order.empty() ? dx : permute(dx, inverse));
                });
}

namespace {

template <class T> auto* positionKernel(bool largest) {
  const ReduceKernels<T>& k = kernels().reduce<T>();
  return largest ? k.argmax : k.argmin;
}

// The values at the extremum, and where it is.
Tensor extreme(const char* op, const Tensor& x, const Reduced& r, bool keepdim, bool largest) {
  Tensor out = makeTensor(r.result(keepdim), x.dtype());
  dispatchNumeric(op, x.dtype(), [&](auto zero) {
    using T = decltype(zero);
    auto* kernel = positionKernel<T>(largest);
    eachRow<T, T>(op, r, out, [kernel](const T* row, int64_t n) { return row[kernel(n, row, 1)]; });
  });
  return out;
}

Tensor position(const char* op, const Tensor& x, const Reduced& r, bool keepdim, bool largest) {
  Tensor out = makeTensor(r.result(keepdim), DType::int64);
  dispatchNumeric(op, x.dtype(), [&](auto zero) {
    using T = decltype(zero);
    auto* kernel = positionKernel<T>(largest);
    eachRow<T, int64_t>(op, r, out, [kernel](const T* row, int64_t n) { return kernel(n, row, 1); });
  });
  return out;
}

// All places that reach the extremum share the gradient.
Tensor sharedExtreme(const char* op, const Tensor& x, const Dims& dims, bool keepdim, bool largest) {
  const Reduced r(op, x, dims);
  checkNotEmpty(op, r, x);
  Tensor out = extreme(op, x, r, keepdim, largest);
  if (!needsGrad({&x})) return out;
  return record(op, out, {x},
                [op, sx = Saved(x), so = Saved(out), dims, kept = r.keptShape](const Tensor& dy, Gradients& g) {
                  const Tensor x = sx.get(op), mask = to(eq(x, keep(so.get(op), kept)), dy.dtype());
                  g.add(0, mul(mask, div(keep(dy, kept), sum(mask, dims, true))));
                });
}

// The winner alone gets the gradient.
Tensor winner(const char* op, const Tensor& x, int64_t dim, bool keepdim, bool largest) {
  const Reduced r(op, x, {wrapDim(op, dim, x.dim())});
  checkNotEmpty(op, r, x);
  Tensor out = extreme(op, x, r, keepdim, largest);
  if (!needsGrad({&x})) return out;
  const Tensor at = position(op, x, r, true, largest);
  return record(op, out, {x},
                [op, sp = Saved(at), kept = r.keptShape, d = x.dim() ? r.dims[0] : 0, size = r.n](const Tensor& dy,
                                                                                                  Gradients& g) {
                  Dims line = kept;
                  for (int64_t& s : line) s = 1;
                  if (line.size()) line[static_cast<int>(d)] = size;
                  const Tensor places = reshape(arange(0, static_cast<double>(size), 1, DType::int64), line);
                  g.add(0, mul(to(eq(places, sp.get(op)), dy.dtype()), keep(dy, kept)));
                });
}

Tensor findIndex(const char* op, const Tensor& x, const Dims& dims, bool keepdim, bool largest) {
  const Reduced r(op, contiguous(x), dims);
  checkNotEmpty(op, r, x);
  return position(op, x, r, keepdim, largest);
}

}  // namespace

Tensor amax(Tensor x, Dims dims, bool keepdim) { return sharedExtreme("amax", x, dims, keepdim, true); }
Tensor amin(Tensor x, Dims dims, bool keepdim) { return sharedExtreme("amin", x, dims, keepdim, false); }
Tensor argmax(Tensor x, Dims dims, bool keepdim) { return findIndex("argmax", x, dims, keepdim, true); }
Tensor argmin(Tensor x, Dims dims, bool keepdim) { return findIndex("argmin", x, dims, keepdim, false); }
Tensor maxValue(Tensor x, int64_t dim, bool keepdim) { return winner("max", x, dim, keepdim, true); }
Tensor minValue(Tensor x, int64_t dim, bool keepdim) { return winner("min", x, dim, keepdim, false); }

static Tensor truth(const char* op, const Tensor& x, const Dims& dims, bool keepdim, bool wantAll) {
  const Reduced r(op, to(x, DType::boolean), dims);
  Tensor out = makeTensor(r.result(keepdim), x.dtype() == DType::uint8 ? DType::uint8 : DType::boolean);
  auto* kernel = kernels().reduce<uint8_t>().sumInteger;
  eachRow<uint8_t, uint8_t>(op, r, out, [kernel, wantAll](const uint8_t* row, int64_t n) {
    const int64_t count = kernel(n, row, 1);
    return static_cast<uint8_t>(wantAll ? count == n : count > 0);
  });
  return out;
}

Tensor all(Tensor x, Dims dims, bool keepdim) { return truth("all", x, dims, keepdim, true); }
Tensor any(Tensor x, Dims dims, bool keepdim) { return truth("any", x, dims, keepdim, false); }

}  // namespace cresset::ops
