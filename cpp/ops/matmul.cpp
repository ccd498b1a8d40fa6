// Matrix products of one, two and more dimensions.
#include "ops/common.h"
#include "ops/gemm.h"
#include "ops/ops.h"

namespace cresset::ops {
namespace {

// A matrix as GEMM takes it: row-major with a row stride, possibly transposed.
struct Matrix {
  Tensor t;
  bool trans = false;
  int64_t ld = 0;
};

bool isTransposed(const Tensor& x) {
  return x.dim() == 2 && x.strides()[0] == 1 && x.strides()[1] >= std::max<int64_t>(x.size(0), 1) && x.size(1) > 1;
}

Matrix matrix(const Tensor& x) {
  if (x.strides()[1] == 1 && x.strides()[0] >= x.size(1)) return {x, false, x.strides()[0]};
  if (isTransposed(x)) return {x, true, x.strides()[1]};
  return {contiguous(x), false, x.size(1)};
}

double gemmCost(int64_t m, int64_t n, int64_t k) {
  return 500 + 0.02 * static_cast<double>(m) * static_cast<double>(n) * static_cast<double>(k);
}

Tensor mm(const char* op, const Tensor& x, const Tensor& y, const Tensor& bias) {
  const int64_t m = x.size(0), k = x.size(1), n = y.size(1);
  const Matrix a = matrix(x), b = matrix(y);
  Tensor out = makeTensor({m, n}, x.dtype());
  dispatchFloat(op, x.dtype(), [&](auto zero) {
    using T = decltype(zero);
    enqueue(op, gemmCost(m, n, k), {&a.t, &b.t, &bias}, {&out},
            [=, ta = a.trans, tb = b.trans, lda = a.ld, ldb = b.ld, pa = a.t.data<T>(), pb = b.t.data<T>(),
             o = out.data<T>(), pbias = bias.defined() ? bias.data<T>() : nullptr] {
              gemm<T>(ta, tb, m, n, k, pa, lda, pb, ldb, o, n, false, pbias);
            });
  });
  return out;
}

// x: [batch..., m, k], y: [batch..., k, n] with batches that broadcast.
Tensor bmm(const Tensor& x, const Tensor& y) {
  const int64_t m = x.size(x.dim() - 2), k = x.size(x.dim() - 1), n = y.size(y.dim() - 1);
  Dims bx, by;
  for (int d = 0; d + 2 < x.dim(); d++) bx.push(x.size(d));
  for (int d = 0; d + 2 < y.dim(); d++) by.push(y.size(d));
  const Dims batchShape = broadcast("matmul", bx, by);
  auto spread = [&](const Tensor& t, int64_t rows, int64_t cols) {
    Dims shape = batchShape;
    shape.push(rows);
    shape.push(cols);
    return contiguous(expand(t, shape));
  };
  const int64_t batch = product(batchShape);
  const bool shareX = product(bx) == 1, shareY = product(by) == 1;
  const Tensor a = shareX ? contiguous(x) : spread(x, m, k), b = shareY ? contiguous(y) : spread(y, k, n);
  Dims shape = batchShape;
  shape.push(m);
  shape.push(n);
  Tensor out = makeTensor(shape, x.dtype());
  dispatchFloat("matmul", x.dtype(), [&](auto zero) {
    using T = decltype(zero);
    enqueue("matmul", gemmCost(m * batch, n, k), {&a, &b}, {&out},
            [=, pa = a.data<T>(), pb = b.data<T>(), o = out.data<T>()] {
              gemmBatched<T>(false, false, m, n, k, pa, k, shareX ? 0 : m * k, pb, n, shareY ? 0 : k * n, o, n, m * n,
                             batch);
            });
  });
  return out;
}

}  // namespace

Tensor matmul(Tensor x, Tensor y) {
  checkFloat("matmul", x);
  checkSameDType("matmul", "x", x, "y", y);
  if (x.dim() == 0 || y.dim() == 0)
    shapeError("matmul: both tensors need at least one dimension, got shapes ", toString(x.shape()), " and ",
               toString(y.shape()));
  if (x.dim() == 1 && y.dim() == 1) {
    if (x.size(0) != y.size(0)) shapeError("matmul: inner sizes differ: ", x.size(0), " and ", y.size(0));
    return reshape(matmul(unsqueeze(x, 0), unsqueeze(y, 1)), {});
  }
  if (x.dim() == 1) return squeezeDim(matmul(unsqueeze(x, 0), y), -2);
  if (y.dim() == 1) return squeezeDim(matmul(x, unsqueeze(y, 1)), -1);
  const int64_t k = x.size(x.dim() - 1), ky = y.size(y.dim() - 2);
  if (k != ky)
    shapeError("matmul: inner sizes differ: x of shape ", toString(x.shape()), " has ", k, " columns but y of shape ",
               toString(y.shape()), " has ", ky, " rows");
  if (y.dim() == 2 && x.dim() > 2) {
    // One product over all leading dimensions.
    Dims shape = x.shape(), leading = x.shape();
    shape[x.dim() - 1] = y.size(1);
    leading.erase(x.dim() - 1);
    return reshape(matmul(reshape(x, {product(leading), k}), y), shape);
  }
  Tensor out;
  {
    NoGrad off;
    out = x.dim() == 2 && y.dim() == 2 ? mm("matmul", x, y, Tensor()) : bmm(x, y);
  }
  if (!needsGrad({&x, &y})) return out;
  return record("matmul", out, {x, y}, [sx = Saved(x), sy = Saved(y)](const Tensor& dy, Gradients& to) {
    const Tensor x = sx.get("matmul"), y = sy.get("matmul");
    if (to.needs(0)) to.add(0, sumTo(matmul(dy, transpose(y, -1, -2)), x.shape()));
    if (to.needs(1)) to.add(1, sumTo(matmul(transpose(x, -1, -2), dy), y.shape()));
  });
}

// y = x weight^T + bias
Tensor linear(Tensor x, Tensor weight, Optional bias) {
  checkFloat("linear", x);
  checkSameDType("linear", "input", x, "weight", weight);
  if (weight.dim() != 2) shapeError("linear: weight must have 2 dimensions, got shape ", toString(weight.shape()));
  if (x.dim() == 0) shapeError("linear: input must have at least one dimension");
  const int64_t in = weight.size(1), outFeatures = weight.size(0);
  if (x.size(x.dim() - 1) != in)
    shapeError("linear: input has ", x.size(x.dim() - 1), " features but weight expects ", in);
  if (bias.defined()) {
    checkSameDType("linear", "input", x, "bias", bias);
    if (bias.dim() != 1 || bias.size(0) != outFeatures)
      shapeError("linear: bias has shape ", toString(bias.shape()), " but weight has ", outFeatures, " outputs");
  }
  Dims shape = x.shape(), leading = x.shape();
  shape[x.dim() - 1] = outFeatures;
  leading.erase(x.dim() - 1);
  const Tensor rows = x.dim() == 2 ? x : reshape(x, {product(leading), in});
  const Tensor b = bias.defined() ? contiguous(bias) : Tensor();
  Tensor out;
  {
    NoGrad off;
    out = mm("linear", rows, transpose(weight, 0, 1), b);
  }
  out =
      record("linear", out, {rows, weight, b}, [sx = Saved(rows), sw = Saved(weight)](const Tensor& dy, Gradients& to) {
        if (to.needs(0)) to.add(0, matmul(dy, sw.get("linear")));
        if (to.needs(1)) to.add(1, matmul(transpose(dy, 0, 1), sx.get("linear")));
        if (to.needs(2)) to.add(2, sum(dy, {0}, false));
      });
  return x.dim() == 2 ? out : reshape(out, shape);
}

}  // namespace cresset::ops
