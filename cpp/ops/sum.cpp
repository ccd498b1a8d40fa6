// Sums and means over dimensions. Floats are read in the order of their memory where that has one of two forms: rows
// that are summed each, or rows that are added up.
#include <algorithm>

#include "core/thread_pool.h"
#include "ops/reduce.h"
#include "ops/strided.h"

namespace cresset::ops {
namespace {

// What one chunk reads at most, but for a part of it that is short by nature. The results of chunks are combined in
// order.
constexpr int64_t kSpan = 65536;
constexpr int64_t kColumns = 512;
// Rows that are summed together.
constexpr int64_t kRows = 256;

double sumCost(const Tensor& x) { return 200 + 0.1 * static_cast<double>(x.numel()); }

// x as [outer, n, inner], of which n is summed; the result is contiguous.
struct SumPlan {
  int64_t outer = 1, n = 1, inner = 1, outerStride = 0, stride = 1;
  bool fits = false;

  SumPlan(const Tensor& x, const Tensor& out) {
    if (x.numel() == 0) {
      outer = out.numel(), n = 0, fits = true;
      return;
    }
    const StridedLoop loop = makeLoop(x.shape(), {&x, &out});
    const int64_t *shape = loop.shape, *from = loop.strides[0], *to = loop.strides[1];
    int d = loop.dims - 1;
    if (to[d] == 1 && from[d] == 1) inner = shape[d--];
    if (d >= 0 && to[d] == 0) n = shape[d], stride = from[d], d--;
    if (d >= 0 && to[d] == inner) outer = shape[d], outerStride = from[d], d--;
    fits = d < 0 && (inner > 1 || n == 1 || stride == 1);
  }
};

// Adds all later parts of n values each to the first, in order.
void addParts(int64_t parts, int64_t n, double* part) {
  for (int64_t s = 1; s < parts; s++)
    for (int64_t j = 0; j < n; j++) part[j] += part[s * n + j];
}

// out[row] = the sum of row / divisor
template <class T> void sumRows(const SumPlan& p, const T* x, double divisor, T* out, double* partial) {
  const auto& k = kernels().floating<T>();
  if (p.n <= kSpan) {
    parallelSpans(p.outer, std::max<int64_t>(1, kSpan / std::max<int64_t>(1, p.n)), [&](int64_t begin, int64_t end) {
      double sums[kRows];
      for (int64_t row = begin; row < end; row += kRows) {
        const int64_t rows = std::min(kRows, end - row);
        k.sumRows(rows, p.n, x + row * p.outerStride, p.outerStride, sums);
        k.divided(rows, sums, divisor, out + row);
      }
    });
    return;
  }
  const int64_t spans = (p.n + kSpan - 1) / kSpan;
  parallelFor(p.outer * spans, [&](int64_t chunk) {
    const int64_t row = chunk / spans, begin = chunk % spans * kSpan;
    k.sumRows(1, std::min(kSpan, p.n - begin), x + row * p.outerStride + begin, 0, partial + chunk);
  });
  for (int64_t row = 0; row < p.outer; row++) {
    addParts(spans, 1, partial + row * spans);
    k.divided(1, partial + row * spans, divisor, out + row);
  }
}

// Parts of the n rows of one block of columns, so that there are enough chunks.
int64_t rowsPerPart(const SumPlan& p) {
  const int64_t blocks = p.outer * ((p.inner + kColumns - 1) / kColumns);
  return blocks >= 16 ? std::max<int64_t>(1, p.n) : std::max<int64_t>(1, kSpan / std::min(p.inner, kColumns));
}

// out[o][j] = the sum over n of x[o][.][j] / divisor
template <class T> void sumColumns(const SumPlan& p, const T* x, double divisor, T* out, double* partial) {
  const auto& k = kernels().floating<T>();
  const int64_t blocks = (p.inner + kColumns - 1) / kColumns, rows = rowsPerPart(p), parts = (p.n + rows - 1) / rows;
  parallelFor(p.outer * parts * blocks, [&](int64_t chunk) {
    const int64_t part = chunk / blocks, o = part / parts, column = chunk % blocks * kColumns;
    const int64_t row = part % parts * rows, count = std::min(rows, p.n - row),
                  c = std::min(kColumns, p.inner - column);
    const T* from = x + o * p.outerStride + row * p.stride + column;
    if (parts > 1) return k.sumColumns(count, c, from, p.stride, partial + part * p.inner + column);
    double sums[kColumns];
    k.sumColumns(count, c, from, p.stride, sums);
    k.divided(c, sums, divisor, out + o * p.inner + column);
  });
  for (int64_t o = 0; parts > 1 && o < p.outer; o++) {
    double* own = partial + o * parts * p.inner;
    addParts(parts, p.inner, own);
    k.divided(p.inner, own, divisor, out + o * p.inner);
  }
}

Tensor floatSum(const char* op, const Tensor& x, const Dims& dims, bool keepdim, bool average) {
  const ReducedDims r(op, x, dims);
  const double divisor = average ? static_cast<double>(r.n) : 1;
  Tensor out = makeTensor(r.keptShape, x.dtype());
  Tensor in = x;
  SumPlan plan(in, out);
  if (!plan.fits) {
    in = r.rowsLast(x);
    plan.outer = r.rows, plan.n = plan.outerStride = r.n, plan.inner = plan.stride = 1;
  }
  if (!keepdim) out.impl()->shape = r.shape, out.impl()->strides = contiguousStrides(r.shape);
  dispatchFloat(op, x.dtype(), [&](auto zero) {
    using T = decltype(zero);
    const bool columns = plan.inner > 1;
    const int64_t part = columns ? rowsPerPart(plan) : kSpan,
                  partials = plan.n > part ? plan.outer * ((plan.n + part - 1) / part) * plan.inner : 0;
    const Tensor partial = partials ? makeTensor({partials}, DType::float64) : Tensor();
    enqueue(op, sumCost(x), {&in}, {&out},
            [=, from = in.data<T>(), to = out.data<T>(), p = partials ? partial.data<double>() : nullptr] {
              columns ? sumColumns(plan, from, divisor, to, p) : sumRows(plan, from, divisor, to, p);
            });
  });
  return record(op, out, {x}, [kept = r.keptShape, shape = x.shape(), divisor](const Tensor& dy, Gradients& to) {
    const Tensor g = divisor == 1 ? dy : mul(dy, scalar(1 / divisor));
    to.add(0, expand(reshape(g, kept), shape));
  });
}

}  // namespace

Tensor sum(Tensor x, Dims dims, bool keepdim) {
  if (isFloating(x.dtype())) return floatSum("sum", x, dims, keepdim, false);
  const ReducedDims r("sum", x, dims);
  const Tensor in = r.rowsLast(x);
  Tensor out = makeTensor(r.result(keepdim), DType::int64);
  dispatchNumeric("sum", x.dtype(), [&](auto zero) {
    using T = decltype(zero);
    enqueue(
        "sum", sumCost(x), {&in}, {&out},
        [kernel = kernels().reduce<T>().sumInteger, rows = r.rows, n = r.n, a = in.data<T>(), o = out.data<int64_t>()] {
          parallelSpans(rows, rowGrain(n), [&](int64_t begin, int64_t end) {
            for (int64_t row = begin; row < end; row++) o[row] = kernel(n, a + row * n, 1);
          });
        });
  });
  return out;
}

Tensor mean(Tensor x, Dims dims, bool keepdim) {
  if (!isFloating(x.dtype())) dtypeError("mean: expected a floating dtype, got ", nameOf(x.dtype()), "; convert first");
  return floatSum("mean", x, dims, keepdim, true);
}

}  // namespace cresset::ops
