// Arithmetic and comparison of two broadcast operands, their in-place forms, and selection.
#include <cmath>
#include <tuple>

#include "ops/ops.h"
#include "ops/strided.h"

namespace cresset::ops {
namespace {

// Type promotion as in PyTorch: tensors with dimensions count most, then 0-d tensors, then numbers.
struct ResultType {
  bool has[3] = {};
  DType type[3] = {};

  void see(const Tensor& t) {
    const int level = t.impl()->wrappedNumber ? 2 : t.dim() == 0 ? 1 : 0;
    const DType dtype = level == 2 && isFloating(t.dtype()) ? DType::float32 : t.dtype();
    type[level] = has[level] ? promote(type[level], dtype) : dtype;
    has[level] = true;
  }
  DType get() const {
    const bool rest = has[1] || has[2];
    const DType lower = has[1] && has[2] ? combine(type[1], type[2]) : has[1] ? type[1] : type[2];
    return !has[0] ? lower : rest ? combine(type[0], lower) : type[0];
  }
  static DType combine(DType higher, DType lower) {
    if (isFloating(higher)) return higher;
    return higher == DType::boolean || isFloating(lower) ? promote(higher, lower) : higher;
  }
};

DType resultType(const Tensor& x, const Tensor& y) {
  ResultType r;
  r.see(x);
  r.see(y);
  return r.get();
}

// The operand in `dtype`; a number is converted here and now, a tensor by the stream.
Tensor operand(const Tensor& t, DType dtype) {
  if (t.dtype() == dtype || !t.impl()->wrappedNumber) return to(t, dtype);
  const double value = t.dtype() == DType::int64 ? static_cast<double>(*t.data<int64_t>()) : *t.data<double>();
  Tensor out = makeHostTensor({}, dtype);
  dispatchNumeric("operand", dtype,
                  [&](auto zero) { *out.data<decltype(zero)>() = static_cast<decltype(zero)>(value); });
  if (dtype == DType::boolean) *out.data<uint8_t>() = value != 0;
  return out;
}

// What kernels of two operands take; operand 0 of the loop is the result.
BinaryRows rowsOf(const StridedLoop& l, int64_t rows, int64_t n) {
  return {
      rows, n, l.rowStride(1), l.innerStride(1), l.rowStride(2), l.innerStride(2), l.rowStride(0), l.innerStride(0)};
}

template <class T> using Arithmetic = void (*)(const BinaryRows&, const T*, const T*, T*);
template <class T> using Comparison = void (*)(const BinaryRows&, const T*, const T*, uint8_t*);

// Where a kernel stands in the table, for each dtype.
template <template <class> class Kernel>
using Places = std::tuple<Kernel<float> NumericKernels<float>::*, Kernel<double> NumericKernels<double>::*,
                          Kernel<int64_t> NumericKernels<int64_t>::*, Kernel<int32_t> NumericKernels<int32_t>::*,
                          Kernel<uint8_t> NumericKernels<uint8_t>::*>;

#define PLACES(name)                                                                            \
  {&NumericKernels<float>::name, &NumericKernels<double>::name, &NumericKernels<int64_t>::name, \
   &NumericKernels<int32_t>::name, &NumericKernels<uint8_t>::name}

template <template <class> class Kernel, class T> struct ResultOf;
template <class T> struct ResultOf<Arithmetic, T> {
  using Type = T;
};
template <class T> struct ResultOf<Comparison, T> {
  using Type = uint8_t;
};

template <template <class> class Kernel>
void launch(const char* op, const Tensor& out, const Tensor& x, const Tensor& y, const Places<Kernel>& places) {
  const StridedLoop loop = makeLoop(out.shape(), {&out, &x, &y});
  dispatchNumeric(op, x.dtype(), [&](auto zero) {
    using T = decltype(zero);
    using Result = typename ResultOf<Kernel, T>::Type;
    const Kernel<T> kernel = kernels().numeric<T>().*std::get<Kernel<T> NumericKernels<T>::*>(places);
    enqueue(op, cost(loop.numel()), {&x, &y}, {&out},
            [loop, kernel, a = x.data<T>(), b = y.data<T>(), o = out.data<Result>()] {
              runRows(loop, [&](int64_t rows, int64_t n, const int64_t* at) {
                kernel(rowsOf(loop, rows, n), a + at[1], b + at[2], o + at[0]);
              });
            });
  });
}

Tensor compare(const char* op, const Tensor& x, const Tensor& y, const Places<Comparison>& places) {
  const DType dtype = resultType(x, y);
  const Tensor a = operand(x, dtype), b = operand(y, dtype);
  const Dims shape = broadcast(op, a.shape(), b.shape());
  Tensor out = makeTensor(shape, resultStrides(shape, {&a, &b}), DType::boolean);
  launch<Comparison>(op, out, a, b, places);
  return out;
}

// The two operands in their common dtype; conversions are recorded.
struct Operands {
  Tensor x, y;
  Operands(const Tensor& a, const Tensor& b, DType dtype) : x(operand(a, dtype)), y(operand(b, dtype)) {}
};

Tensor arithmetic(const char* op, const Tensor& x, const Tensor& y, const Places<Arithmetic>& places) {
  const Dims shape = broadcast(op, x.shape(), y.shape());
  Tensor out = makeTensor(shape, resultStrides(shape, {&x, &y}), x.dtype());
  launch<Arithmetic>(op, out, x, y, places);
  return out;
}

Tensor addScaled(const char* op, const Tensor& out, const Tensor& x, const Tensor& y, double alpha) {
  const StridedLoop loop = makeLoop(out.shape(), {&out, &x, &y});
  dispatchNumeric(op, x.dtype(), [&](auto zero) {
    using T = decltype(zero);
    auto* kernel = kernels().numeric<T>().addScaled;
    enqueue(op, cost(loop.numel()), {&x, &y}, {&out},
            [loop, kernel, alpha, a = x.data<T>(), b = y.data<T>(), o = out.data<T>()] {
              runRows(loop, [&](int64_t rows, int64_t n, const int64_t* at) {
                kernel(rowsOf(loop, rows, n), a + at[1], b + at[2], alpha, o + at[0]);
              });
            });
  });
  return out;
}

// out = x + alpha * y, into `out`.
void addInto(const char* op, const Tensor& out, const Tensor& x, const Tensor& y, double alpha) {
  if (!isFloating(x.dtype()) && alpha != std::floor(alpha))
    argumentError(op, ": alpha must be an integer for ", nameOf(x.dtype()), " tensors, got ", alpha);
  if (x.dtype() == DType::boolean)
    launch<Arithmetic>(op, out, x, alpha == 0 ? x : y, PLACES(maximum));
  else if (alpha == 1)
    launch<Arithmetic>(op, out, x, y, PLACES(addRows));
  else if (alpha == -1)
    launch<Arithmetic>(op, out, x, y, PLACES(sub));
  else
    addScaled(op, out, x, y, alpha);
}

Backward addBackward(const Tensor& x, const Tensor& y, double alpha) {
  if (x.shape() == y.shape())  // small enough to be kept without an allocation
    return [alpha](const Tensor& dy, Gradients& to) {
      if (to.needs(0)) to.add(0, dy);
      if (to.needs(1)) to.add(1, alpha == 1 ? dy : mul(dy, scalar(alpha)));
    };
  return [xs = x.shape(), ys = y.shape(), alpha](const Tensor& dy, Gradients& to) {
    if (to.needs(0)) to.add(0, sumTo(dy, xs));
    if (to.needs(1)) to.add(1, sumTo(alpha == 1 ? dy : mul(dy, scalar(alpha)), ys));
  };
}

Tensor addOp(const char* op, const Tensor& a, const Tensor& b, double alpha) {
  const auto [x, y] = Operands(a, b, resultType(a, b));
  const Dims shape = broadcast(op, x.shape(), y.shape());
  Tensor out = makeTensor(shape, resultStrides(shape, {&x, &y}), x.dtype());
  addInto(op, out, x, y, alpha);
  if (!needsGrad({&x, &y})) return out;
  return record(op, out, {x, y}, addBackward(x, y, alpha));
}

// The shape and dtype rules of in-place arithmetic: the result must fit into x.
Tensor inPlaceOperand(const char* op, const Tensor& x, const Tensor& y) {
  if (broadcast(op, x.shape(), y.shape()) != x.shape())
    shapeError(op, ": the result has shape ", toString(broadcast(op, x.shape(), y.shape())),
               " but the tensor changed in place has shape ", toString(x.shape()));
  const DType result = resultType(x, y);
  const bool fits =
      isFloating(x.dtype()) || (!isFloating(result) && (x.dtype() != DType::boolean || result == x.dtype()));
  if (!fits)
    dtypeError(op, ": the result of dtype ", nameOf(result), " cannot be stored in a tensor of dtype ",
               nameOf(x.dtype()));
  Tensor other = operand(y, x.dtype());
  // An operand that overlaps the target in another arrangement, or that backward will ask for, is kept as it was.
  const bool same =
      other.shape() == x.shape() && other.strides() == x.strides() && other.impl()->offset == x.impl()->offset;
  if (other.impl()->storage == x.impl()->storage && (!same || needsGrad({&x, &other}))) other = clone(other);
  return other;
}

Tensor addInPlace(const char* op, Tensor x, const Tensor& b, double alpha) {
  const Tensor y = inPlaceOperand(op, x, b);
  beforeInPlace(op, x);
  addInto(op, x, x, y, alpha);
  if (!needsGrad({&x, &y})) return x;
  return recordInPlace(op, x, {x, y}, addBackward(x, y, alpha));
}

}  // namespace

static void checkSubtraction(const char* op, const Tensor& x, const Tensor& y) {
  if (x.dtype() == DType::boolean || y.dtype() == DType::boolean)
    dtypeError(op, ": bool tensors cannot be subtracted, got ", nameOf(x.dtype()), " and ", nameOf(y.dtype()),
               "; use ne");
}

Tensor add(Tensor x, Tensor y, double alpha) { return addOp("add", x, y, alpha); }
Tensor sub(Tensor x, Tensor y, double alpha) {
  checkSubtraction("sub", x, y);
  return addOp("sub", x, y, -alpha);
}
Tensor add_(Tensor x, Tensor y, double alpha) { return addInPlace("add_", x, y, alpha); }
Tensor sub_(Tensor x, Tensor y, double alpha) {
  checkSubtraction("sub_", x, y);
  return addInPlace("sub_", x, y, -alpha);
}

static void mulInto(const char* op, const Tensor& out, const Tensor& x, const Tensor& y) {
  if (x.dtype() == DType::boolean)
    launch<Arithmetic>(op, out, x, y, PLACES(minimum));
  else
    launch<Arithmetic>(op, out, x, y, PLACES(mul));
}

static Backward mulBackward(const Tensor& x, const Tensor& y, const Saved& sx, const Saved& sy) {
  return [sx, sy, xs = x.shape(), ys = y.shape()](const Tensor& dy, Gradients& to) {
    if (to.needs(0)) to.add(0, sumTo(mul(dy, sy.get("mul")), xs));
    if (to.needs(1)) to.add(1, sumTo(mul(dy, sx.get("mul")), ys));
  };
}

// Each operand is kept only if the other one needs a gradient.
static Saved keepIf(bool needed, const Tensor& x) { return needed ? Saved(x) : Saved(); }

Tensor mul(Tensor a, Tensor b) {
  const auto [x, y] = Operands(a, b, resultType(a, b));
  const Dims shape = broadcast("mul", x.shape(), y.shape());
  Tensor out = makeTensor(shape, resultStrides(shape, {&x, &y}), x.dtype());
  mulInto("mul", out, x, y);
  if (!needsGrad({&x, &y})) return out;
  return record("mul", out, {x, y}, mulBackward(x, y, keepIf(y.requiresGrad(), x), keepIf(x.requiresGrad(), y)));
}

Tensor mul_(Tensor x, Tensor b) {
  const Tensor y = inPlaceOperand("mul_", x, b);
  const bool recorded = needsGrad({&x, &y});
  const Tensor before = recorded && y.requiresGrad() ? clone(x) : Tensor();
  beforeInPlace("mul_", x);
  mulInto("mul_", x, x, y);
  if (!recorded) return x;
  return recordInPlace("mul_", x, {x, y},
                       mulBackward(x, y, before.defined() ? Saved(before) : Saved(), keepIf(x.requiresGrad(), y)));
}

static Backward divBackward(const Tensor& x, const Tensor& y, const Saved& sy, const Saved& sq) {
  return [sy, sq, xs = x.shape(), ys = y.shape()](const Tensor& dy, Gradients& to) {
    const Tensor y = sy.get("div");
    if (to.needs(0)) to.add(0, sumTo(div(dy, y), xs));
    if (to.needs(1)) to.add(1, sumTo(neg(mul(dy, div(sq.get("div"), y))), ys));
  };
}

Tensor div(Tensor a, Tensor b) {
  const DType type = resultType(a, b);
  const auto [x, y] = Operands(a, b, isFloating(type) ? type : DType::float32);
  Tensor out = arithmetic("div", x, y, PLACES(div));
  if (!needsGrad({&x, &y})) return out;
  return record("div", out, {x, y}, divBackward(x, y, Saved(y), keepIf(y.requiresGrad(), out)));
}

Tensor div_(Tensor x, Tensor b) {
  if (!isFloating(x.dtype()))
    dtypeError("div_: the result of dtype float32 cannot be stored in a tensor of dtype ", nameOf(x.dtype()));
  const Tensor y = inPlaceOperand("div_", x, b);
  beforeInPlace("div_", x);
  launch<Arithmetic>("div_", x, x, y, PLACES(div));
  if (!needsGrad({&x, &y})) return x;
  // The quotient is kept as a copy: x may be overwritten again.
  const Tensor quotient = y.requiresGrad() ? clone(x) : Tensor();
  return recordInPlace("div_", x, {x, y}, divBackward(x, y, Saved(y), quotient.defined() ? Saved(quotient) : Saved()));
}

Tensor floorDivide(Tensor a, Tensor b) {
  const auto [x, y] = Operands(a, b, resultType(a, b));
  return notDifferentiable("floorDivide", arithmetic("floorDivide", x, y, PLACES(floorDivide)), {x, y});
}

Tensor remainder(Tensor a, Tensor b) {
  const auto [x, y] = Operands(a, b, resultType(a, b));
  Tensor out = arithmetic("remainder", x, y, PLACES(remainder));
  if (!needsGrad({&x, &y})) return out;
  return record("remainder", out, {x, y}, [sx = Saved(x), sy = Saved(y)](const Tensor& dy, Gradients& to) {
    const Tensor x = sx.get("remainder"), y = sy.get("remainder");
    if (to.needs(0)) to.add(0, sumTo(dy, x.shape()));
    if (to.needs(1)) to.add(1, sumTo(neg(mul(dy, floorDivide(x, y))), y.shape()));
  });
}

Tensor pow(Tensor a, Tensor b) {
  const DType type = resultType(a, b);
  if (type == DType::boolean) dtypeError("pow: bool to the power of bool is not defined; convert to int64 first");
  if (b.impl()->wrappedNumber && !isFloating(type) && *b.data<int64_t>() < 0)
    argumentError("pow: integers cannot be raised to the negative power ", *b.data<int64_t>(),
                  "; convert to float32 first");
  const auto [x, y] = Operands(a, b, type);
  Tensor out = arithmetic("pow", x, y, PLACES(pow));
  if (!needsGrad({&x, &y})) return out;
  return record("pow", out, {x, y}, [sx = Saved(x), sy = Saved(y), so = Saved(out)](const Tensor& dy, Gradients& to) {
    const Tensor x = sx.get("pow"), y = sy.get("pow"), zero = scalar(0);
    if (to.needs(0))
      to.add(0, sumTo(mul(dy, where(eq(y, zero), zero, mul(y, pow(x, sub(y, scalar(1), 1))))), x.shape()));
    if (to.needs(1)) {
      const Tensor flat = minimum(eq(x, zero), ge(y, zero));  // 0 ** y is constant there
      to.add(1, sumTo(mul(dy, where(flat, zero, mul(so.get("pow"), log(x)))), y.shape()));
    }
  });
}

// The larger (smaller) operand gets the gradient; equal ones share it.
static Tensor extremum(const char* op, const Tensor& a, const Tensor& b, const Places<Arithmetic>& places,
                       Tensor (*wins)(Tensor, Tensor)) {
  const auto [x, y] = Operands(a, b, resultType(a, b));
  Tensor out = arithmetic(op, x, y, places);
  if (!needsGrad({&x, &y})) return out;
  return record(op, out, {x, y}, [op, wins, sx = Saved(x), sy = Saved(y)](const Tensor& dy, Gradients& to) {
    const Tensor x = sx.get(op), y = sy.get(op);
    const Tensor tie = mul(ops::to(eq(x, y), dy.dtype()), scalar(0.5));
    if (to.needs(0)) to.add(0, sumTo(mul(dy, add(tie, ops::to(wins(x, y), dy.dtype()), 1)), x.shape()));
    if (to.needs(1)) to.add(1, sumTo(mul(dy, add(tie, ops::to(wins(y, x), dy.dtype()), 1)), y.shape()));
  });
}

Tensor maximum(Tensor x, Tensor y) { return extremum("maximum", x, y, PLACES(maximum), gt); }
Tensor minimum(Tensor x, Tensor y) { return extremum("minimum", x, y, PLACES(minimum), lt); }

Tensor eq(Tensor x, Tensor y) { return compare("eq", x, y, PLACES(eq)); }
Tensor ne(Tensor x, Tensor y) { return compare("ne", x, y, PLACES(ne)); }
Tensor lt(Tensor x, Tensor y) { return compare("lt", x, y, PLACES(lt)); }
Tensor le(Tensor x, Tensor y) { return compare("le", x, y, PLACES(le)); }
Tensor gt(Tensor x, Tensor y) { return compare("gt", x, y, PLACES(gt)); }
Tensor ge(Tensor x, Tensor y) { return compare("ge", x, y, PLACES(ge)); }

Tensor where(Tensor condition, Tensor a, Tensor b) {
  if (condition.dtype() != DType::boolean && condition.dtype() != DType::uint8)
    dtypeError("where: condition must be bool, got ", nameOf(condition.dtype()));
  const Operands operands(a, b, resultType(a, b));
  const Tensor &x = operands.x, &y = operands.y;
  const Dims shape = broadcast("where", condition.shape(), broadcast("where", x.shape(), y.shape()));
  Tensor out = makeTensor(shape, resultStrides(shape, {&x, &y}), x.dtype());
  const StridedLoop loop = makeLoop(shape, {&out, &x, &y, &condition});
  dispatchNumeric("where", x.dtype(), [&](auto zero) {
    using T = decltype(zero);
    auto* kernel = kernels().numeric<T>().where;
    enqueue("where", cost(loop.numel()), {&condition, &x, &y}, {&out},
            [loop, kernel, c = condition.data<uint8_t>(), a = x.data<T>(), b = y.data<T>(), o = out.data<T>()] {
              runLoop(loop, [&](int64_t n, const int64_t* at) {
                kernel(n, c + at[3], loop.innerStride(3), a + at[1], loop.innerStride(1), b + at[2],
                       loop.innerStride(2), o + at[0], loop.innerStride(0));
              });
            });
  });
  if (!needsGrad({&x, &y})) return out;
  return record("where", out, {x, y},
                [sc = Saved(condition), xs = x.shape(), ys = y.shape()](const Tensor& dy, Gradients& to) {
                  if (to.needs(0)) to.add(0, sumTo(where(sc.get("where"), dy, scalar(0)), xs));
                  if (to.needs(1)) to.add(1, sumTo(where(sc.get("where"), scalar(0), dy), ys));
                });
}

}  // namespace cresset::ops
