// Random numbers, drawn on the stream in the order of the calls. They fall in the order of the tensor's memory, as in
// PyTorch's loops; in the logical order where the library chose the memory order.
#include <algorithm>
#include <cmath>

#include "ops/common.h"
#include "ops/ops.h"

namespace cresset {

// PyTorch sorts so: a dimension without a stride (an expanded one) compares equal to every other.
Dims loopOrder(const Tensor& x) {
  Dims order;
  for (int d = 0; d < x.dim(); d++) order.push(d);
  if (x.isContiguous() || x.impl()->storage->channelsLast) return order;
  auto swaps = [&](int64_t a, int64_t b) {
    const int64_t s = x.strides()[static_cast<int>(a)], t = x.strides()[static_cast<int>(b)];
    if (s == 0 || t == 0) return 0;
    if (s != t) return s > t ? 1 : -1;
    return x.size(static_cast<int>(a)) > x.size(static_cast<int>(b)) ? 1 : 0;
  };
  for (int i = x.dim() - 2; i >= 0; i--)
    for (int at = i, next = i + 1; next < x.dim(); next++) {
      const int step = swaps(order[next], order[at]);
      if (step < 0) break;
      if (step > 0) std::swap(order[next], order[at]), at = next;
    }
  return order;
}

namespace ops {
namespace {

// x with its dimensions in the order in which numbers are drawn.
Tensor inLoopOrder(const Tensor& x) {
  Dims shape, strides;
  for (int64_t d : loopOrder(x)) {
    shape.push(x.size(static_cast<int>(d)));
    strides.push(x.strides()[static_cast<int>(d)]);
  }
  return asStrided(x, shape, strides, x.impl()->offset);
}

// Draws through `draw(generator, T*, n)` into a contiguous tensor, then into x if that lies otherwise.
template <class Draw> Tensor drawInto(const char* op, const Tensor& x, Draw draw) {
  const Tensor target = inLoopOrder(x), out = target.isContiguous() ? target : makeTensor(target.shape(), x.dtype());
  dispatchFloat(op, x.dtype(), [&](auto zero) {
    using T = decltype(zero);
    enqueue(op, 4.0 * static_cast<double>(x.numel()), {}, {&out},
            [draw, g = &context().generator, n = out.numel(), o = out.data<T>()] { draw(*g, o, n); });
  });
  if (out.impl() != target.impl()) {
    NoGrad off;
    copy_(target, out);
  }
  return overwritten(op, x);
}

Tensor drawUniform(const char* op, const Tensor& x, double from, double to) {
  return drawInto(op, x, [from, to](Generator& g, auto* out, int64_t n) { fillUniform(g, n, out, from, to); });
}

Tensor drawNormal(const char* op, const Tensor& x, double mean, double std) {
  const bool blocks = x.isContiguous() || x.impl()->storage->channelsLast;
  return drawInto(op, x, [mean, std, blocks](Generator& g, auto* out, int64_t n) {
    blocks ? fillNormal(g, n, out, mean, std) : fillNormalSingly(g, n, out, mean, std);
  });
}

void checkStd(const char* op, double std) {
  if (!(std >= 0)) argumentError(op, ": std must not be negative, got ", std);
}

void checkProbability(const char* op, double p) {
  if (!(p >= 0 && p <= 1)) argumentError(op, ": p must be between 0 and 1, got ", p);
}

}  // namespace

Tensor rand(Dims shape, DType dtype) { return drawUniform("rand", makeTensor(shape, dtype), 0, 1); }
Tensor randn(Dims shape, DType dtype) { return drawNormal("randn", makeTensor(shape, dtype), 0, 1); }

Tensor uniform_(Tensor x, double from, double to) {
  if (!(from <= to)) argumentError("uniform_: from must not be above to, got ", from, " and ", to);
  beforeInPlace("uniform_", x);
  return drawUniform("uniform_", x, from, to);
}

Tensor normal_(Tensor x, double mean, double std) {
  checkStd("normal_", std);
  beforeInPlace("normal_", x);
  return drawNormal("normal_", x, mean, std);
}

Tensor bernoulli_(Tensor x, double p) {
  checkProbability("bernoulli_", p);
  beforeInPlace("bernoulli_", x);
  return drawInto("bernoulli_", x, [p](Generator& g, auto* out, int64_t n) {
    for (int64_t i = 0; i < n; i++) out[i] = g.uniformDouble() < p;
  });
}

Tensor bernoulli(Tensor p) {
  const Tensor probabilities = contiguous(p);
  Tensor out = makeTensor(p.shape(), p.dtype());
  dispatchFloat("bernoulli", p.dtype(), [&](auto zero) {
    using T = decltype(zero);
    const T* q = probabilities.data<T>();
    const int64_t n = p.numel();
    const auto check = [q, n] {
      for (int64_t i = 0; i < n; i++) checkProbability("bernoulli", static_cast<double>(q[i]));
    };
    if (isMaterialised(probabilities)) check();
    enqueue("bernoulli", 4.0 * static_cast<double>(n), {&probabilities}, {&out},
            [check, q, n, g = &context().generator, o = out.data<T>()] {
              check();
              for (int64_t i = 0; i < n; i++)
                o[i] = (sizeof(T) == 4 ? static_cast<double>(g->uniformFloat()) : g->uniformDouble()) <
                       static_cast<double>(q[i]);
            });
  });
  return notDifferentiable("bernoulli", out, {p});
}

Tensor randint(int64_t low, int64_t high, Dims shape, DType dtype) {
  if (low >= high) argumentError("randint: low must be below high, got ", low, " and ", high);
  Tensor out = makeTensor(shape, DType::int64);
  enqueue("randint", 2.0 * static_cast<double>(out.numel()), {}, {&out},
          [=, g = &context().generator, n = out.numel(), o = out.data<int64_t>()] {
            fillIntegers(*g, n, o, low, static_cast<uint64_t>(high) - static_cast<uint64_t>(low));
          });
  return to(out, dtype);
}

Tensor randperm(int64_t n, DType dtype) {
  if (n < 0) argumentError("randperm: n must not be negative, got ", n);
  Tensor out = makeTensor({n}, DType::int64);
  enqueue("randperm", 4.0 * static_cast<double>(n), {}, {&out},
          [=, g = &context().generator, o = out.data<int64_t>()] { fillPermutation(*g, n, o); });
  return to(out, dtype);
}

}  // namespace ops
}  // namespace cresset
