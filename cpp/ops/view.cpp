// Views: new shapes and strides over the same storage.
#include <algorithm>

#include "ops/common.h"
#include "ops/ops.h"

namespace cresset {

Tensor channelsLast(const Tensor& x) {
  if (x.isChannelsLast()) return x;
  Tensor out = makeTensor(x.shape(), channelsLastStrides(x.shape()), x.dtype());
  NoGrad off;
  ops::copy_(out, x);
  return out;
}

Tensor overwritten(const char* op, const Tensor& x) {
  return recordInPlace(op, x, {x}, [shape = x.shape(), dtype = x.dtype()](const Tensor&, Gradients& to) {
    to.add(0, ops::full(shape, 0, dtype));
  });
}

Tensor sumTo(const Tensor& gradient, const Dims& shape) {
  if (gradient.shape() == shape) return gradient;
  const int skip = gradient.dim() - shape.size();
  Dims reduced;
  for (int d = 0; d < gradient.dim(); d++)
    if (d < skip || (shape[d - skip] == 1 && gradient.size(d) != 1)) reduced.push(d);
  Tensor out = reduced.empty() ? gradient : ops::sum(gradient, reduced, false);
  return ops::reshape(out, shape);
}

namespace ops {
namespace {

Tensor makeView(const Tensor& x, const Dims& shape, const Dims& strides, int64_t offset) {
  Tensor out = asStrided(x, shape, strides, offset);
  out.impl()->viewWithoutGrad = !gradEnabled() || x.impl()->viewWithoutGrad;
  if (!out.impl()->viewWithoutGrad && isFloating(x.dtype())) {
    out.impl()->base = x.impl()->base ? x.impl()->base : x.ref();
    out.impl()->history = out.impl()->base->history;
  }
  return out;
}

// Sizes with at most one -1 filled in.
Dims inferShape(const char* op, const Tensor& x, Dims shape) {
  int unknown = -1;
  int64_t known = 1;
  for (int i = 0; i < shape.size(); i++) {
    if (shape[i] == -1) {
      if (unknown >= 0) argumentError(op, ": only one size can be -1, got ", toString(shape));
      unknown = i;
    } else if (shape[i] < 0) {
      shapeError(op, ": sizes must not be negative, got ", toString(shape));
    } else if (__builtin_mul_overflow(known, shape[i], &known)) {
      shapeError(op, ": shape ", toString(shape), " does not fit ", x.numel(), " elements");
    }
  }
  const Dims asked = shape;
  if (unknown >= 0) {
    if (known == 0) argumentError(op, ": -1 is ambiguous in ", toString(asked), " for a tensor without elements");
    shape[unknown] = x.numel() / known;
    known *= shape[unknown];
  }
  if (known != x.numel())
    shapeError(op, ": shape ", toString(asked), " does not fit ", x.numel(), " elements of shape ",
               toString(x.shape()));
  return shape;
}

// Strides that show x under `shape` without moving data; false if there are none.
bool viewStrides(const Tensor& x, const Dims& shape, Dims& strides) {
  strides = contiguousStrides(shape);
  if (x.isContiguous()) return true;
  // Runs of x's dimensions that lie evenly in memory, matched from the end.
  int v = shape.size() - 1;
  int64_t xCount = 1, vCount = 1, step = x.dim() ? x.strides()[x.dim() - 1] : 1;
  for (int d = x.dim() - 1; d >= 0; d--) {
    xCount *= x.size(d);
    const bool runEnds = d == 0 || (x.size(d - 1) != 1 && x.strides()[d - 1] != xCount * step);
    if (!runEnds) continue;
    while (v >= 0 && (vCount < xCount || shape[v] == 1)) {
      strides[v] = vCount * step;
      vCount *= shape[v--];
    }
    if (vCount != xCount) return false;
    if (d > 0) {
      step = x.strides()[d - 1];
      xCount = vCount = 1;
    }
  }
  return v == -1;
}

Backward reshapeBackward(const Tensor& x) {
  return [shape = x.shape()](const Tensor& dy, Gradients& to) { to.add(0, reshape(dy, shape)); };
}

Tensor reshapeAs(const char* op, const Tensor& x, const Dims& asked, bool mayCopy) {
  const Dims shape = inferShape(op, x, asked);
  Dims strides;
  if (viewStrides(x, shape, strides))
    return record(op, makeView(x, shape, strides, x.impl()->offset), {x}, reshapeBackward(x));
  if (!mayCopy)
    shapeError(op, ": shape ", toString(shape), " cannot view a tensor of shape ", toString(x.shape()), " and stride ",
               toString(x.strides()), "; use reshape");
  Tensor dense = contiguous(x);
  return record(op, makeView(dense, shape, contiguousStrides(shape), 0), {dense}, reshapeBackward(x));
}

}  // namespace

// A channels-last tensor was laid out by the library, not by the user, for whom it is contiguous: `view` copies it.
Tensor view(Tensor x, Dims shape) { return reshapeAs("view", x, shape, x.isChannelsLast()); }
Tensor reshape(Tensor x, Dims shape) { return reshapeAs("reshape", x, shape, true); }

Tensor flatten(Tensor x, int64_t startDim, int64_t endDim) {
  const int start = wrapDim("flatten", startDim, x.dim()), end = wrapDim("flatten", endDim, x.dim());
  if (start > end) argumentError("flatten: startDim ", startDim, " comes after endDim ", endDim);
  if (x.dim() == 0) return reshapeAs("flatten", x, {1}, true);
  if (start == end) return x;
  Dims shape;
  for (int d = 0; d < start; d++) shape.push(x.size(d));
  int64_t merged = 1;
  for (int d = start; d <= end; d++) merged *= x.size(d);
  shape.push(merged);
  for (int d = end + 1; d < x.dim(); d++) shape.push(x.size(d));
  return reshapeAs("flatten", x, shape, true);
}

Tensor permute(Tensor x, Dims dims) {
  if (dims.size() != x.dim())
    shapeError("permute: ", toString(dims), " does not name the ", x.dim(), " dimensions of shape ",
               toString(x.shape()));
  Dims shape = dims, strides = dims, inverse = dims;
  bool seen[kMaxDims] = {};
  for (int i = 0; i < dims.size(); i++) {
    const int d = wrapDim("permute", dims[i], x.dim());
    if (seen[d]) argumentError("permute: dimension ", d, " is repeated in ", toString(dims));
    seen[d] = true;
    shape[i] = x.size(d);
    strides[i] = x.strides()[d];
    inverse[d] = i;
  }
  return record("permute", makeView(x, shape, strides, x.impl()->offset), {x},
                [inverse](const Tensor& dy, Gradients& to) { to.add(0, permute(dy, inverse)); });
}

Tensor transpose(Tensor x, int64_t dim0, int64_t dim1) {
  const int a = wrapDim("transpose", dim0, x.dim()), b = wrapDim("transpose", dim1, x.dim());
  Dims shape = x.shape(), strides = x.strides();
  if (x.dim() > 0) {
    std::swap(shape[a], shape[b]);
    std::swap(strides[a], strides[b]);
  }
  return record("transpose", makeView(x, shape, strides, x.impl()->offset), {x},
                [a, b](const Tensor& dy, Gradients& to) { to.add(0, transpose(dy, a, b)); });
}

Tensor expand(Tensor x, Dims shape) {
  const int skip = shape.size() - x.dim();
  if (skip < 0) shapeError("expand: shape ", toString(shape), " has fewer dimensions than ", toString(x.shape()));
  Dims strides = shape;
  const Dims asked = shape;
  for (int d = 0; d < shape.size(); d++) {
    const int64_t size = d < skip ? 1 : x.size(d - skip);
    if (shape[d] == -1 && d >= skip) shape[d] = size;
    if (shape[d] < 0 || (size != 1 && shape[d] != size))
      shapeError("expand: shape ", toString(x.shape()), " cannot become ", toString(asked), ": size ", size,
                 " does not expand to ", shape[d], " at dimension ", d);
    strides[d] = d < skip || (size == 1 && shape[d] != 1) ? 0 : x.strides()[d - skip];
  }
  return record("expand", makeView(x, shape, strides, x.impl()->offset), {x},
                [from = x.shape()](const Tensor& dy, Gradients& to) { to.add(0, sumTo(dy, from)); });
}

// dx is dy inside the window and zero elsewhere.
static Backward windowBackward(const Tensor& x, int64_t dim, int64_t start, int64_t end, int64_t step) {
  return [=, shape = x.shape(), dtype = x.dtype()](const Tensor& dy, Gradients& to) {
    Tensor dx = full(shape, 0, dtype);
    copy_(slice(dx, dim, start, end, step), dy);
    to.add(0, dx);
  };
}

Tensor slice(Tensor x, int64_t dimension, int64_t start, int64_t end, int64_t step) {
  if (x.dim() == 0) shapeError("slice: a 0-d tensor cannot be sliced");
  const int d = wrapDim("slice", dimension, x.dim());
  if (step < 1) argumentError("slice: step must be positive, got ", step);
  const int64_t size = x.size(d);
  auto clip = [size](int64_t i) { return std::clamp<int64_t>(i < 0 ? i + size : i, 0, size); };
  const int64_t from = clip(start), to = std::max(clip(end), from);
  Dims shape = x.shape(), strides = x.strides();
  shape[d] = (to - from + step - 1) / step;
  if (shape[d] > 0) strides[d] *= step;
  return record("slice", makeView(x, shape, strides, x.impl()->offset + from * x.strides()[d]), {x},
                windowBackward(x, d, from, to, step));
}

Tensor narrow(Tensor x, int64_t dimension, int64_t start, int64_t length) {
  if (x.dim() == 0) shapeError("narrow: a 0-d tensor cannot be narrowed");
  const int d = wrapDim("narrow", dimension, x.dim());
  const int64_t from = start < 0 ? start + x.size(d) : start;
  if (length < 0 || from < 0 || from > x.size(d) - length)
    fail(ErrorKind::range, "narrow: start ", start, " and length ", length, " exceed size ", x.size(d),
         " of dimension ", d);
  return slice(x, d, from, from + length, 1);
}

Tensor select(Tensor x, int64_t dimension, int64_t index) {
  if (x.dim() == 0) shapeError("select: a 0-d tensor has nothing to select from");
  const int d = wrapDim("select", dimension, x.dim());
  const int64_t at = index < 0 ? index + x.size(d) : index;
  if (at < 0 || at >= x.size(d))
    fail(ErrorKind::range, "select: index ", index, " is out of range for size ", x.size(d), " of dimension ", d);
  Dims shape = x.shape(), strides = x.strides();
  shape.erase(d);
  strides.erase(d);
  return record("select", makeView(x, shape, strides, x.impl()->offset + at * x.strides()[d]), {x},
                [d, at, from = x.shape(), dtype = x.dtype()](const Tensor& dy, Gradients& to) {
                  Tensor dx = full(from, 0, dtype);
                  copy_(select(dx, d, at), dy);
                  to.add(0, dx);
                });
}

static Tensor without(const char* op, const Tensor& x, const bool* chosen) {
  Dims shape, strides;
  for (int d = 0; d < x.dim(); d++) {
    if (x.size(d) == 1 && chosen[d]) continue;
    shape.push(x.size(d));
    strides.push(x.strides()[d]);
  }
  return record(op, makeView(x, shape, strides, x.impl()->offset), {x}, reshapeBackward(x));
}

Tensor squeeze(Tensor x) {
  bool all[kMaxDims];
  std::fill_n(all, kMaxDims, true);
  return without("squeeze", x, all);
}

Tensor squeezeDim(Tensor x, int64_t dim) {
  bool chosen[kMaxDims] = {};
  chosen[wrapDim("squeeze", dim, x.dim())] = true;
  return without("squeezeDim", x, chosen);
}

Tensor squeezeDims(Tensor x, Dims dims) {
  bool chosen[kMaxDims] = {};
  for (int64_t d : dims) chosen[wrapDim("squeeze", d, x.dim())] = true;
  return without("squeezeDims", x, chosen);
}

Tensor unsqueeze(Tensor x, int64_t dimension) {
  const int d = wrapDim("unsqueeze", dimension, x.dim() + 1);
  Dims shape = x.shape(), strides = x.strides();
  const int64_t stride = d < x.dim() ? x.strides()[d] * x.size(d) : 1;
  shape.insert(d, 1);
  strides.insert(d, stride);
  return record("unsqueeze", makeView(x, shape, strides, x.impl()->offset), {x}, reshapeBackward(x));
}

Tensor detach(Tensor x) { return alias(x); }

}  // namespace ops
}  // namespace cresset
