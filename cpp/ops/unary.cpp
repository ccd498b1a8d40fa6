// Elementwise functions of one tensor: every row of unary.def.
#include <limits>
#include <string_view>
#include <tuple>
#include <utility>

#include "ops/ops.h"
#include "ops/strided.h"

namespace cresset::ops {
namespace {

enum Saves { none_, x, y };

// The tensor itself if its memory is one dense span, else a contiguous copy.
Tensor dense(const Tensor& t) { return t.isContiguous() || t.isChannelsLast() ? t : contiguous(t); }

// `t` in the memory order of `strides`.
Tensor withStrides(const Tensor& t, const Dims& strides) {
  bool same = true;
  for (int d = 0; d < t.dim(); d++) same &= t.size(d) == 1 || t.strides()[d] == strides[d];
  if (same) return t;
  Tensor out = makeTensor(t.shape(), strides, t.dtype());
  return copy_(out, t);
}

template <class T> using Forward = void (*)(int64_t, const T*, T*, double, double);
template <class T> using BackwardKernel = void (*)(int64_t, const T*, const T*, const T*, T*, double, double);

// Where the kernels of an op stand in the table, for each dtype.
template <class T> struct Place {
  Forward<T> FloatKernels<T>::* forward;
  BackwardKernel<T> FloatKernels<T>::* backward;
};
using Places = std::tuple<Place<float>, Place<double>>;

struct Unary {
  const char* op;
  Saves saves;
  double p, q;
  const Places* places;

