// Layer normalisation: y = (x - mean) / sqrt(var + eps) * weight + bias over the last dimensions, row by row.
#include <algorithm>
#include <utility>

#include "core/thread_pool.h"
#include "ops/common.h"
#include "ops/ops.h"

namespace cresset::ops {
namespace {

int64_t rowsPerChunk(int64_t n) { return std::max<int64_t>(1, kGrain / 2 / n); }

// Columns that one chunk of the sums takes: few enough for the cache.
constexpr int64_t kColumns = 2048;

// product = sum over the rows of dy (x - mean) / sqrt(var + eps), sum = that of dy, by chunks that are added in order.
template <class T>
void weightSums(int64_t rows, int64_t n, const T* x, const T* dy, const double* stats, double* product, double* sum) {
  const int64_t span = 2 * kGrain / std::min(n, kColumns), spans = (rows + span - 1) / span,
                blocks = (n + kColumns - 1) / kColumns;
  // The rows of sums of each span, products first; the first span's are the result.
  auto* others = static_cast<double*>(scratch(2, std::max<int64_t>(spans - 1, 1) * 2 * n * 8));
  const auto sumsOf = [&](int64_t s) {
    return s == 0 ? std::pair(product, sum) : std::pair(others + (2 * s - 2) * n, others + (2 * s - 1) * n);
  };
  std::fill_n(product, n, 0.0);
  std::fill_n(sum, n, 0.0);
  parallelFor(spans * blocks, [&](int64_t chunk) {
    const int64_t s = chunk / blocks, row = s * span, column = chunk % blocks * kColumns;
    const int64_t count = std::min(span, rows - row), width = std::min(kColumns, n - column);
    double *products = sumsOf(s).first + column, *sums = sumsOf(s).second + column;
    if (s > 0) std::fill_n(products, width, 0.0), std::fill_n(sums, width, 0.0);
    kernels().floating<T>().layerNormSums(count, width, n, x + row * n + column, dy + row * n + column, stats + 2 * row,
                                          products, sums);
  });
  for (int64_t s = 1; s < spans; s++)
    for (int64_t j = 0; j < n; j++) product[j] += sumsOf(s).first[j], sum[j] += sumsOf(s).second[j];
}

void checkAffine(const char* name, const Tensor& t, const Tensor& x, const Dims& shape) {
  if (!t.defined()) return;
  checkSameDType("layerNorm", "input", x, name, t);
  if (t.shape() != shape)
    shapeError("layerNorm: ", name, " has shape ", toString(t.shape()), " but normalizedShape is ", toString(shape));
}

void checkShape(const Tensor& x, const Dims& shape) {
  if (shape.empty()) shapeError("layerNorm: normalizedShape must have at least one dimension, got []");
  const int first = x.dim() - shape.size();
  bool fits = first >= 0;
  for (int d = 0; fits && d < shape.size(); d++) fits = x.size(first + d) == shape[d];
  if (!fits)
    shapeError("layerNorm: the input's last dimensions must be normalizedShape ", toString(shape), ", got shape ",
               toString(x.shape()));
}

}  // namespace

Tensor layerNorm(Tensor input, Dims normalizedShape, Optional weight, Optional bias, double eps) {
  checkFloat("layerNorm", input);
  checkShape(input, normalizedShape);
  checkAffine("weight", weight, input, normalizedShape);
  checkAffine("bias", bias, input, normalizedShape);
  const int64_t n = product(normalizedShape), rows = n ? input.numel() / n : 0;
  const Tensor x = contiguous(input), w = weight.defined() ? contiguous(weight) : Tensor(),
               b = bias.defined() ? contiguous(bias) : Tensor();
  const Tensor y = makeTensor(x.shape(), x.dtype());
  const bool grad = needsGrad({&x, &w, &b});
  const Tensor stats = grad ? makeTensor({rows, 2}, DType::float64) : Tensor();
  dispatchFloat("layerNorm", x.dtype(), [&](auto zero) {
    using T = decltype(zero);
    enqueue("layerNorm", 4 * cost(x.numel()), {&x, &w, &b}, {&y, &stats},
            [=, px = x.data<T>(), pw = dataOf<T>(w), pb = dataOf<T>(b), py = y.data<T>(), ps = dataOf<double>(stats)] {
              if (rows == 0) return;
              parallelSpans(rows, rowsPerChunk(n), [&](int64_t begin, int64_t end) {
                kernels().floating<T>().layerNorm(end - begin, n, px + begin * n, pw, pb, eps, py + begin * n,
                                                  ps ? ps + 2 * begin : nullptr);
              });
            });
  });
  if (!grad) return y;
  return record("layerNorm", y, {x, w, b},
                [sx = Saved(x), sw = w.defined() ? Saved(w) : Saved(), stats, normalizedShape, rows, n](
                    const Tensor& gradient, Gradients& to) {
                  const Tensor dy = contiguous(gradient), x = sx.get("layerNorm");
                  const Tensor w = sw.defined() ? sw.get("layerNorm") : Tensor();
                  const Tensor dx = to.needs(0) ? makeTensor(x.shape(), x.dtype()) : Tensor();
                  const Tensor dw = to.needs(1) ? makeTensor(normalizedShape, x.dtype()) : Tensor();
                  const Tensor db = to.needs(2) ? makeTensor(normalizedShape, x.dtype()) : Tensor();
                  dispatchFloat("layerNorm", x.dtype(), [&](auto zero) {
                    using T = decltype(zero);
                    enqueue("layerNorm gradient", 8 * cost(x.numel()), {&x, &dy, &w, &stats}, {&dx, &dw, &db},
                            [=, px = x.data<T>(), pg = dy.data<T>(), pw = dataOf<T>(w), ps = stats.data<double>(),
                             pdx = dataOf<T>(dx), pdw = dataOf<T>(dw), pdb = dataOf<T>(db)] {
                              if (n == 0) return;
                              if (pdx)
                                parallelSpans(rows, rowsPerChunk(n), [&](int64_t begin, int64_t end) {
                                  kernels().floating<T>().layerNormBackward(end - begin, n, px + begin * n,
                                                                            pg + begin * n, pw, ps + 2 * begin,
                                                                            pdx + begin * n);
                                });
                              if (!pdw && !pdb) return;
                              auto* products = static_cast<double*>(scratch(3, 2 * n * 8));
                              weightSums<T>(rows, n, px, pg, ps, products, products + n);
                              for (int64_t j = 0; pdw && j < n; j++) pdw[j] = static_cast<T>(products[j]);
                              for (int64_t j = 0; pdb && j < n; j++) pdb[j] = static_cast<T>(products[n + j]);
                            });
                  });
                  if (dx.defined()) to.add(0, dx);
                  if (dw.defined()) to.add(1, dw);
                  if (db.defined()) to.add(2, db);
                });
}

}  // namespace cresset::ops
