// Dropout: zeroes elements with probability p and scales the rest by 1 / (1 - p).
#include "ops/common.h"
#include "ops/ops.h"

namespace cresset::ops {

// The scaled mask, drawn as PyTorch draws it: keep with probability 1 - p, in a dense tensor of x's memory order.
static Tensor mask(const char* op, const Tensor& x, double p) {
  checkFloat(op, x);
  if (!(p >= 0 && p <= 1)) argumentError(op, ": p must be between 0 and 1, got ", p);
  NoGrad off;
  if (p == 1) return full(x.shape(), 0, x.dtype());
  const Dims order = loopOrder(x);
  Dims shape = order, back = order;
  for (int i = 0; i < x.dim(); i++) {
    shape[i] = x.size(static_cast<int>(order[i]));
    back[static_cast<int>(order[i])] = i;
  }
  const Tensor keep = bernoulli_(makeTensor(shape, x.dtype()), 1 - p);
  return permute(div_(keep, scalar(1 - p)), back);
}

Tensor dropout(Tensor x, double p, bool training) {
  if (!(p >= 0 && p <= 1)) argumentError("dropout: p must be between 0 and 1, got ", p);
  if (!training || p == 0 || x.numel() == 0) return x;
  return mul(x, mask("dropout", x, p));
}

Tensor dropout_(Tensor x, double p, bool training) {
  if (!(p >= 0 && p <= 1)) argumentError("dropout_: p must be between 0 and 1, got ", p);
  if (!training || p == 0 || x.numel() == 0) return x;
  return mul_(x, mask("dropout_", x, p));
}

}  // namespace cresset::ops
