// Vector norms over dimensions, with PyTorch's gradients: 0 where the norm is 0, and at the zeros of a norm of p < 1.
#include <algorithm>
#include <cmath>

#include "ops/common.h"
#include "ops/ops.h"

namespace cresset::ops {
namespace {

// The shape of x with 1 in place of the reduced dimensions.
Dims keptShape(const Tensor& x, const Dims& dims) {
  Dims kept = x.shape();
  if (dims.empty())
    for (int64_t& size : kept) size = 1;
  for (int64_t d : dims)
    if (const int at = wrapDim("norm", d, x.dim()); x.dim() > 0) kept[at] = 1;
  return kept;
}

Tensor value(const Tensor& x, double p, const Dims& dims, bool keepdim) {
  NoGrad off;
  if (p == 0) return to(sum(ne(x, scalar(0)), dims, keepdim), x.dtype());
  if (p == 2) return sqrt(sum(square(x), dims, keepdim));
  const Tensor size = abs(x);
  if (p == 1) return sum(size, dims, keepdim);
  if (std::isinf(p)) return p > 0 ? amax(size, dims, keepdim) : amin(size, dims, keepdim);
  return powScalar(sum(powScalar(size, p), dims, keepdim), 1 / p);
}

Tensor zeroWhere(const Tensor& mask, const Tensor& x) { return where(mask, scalar(0), x); }

// The gradient of the norm y, times dy; y and dy broadcast against x.
Tensor gradient(const Tensor& x, const Tensor& y, const Tensor& dy, double p, const Dims& dims) {
  const Tensor zero = scalar(0), none = eq(y, zero);
  if (p == 0) return full(x.shape(), 0, x.dtype());
  if (p == 1) return mul(sign(x), dy);
  if (p == 2) return mul(dy, zeroWhere(none, div(x, y)));
  const Tensor size = abs(x);
  if (std::isinf(p)) {  // all places that reach the extremum, or are NaN, share the gradient
    const Tensor mask = to(maximum(eq(size, y), ne(x, x)), x.dtype());
    return mul(sign(x), mul(div(dy, sum(mask, dims, true)), mask));
  }
  const Tensor powers = powScalar(size, p - 1);
  if (p < 1) return mul(mul(mul(sign(x), zeroWhere(eq(x, zero), powers)), dy), powScalar(y, 1 - p));
  return mul(mul(sign(x), powers), zeroWhere(none, div(dy, powScalar(y, p - 1))));
}

}  // namespace

Tensor norm(Tensor x, double p, Dims dims, bool keepdim) {
  checkFloat("norm", x);
  const Dims kept = keptShape(x, dims);
  if (x.numel() == 0 && product(kept) > 0 && (p < 0 || std::isinf(p)))
    shapeError("norm: the norm of order ", p, " of no elements is not defined, got shape ", toString(x.shape()));
  const Tensor out = value(x, p, dims, keepdim);
  if (!needsGrad({&x})) return out;
  return record("norm", out, {x}, [p, sx = Saved(x), sy = Saved(out), dims, kept](const Tensor& dy, Gradients& to) {
    to.add(0, gradient(sx.get("norm"), reshape(sy.get("norm"), kept), reshape(dy, kept), p, dims));
  });
}

}  // namespace cresset::ops
