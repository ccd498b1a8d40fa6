// Moving data: copies between layouts and dtypes, concatenation, selection by index.
#include <cmath>
#include <cstring>

#include "ops/ops.h"
#include "ops/strided.h"

namespace cresset::ops {
namespace {

// out[...] = x[...] for the same dtype, any strides; x is broadcast.
void copyStrided(const char* op, const Tensor& out, const Tensor& x) {
  const int size = static_cast<int>(sizeOf(out.dtype()));
  const StridedLoop loop = makeLoop(out.shape(), {&out, &x});
  const int64_t n = loop.numel();
  if (n == 0) return;
  // Two dimensions that swap places, as between [c, h * w] and [h * w, c], are transposed in cache-sized blocks.
  if (loop.dims >= 2 && loop.innerStride(0) == 1 && loop.innerStride(1) > 1 && loop.strides[1][loop.dims - 2] == 1) {
    StridedLoop outer = loop;
    outer.dims -= 2;
    const int64_t rows = loop.shape[loop.dims - 1], cols = loop.shape[loop.dims - 2];
    const int64_t ldx = loop.innerStride(1), ldo = loop.strides[0][loop.dims - 2];
    int64_t count = 1;
    for (int d = 0; d < outer.dims; d++) count *= outer.shape[d];
    auto* kernel = kernels().bytes.transpose;
    const int64_t blocks = (rows + 1023) / 1024;
    enqueue(op, cost(n), {&x}, {&out},
            [=, from = static_cast<const char*>(x.raw()), to = static_cast<char*>(out.raw())] {
              parallelFor(count * blocks, [&](int64_t chunk) {
                int64_t rest = chunk / blocks, fromAt = 0, toAt = 0;
                for (int d = outer.dims - 1; d >= 0; d--) {
                  fromAt += rest % outer.shape[d] * outer.strides[1][d];
                  toAt += rest % outer.shape[d] * outer.strides[0][d];
                  rest /= outer.shape[d];
                }
                const int64_t first = chunk % blocks * 1024, here = rows - first < 1024 ? rows - first : 1024;
                kernel(size, here, cols, from + (fromAt + first * ldx) * size, ldx, to + (toAt + first) * size, ldo);
              });
            });
    return;
  }
  auto* kernel = kernels().bytes.copy;
  enqueue(op, cost(n), {&x}, {&out}, [=, from = static_cast<const char*>(x.raw()), to = static_cast<char*>(out.raw())] {
    runLoop(loop, [&](int64_t count, const int64_t* at) {
      kernel(size, count, from + at[1] * size, loop.innerStride(1), to + at[0] * size, loop.innerStride(0));
    });
  });
}

Tensor convert(const Tensor& x, DType dtype) {
  const Tensor dense = x.isContiguous() || x.isChannelsLast() ? x : contiguous(x);
  Tensor out = makeTensor(dense.shape(), dense.strides(), dtype);
  auto* kernel = kernels().bytes.convert;
  const int from = static_cast<int>(x.dtype()), into = static_cast<int>(dtype);
  const int64_t n = x.numel(), sx = sizeOf(x.dtype()), so = sizeOf(dtype);
  enqueue("to", cost(n), {&dense}, {&out},
          [=, a = static_cast<const char*>(dense.raw()), o = static_cast<char*>(out.raw())] {
            parallelSpans(n, kGrain, [&](int64_t begin, int64_t end) {
              kernel(from, into, end - begin, a + begin * sx, o + begin * so);
            });
          });
  return out;
}

}  // namespace

Tensor contiguous(Tensor x) {
  if (x.isContiguous()) return x;
  Tensor out = makeTensor(x.shape(), x.dtype());
  copyStrided("contiguous", out, x);
  return record("contiguous", out, {x}, [](const Tensor& dy, Gradients& to) { to.add(0, dy); });
}

Tensor clone(Tensor x) {
  Tensor out = makeTensor(x.shape(), resultStrides(x.shape(), {&x}), x.dtype());
  copyStrided("clone", out, x);
  return record("clone", out, {x}, [](const Tensor& dy, Gradients& to) { to.add(0, dy); });
}

Tensor to(Tensor x, DType dtype) {
  if (x.dtype() == dtype) return x;
  Tensor out;
  {
    NoGrad off;
    out = convert(x, dtype);
  }
  if (!isFloating(dtype)) return out;
  return record("to", out, {x}, [from = x.dtype()](const Tensor& dy, Gradients& g) { g.add(0, to(dy, from)); });
}

Tensor copy_(Tensor x, Tensor source) {
  if (broadcast("copy_", x.shape(), source.shape()) != x.shape())
    shapeError("copy_: a source of shape ", toString(source.shape()), " does not fit shape ", toString(x.shape()));
  Tensor from = source.dtype() == x.dtype() ? source : to(source, x.dtype());
  if (from.impl()->storage == x.impl()->storage) from = clone(from);
  beforeInPlace("copy_", x);
  copyStrided("copy_", x, from);
  return recordInPlace("copy_", x, {x, from},
                       [xs = x.shape(), dtype = x.dtype(), fs = from.shape()](const Tensor& dy, Gradients& to) {
                         if (to.needs(0)) to.add(0, full(xs, 0, dtype));
                         if (to.needs(1)) to.add(1, sumTo(dy, fs));
                       });
}

Tensor fill_(Tensor x, double value) {
  beforeInPlace("fill_", x);
  const StridedLoop loop = makeLoop(x.shape(), {&x});
  if (x.dtype() == DType::float16 || x.dtype() == DType::bfloat16) {
    NoGrad off;
    return copy_(x, full({}, value, DType::float32));
  }
  if (!isFloating(x.dtype()) && !std::isfinite(value))
    argumentError("fill_: ", value, " has no value in ", nameOf(x.dtype()));
  if (x.dtype() == DType::boolean) value = value != 0;
  dispatchNumeric("fill_", x.dtype(), [&](auto zero) {
    using T = decltype(zero);
    const T v = std::is_floating_point_v<T>
                    ? static_cast<T>(value)
                    : static_cast<T>(static_cast<int64_t>(std::fmax(std::fmin(value, 9.2e18), -9.2e18)));
    auto* kernel = kernels().numeric<T>().fill;
    enqueue("fill_", cost(loop.numel()), {}, {&x}, [loop, kernel, v, o = x.data<T>()] {
      runLoop(loop, [&](int64_t n, const int64_t* at) { kernel(n, v, o + at[0], loop.innerStride(0)); });
    });
  });
  return overwritten("fill_", x);
}

Tensor cat(Tensors tensors, int64_t dimension) {
  if (tensors.empty()) argumentError("cat: expected at least one tensor");
  const Tensor& first = tensors[0];
  if (first.dim() == 0) shapeError("cat: 0-d tensors cannot be concatenated; use stack");
  const int d = wrapDim("cat", dimension, first.dim());
  Dims shape = first.shape();
  DType dtype = first.dtype();
  for (size_t i = 1; i < tensors.size(); i++) {
    const Tensor& t = tensors[i];
    bool fits = t.dim() == first.dim();
    for (int k = 0; fits && k < t.dim(); k++) fits = k == d || t.size(k) == shape[k];
    if (!fits)
      shapeError("cat: tensor ", int64_t(i), " of shape ", toString(t.shape()), " does not fit shape ",
                 toString(first.shape()), " outside dimension ", d);
    shape[d] += t.size(d);
    dtype = promote(dtype, t.dtype());
  }
  Tensor out = makeTensor(shape, dtype);
  int64_t start = 0;
  std::vector<std::pair<int64_t, int64_t>> parts;
  for (Tensor& t : tensors) {
    t = to(t, dtype);
    Dims part = t.shape();
    copyStrided("cat", asStrided(out, part, out.strides(), start * out.strides()[d]), t);
    parts.emplace_back(start, t.size(d));
    start += t.size(d);
  }
  return record("cat", out, tensors, [d, parts](const Tensor& dy, Gradients& to) {
    for (size_t i = 0; i < parts.size(); i++)
      if (to.needs(static_cast<int>(i))) to.add(static_cast<int>(i), narrow(dy, d, parts[i].first, parts[i].second));
  });
}

Tensor stack(Tensors tensors, int64_t dimension) {
  if (tensors.empty()) argumentError("stack: expected at least one tensor");
  for (const Tensor& t : tensors)
    if (t.shape() != tensors[0].shape())
      shapeError("stack: all tensors must have the same shape, got ", toString(tensors[0].shape()), " and ",
                 toString(t.shape()));
  const int d = wrapDim("stack", dimension, tensors[0].dim() + 1);
  for (Tensor& t : tensors) t = unsqueeze(t, d);
  return cat(std::move(tensors), d);
}

Tensor indexSelect(Tensor x, int64_t dimension, Tensor index) {
  if (index.dim() > 1) shapeError("indexSelect: index must have one dimension, got shape ", toString(index.shape()));
  if (isFloating(index.dtype()) || index.dtype() == DType::boolean)
    dtypeError("indexSelect: index must be an integer tensor, got ", nameOf(index.dtype()));
  const int d = wrapDim("indexSelect", dimension, x.dim());
  if (x.dim() == 0) shapeError("indexSelect: a 0-d tensor has nothing to select from");
  const Tensor source = contiguous(x), at = indices(index);
  Dims shape = x.shape();
  shape[d] = at.numel();
  Tensor out = makeTensor(shape, x.dtype());
  int64_t outer = 1, inner = sizeOf(x.dtype());
  for (int k = 0; k < d; k++) outer *= x.size(k);
  for (int k = d + 1; k < x.dim(); k++) inner *= x.size(k);
  const int64_t size = x.size(d), n = at.numel();
  const auto check = [size](const int64_t* i, int64_t count) {
    for (int64_t k = 0; k < count; k++)
      if (i[k] < 0 || i[k] >= size)
        fail(ErrorKind::range, "indexSelect: index ", i[k], " is out of range for size ", size);
  };
  if (isMaterialised(at)) check(at.data<int64_t>(), n);
  enqueue(
      "indexSelect", cost(out.numel()), {&source, &at}, {&out},
      [=, i = at.data<int64_t>(), from = static_cast<const char*>(source.raw()), into = static_cast<char*>(out.raw())] {
        check(i, n);
        for (int64_t o = 0; o < outer; o++)
          for (int64_t k = 0; k < n; k++)
            std::memcpy(into + (o * n + k) * inner, from + (o * size + i[k]) * inner, static_cast<size_t>(inner));
      });
  if (!needsGrad({&x})) return out;
  return record("indexSelect", out, {x},
                [d, check, saved = Saved(at), xs = x.shape(), outer, size, n](const Tensor& dy, Gradients& to) {
                  const Tensor at = saved.get("indexSelect"), g = contiguous(dy);
                  Tensor dx = full(xs, 0, dy.dtype());
                  int64_t inner = 1;
                  for (int k = d + 1; k < xs.size(); k++) inner *= xs[k];
                  dispatchFloat("indexSelect", dy.dtype(), [&](auto zero) {
                    using T = decltype(zero);
                    enqueue("indexSelect", cost(g.numel()), {&at, &g}, {&dx},
                            [=, i = at.data<int64_t>(), from = g.data<T>(), into = dx.data<T>()] {
                              check(i, n);  // this gradient does not depend on what the forward task found
                              for (int64_t o = 0; o < outer; o++)
                                for (int64_t k = 0; k < n; k++)
                                  for (int64_t j = 0; j < inner; j++)
                                    into[(o * size + i[k]) * inner + j] += from[(o * n + k) * inner + j];
                            });
                  });
                  to.add(0, dx);
                });
}

}  // namespace cresset::ops

namespace cresset {

Tensor indices(const Tensor& x) {
  if (x.dtype() == DType::int64 || !x.isContiguous() || !isMaterialised(x))
    return ops::contiguous(ops::to(x, DType::int64));
  Tensor out = makeHostTensor(x.shape(), DType::int64);
  if (x.numel() > 0)
    kernels().bytes.convert(static_cast<int>(x.dtype()), static_cast<int>(out.dtype()), x.numel(), x.raw(), out.raw());
  return out;
}

}  // namespace cresset
