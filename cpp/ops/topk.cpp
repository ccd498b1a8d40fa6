// The k largest or smallest along a dimension, and elements picked by an index of their own for each place.
#include <algorithm>
#include <numeric>

#include "core/scratch.h"
#include "core/thread_pool.h"
#include "ops/common.h"
#include "ops/ops.h"

namespace cresset::ops {
namespace {

// Places of the k best of row[0, n) into out[0, k). The steps are those of PyTorch, so that of equal elements the same
// ones win where the C++ library is the same.
template <class T, class Before>
void bestOfRow(const T* row, int64_t n, int64_t k, bool sorted, Before before, int64_t* order, int64_t* out) {
  std::iota(order, order + n, int64_t{0});
  const auto less = [row, before](int64_t a, int64_t b) { return before(row[a], row[b]); };
  if (k * 64 <= n) {
    std::partial_sort(order, order + k, order + n, less);
  } else {
    std::nth_element(order, order + k - 1, order + n, less);
    if (sorted) std::sort(order, order + k - 1, less);
  }
  std::copy(order, order + k, out);
}

// Dimension d and the last in each other's place, in memory too; a 0-d tensor is a row of one.
Tensor swapped(const Tensor& x, int d) { return contiguous(d < x.dim() - 1 ? transpose(x, d, -1) : x); }

void checkIndex(const int64_t* index, int64_t total, int64_t n) {
  for (int64_t i = 0; i < total; i++)
    if (index[i] < 0 || index[i] >= n)
      fail(ErrorKind::range, "gather: index ", index[i], " is out of range for size ", n);
}

// out[row][j] = x[row][index[row][j]], all of them contiguous.
Tensor gatherLast(const Tensor& x, const Tensor& at) {
  const int64_t n = x.dim() ? x.size(x.dim() - 1) : 1, k = at.dim() ? at.size(at.dim() - 1) : 1;
  const int64_t rows = k ? at.numel() / k : 0, grain = kGrain / (k + 1) + 1;
  const auto check = [n, total = at.numel()](const int64_t* index) { checkIndex(index, total, n); };
  Tensor out = makeTensor(at.shape(), x.dtype());
  dispatchNumeric("gather", x.dtype(), [&](auto zero) {
    using T = decltype(zero);
    enqueue("gather", cost(at.numel()), {&x, &at}, {&out},
            [=, from = x.data<T>(), index = at.data<int64_t>(), into = out.data<T>()] {
              check(index);
              parallelSpans(rows, grain, [&](int64_t begin, int64_t end) {
                for (int64_t r = begin; r < end; r++)
                  for (int64_t j = 0; j < k; j++) into[r * k + j] = from[r * n + index[r * k + j]];
              });
            });
  });
  if (!needsGrad({&x})) return out;
  return record("gather", out, {x}, [=, saved = Saved(at), xs = x.shape()](const Tensor& dy, Gradients& to) {
    const Tensor at = saved.get("gather"), g = contiguous(dy);
    Tensor dx = full(xs, 0, dy.dtype());
    dispatchFloat("gather", dy.dtype(), [&](auto zero) {
      using T = decltype(zero);
      enqueue("gather gradient", cost(g.numel()), {&at, &g}, {&dx},
              [=, from = g.data<T>(), index = at.data<int64_t>(), into = dx.data<T>()] {
                check(index);  // this gradient does not depend on what the forward task found
                parallelSpans(rows, grain, [&](int64_t begin, int64_t end) {
                  for (int64_t r = begin; r < end; r++)
                    for (int64_t j = 0; j < k; j++) into[r * n + index[r * k + j]] += from[r * k + j];
                });
              });
    });
    to.add(0, dx);
  });
}

}  // namespace

Tensor topkIndices(Tensor x, int64_t k, int64_t dim, bool largest, bool sorted) {
  NoGrad off;
  const int d = wrapDim("topk", dim, x.dim());
  const int64_t n = x.dim() ? x.size(d) : 1;
  if (k < (x.dim() ? 0 : 1) || k > n)
    fail(ErrorKind::range, "topk: k ", k, " is out of range for size ", n, " of dimension ", dim);
  if (x.dtype() == DType::boolean) dtypeError("topk: bool has no order; convert to uint8 first");
  const Tensor rowsLast = swapped(x, d);
  Dims shape = rowsLast.shape();
  if (shape.size()) shape[shape.size() - 1] = k;
  Tensor out = makeTensor(shape, DType::int64);
  const int64_t rows = n ? x.numel() / n : 0;
  if (k > 0 && rows > 0)
    dispatchNumeric("topk", x.dtype(), [&](auto zero) {
      using T = decltype(zero);
      enqueue(
          "topk", 200 + 5.0 * static_cast<double>(x.numel()), {&rowsLast}, {&out},
          [=, in = rowsLast.data<T>(), o = out.data<int64_t>()] {
            parallelSpans(rows, kGrain / 16 / (n + 1) + 1, [&](int64_t begin, int64_t end) {
              auto* order = static_cast<int64_t*>(scratch(0, n * int64_t{sizeof(int64_t)}));
              // A NaN is larger than any number.
              for (int64_t r = begin; r < end; r++)
                if (largest)
                  bestOfRow(
                      in + r * n, n, k, sorted, [](T a, T b) { return (a != a && b == b) || a > b; }, order, o + r * k);
                else
                  bestOfRow(
                      in + r * n, n, k, sorted, [](T a, T b) { return (a == a && b != b) || a < b; }, order, o + r * k);
            });
          });
    });
  return swapped(out, d);
}

Tensor gather(Tensor x, int64_t dim, Tensor index) {
  const int d = wrapDim("gather", dim, x.dim());
  if (isFloating(index.dtype()) || index.dtype() == DType::boolean)
    dtypeError("gather: index must be an integer tensor, got ", nameOf(index.dtype()));
  // A 0-d tensor counts as one of a single element.
  bool fits = std::max(index.dim(), 1) == std::max(x.dim(), 1);
  for (int k = 0; fits && k < x.dim(); k++) fits = k == d || index.size(k) <= x.size(k);
  if (!fits)
    shapeError("gather: index of shape ", toString(index.shape()), " must have the dimensions of x, ",
               toString(x.shape()), ", and be no larger outside dimension ", d);
  for (int k = 0; k < x.dim(); k++)
    if (k != d && index.size(k) < x.size(k)) x = narrow(x, k, 0, index.size(k));
  const Tensor at = indices(index);
  if (isMaterialised(at)) checkIndex(at.data<int64_t>(), at.numel(), x.dim() ? x.size(d) : 1);
  return swapped(gatherLast(swapped(x, d), swapped(at, d)), d);
}

}  // namespace cresset::ops
