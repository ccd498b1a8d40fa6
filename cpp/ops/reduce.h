// What reductions over dimensions share.
#pragma once
#include "autograd/tape.h"
#include "ops/common.h"
#include "ops/ops.h"

namespace cresset {

// The dimensions of x that a reduction is over (all if none are asked for), and the shapes that follow.
struct ReducedDims {
  Dims dims;       // the reduced dimensions, ascending
  Dims shape;      // of the result, without them
  Dims keptShape;  // of the result, with size 1 in their place
  Dims order;      // the permutation of x that brings them to the end
  int64_t rows = 1, n = 1;

  ReducedDims(const char* op, const Tensor& x, const Dims& asked) {
    bool chosen[kMaxDims] = {};
    for (int64_t a : asked) {
      const int d = wrapDim(op, a, x.dim());
      if (chosen[d]) argumentError(op, ": dimension ", d, " appears twice in ", toString(asked));
      chosen[d] = true;
    }
    keptShape = x.shape();
    for (int d = 0; d < x.dim(); d++) {
      if (!asked.empty() && !chosen[d]) {
        order.push(d);
        shape.push(x.size(d));
        rows *= x.size(d);
        continue;
      }
      dims.push(d);
      n *= x.size(d);
      keptShape[d] = 1;
    }
    for (int64_t d : dims) order.push(d);
  }
  const Dims& result(bool keepdim) const { return keepdim ? keptShape : shape; }

  // x as contiguous [rows, n]; where all is one row and `anyOrder`, in the order of its memory.
  Tensor rowsLast(const Tensor& x, bool anyOrder = true) const {
    NoGrad off;
    if (anyOrder && dims.size() == x.dim() && x.isChannelsLast()) return x;
    return ops::contiguous(x.dim() ? ops::permute(x, order) : x);
  }
};

// Rows in one chunk of a reduction.
inline int64_t rowGrain(int64_t n) { return n >= kGrain ? 1 : kGrain / (n + 1) + 1; }

}  // namespace cresset