  template <class T> Forward<T> forward() const { return kernels().floating<T>().*std::get<Place<T>>(*places).forward; }
  template <class T> BackwardKernel<T> backward() const {
    return kernels().floating<T>().*std::get<Place<T>>(*places).backward;
  }
};

using IntegerForm = Tensor (*)(const Tensor& t, const Unary& u);

// `t`, but at least p and at most q, of which an infinite one is no limit.
Tensor limited(const Tensor& t, const Unary& u) {
  Tensor out = t;
  if (u.p != -std::numeric_limits<double>::infinity()) out = maximum(out, scalar(u.p));
  return u.q != std::numeric_limits<double>::infinity() ? minimum(out, scalar(u.q)) : out;
}

// Exact forms of the ops under which integers stay integers; all others convert to float32.
constexpr std::pair<std::string_view, IntegerForm> kIntegerForms[] = {
    {"neg", [](const Tensor& t, const Unary&) { return mul(t, scalar(-1)); }},
    {"abs",
     [](const Tensor& t, const Unary&) {
       return t.dtype() == DType::uint8 || t.dtype() == DType::boolean ? clone(t) : maximum(t, mul(t, scalar(-1)));
     }},
    {"sign",
     [](const Tensor& t, const Unary&) {
       const Tensor negative = to(lt(t, scalar(0)), t.dtype()), positive = to(gt(t, scalar(0)), t.dtype());
       return t.dtype() == DType::boolean ? positive : sub(positive, negative, 1);
     }},
    {"square",
     [](const Tensor& t, const Unary&) {
       const Tensor number = t.dtype() == DType::boolean ? to(t, DType::int64) : t;
       return mul(number, number);
     }},
    {"relu", [](const Tensor& t, const Unary&) { return maximum(t, scalar(0)); }},
    {"clamp", limited},
    {"hardtanh", limited},
    {"floor", [](const Tensor& t, const Unary&) { return clone(t); }},
    {"ceil", [](const Tensor& t, const Unary&) { return clone(t); }},
    {"round", [](const Tensor& t, const Unary&) { return clone(t); }},
    {"trunc", [](const Tensor& t, const Unary&) { return clone(t); }},
};

// The row's name without the underscore of its in-place form.
IntegerForm integerForm(std::string_view op) {
  if (op.ends_with('_')) op.remove_suffix(1);
  for (const auto& [name, form] : kIntegerForms)
    if (name == op) return form;
  return nullptr;
}

// Runs y = f(x) over one span; `out` may be x.
void run(const Unary& u, const Tensor& out, const Tensor& in) {
  dispatchFloat(u.op, in.dtype(), [&](auto zero) {
    using T = decltype(zero);
    const Forward<T> kernel = u.forward<T>();
    enqueue(u.op, 200 + 2.0 * static_cast<double>(in.numel()), {&in}, {&out},
            [kernel, n = in.numel(), p = u.p, q = u.q, a = in.data<T>(), o = out.data<T>()] {
              parallelSpans(n, kGrain / 4,
                            [&](int64_t begin, int64_t end) { kernel(end - begin, a + begin, o + begin, p, q); });
            });
  });
}

Backward backwardOf(const Unary& u, const Saved& kept, const Dims& strides) {
  return [u, kept, strides](const Tensor& gradient, Gradients& to) {
    const Tensor dy = withStrides(gradient, strides);
    const Tensor saved = kept.defined() ? kept.get(u.op) : dy;
    Tensor dx = makeTensor(dy.shape(), strides, dy.dtype());
    dispatchFloat(u.op, dy.dtype(), [&](auto zero) {
      using T = decltype(zero);
      const BackwardKernel<T> kernel = u.backward<T>();
      enqueue(u.op, 200 + 2.0 * static_cast<double>(dy.numel()), {&saved, &dy}, {&dx},
              [kernel, n = dy.numel(), p = u.p, q = u.q, s = saved.data<T>(), g = dy.data<T>(), o = dx.data<T>()] {
                parallelSpans(n, kGrain / 4, [&](int64_t begin, int64_t end) {
                  kernel(end - begin, s + begin, s + begin, g + begin, o + begin, p, q);
                });
              });
    });
    to.add(0, dx);
  };
}

Tensor apply(const Unary& u, const Tensor& input) {
  if (!isFloating(input.dtype())) {
    const IntegerForm form = integerForm(u.op);
    return form ? form(input, u) : apply(u, to(input, DType::float32));
  }
  const Tensor in = dense(input);
  Tensor out = makeTensor(in.shape(), in.strides(), in.dtype());
  run(u, out, in);
  if (!needsGrad({&in})) return out;
  const Saved kept = u.saves == x ? Saved(in) : u.saves == y ? Saved(out) : Saved();
  return record(u.op, out, {in}, backwardOf(u, kept, in.strides()));
}

Tensor applyInPlace(const Unary& u, const Tensor& t) {
  if (!isComputeFloat(t.dtype())) {
    NoGrad off;
    const Tensor result = apply(u, t);
    if (!isFloating(t.dtype()) && result.dtype() != t.dtype())
      dtypeError(u.op, ": the result of dtype ", nameOf(result.dtype()), " cannot be stored in a tensor of dtype ",
                 nameOf(t.dtype()));
    return copy_(t, result);
  }
  beforeInPlace(u.op, t);
  // A tensor of other strides is worked on in a dense copy, which also serves backward.
  const bool inPlace = t.isContiguous() || t.isChannelsLast();
  const bool grad = needsGrad({&t});
  const Tensor in = dense(t);
  const Tensor before = u.saves == x && grad ? clone(in) : Tensor();
  run(u, in, in);
  if (!inPlace) {
    NoGrad off;
    copy_(t, in);
  }
  if (!grad) return t;
  const Saved kept = u.saves == x ? Saved(before) : u.saves == y ? Saved(in) : Saved();
  return recordInPlace(u.op, t, {t}, backwardOf(u, kept, in.strides()));
}

#define UNARY_KERNEL(name)                                                                                         \
  constexpr Places name##Places = {Place<float>{&FloatKernels<float>::name, &FloatKernels<float>::name##Backward}, \
                                   Place<double>{&FloatKernels<double>::name, &FloatKernels<double>::name##Backward}};
#define UNARY(name, saves, f, dx) UNARY_KERNEL(name)
#define UNARY1(name, p, saves, f, dx) UNARY_KERNEL(name)
#define UNARY2(name, p, q, saves, f, dx) UNARY_KERNEL(name)
#include "kernels/unary.def"
#undef UNARY
#undef UNARY1
#undef UNARY2

}  // namespace

#define none none_
#define UNARY(name, saves, f, dx) \
  Tensor name(Tensor t) { return apply({#name, saves, 0, 0, &name##Places}, t); }
#define UNARY1(name, p1, saves, f, dx) \
  Tensor name(Tensor t, double p) { return apply({#name, saves, p, 0, &name##Places}, t); }
#define UNARY2(name, p1, p2, saves, f, dx) \
  Tensor name(Tensor t, double p, double q) { return apply({#name, saves, p, q, &name##Places}, t); }
#include "kernels/unary.def"
#undef UNARY
#undef UNARY1
#undef UNARY2
#undef none

Tensor relu_(Tensor t) { return applyInPlace({"relu_", y, 0, 0, &reluPlaces}, t); }
Tensor sigmoid_(Tensor t) { return applyInPlace({"sigmoid_", y, 0, 0, &sigmoidPlaces}, t); }
Tensor tanh_(Tensor t) { return applyInPlace({"tanh_", y, 0, 0, &tanhPlaces}, t); }
Tensor clamp_(Tensor t, double min, double max) { return applyInPlace({"clamp_", x, min, max, &clampPlaces}, t); }
Tensor silu_(Tensor t) { return applyInPlace({"silu_", x, 0, 0, &siluPlaces}, t); }
Tensor hardsigmoid_(Tensor t) { return applyInPlace({"hardsigmoid_", x, 0, 0, &hardsigmoidPlaces}, t); }
Tensor hardswish_(Tensor t) { return applyInPlace({"hardswish_", x, 0, 0, &hardswishPlaces}, t); }
Tensor hardtanh_(Tensor t, double low, double high) {
  return applyInPlace({"hardtanh_", x, low, high, &hardtanhPlaces}, t);
}

}  // namespace cresset::ops
