// Arithmetic and comparison of two spans.
#include <math.h>

#include "kernels/simd.h"
#include "kernels/table.h"

namespace cresset::ISA {
namespace {

// One loop for each pattern that vectorises: both vary, one is a scalar; any strides otherwise.
template <class T, class Out, class F> inline void map2(const BinaryRows& r, const T* a, const T* b, Out* out, F f) {
  const bool dense = r.out == 1 && r.a == 1 && r.b == 1, scalarB = r.out == 1 && r.a == 1 && r.b == 0,
             scalarA = r.out == 1 && r.a == 0 && r.b == 1;
  for (int64_t row = 0; row < r.rows; row++, a += r.rowA, b += r.rowB, out += r.rowOut) {
    if (dense) {
      INDEPENDENT for (int64_t i = 0; i < r.n; i++) out[i] = f(a[i], b[i]);
    } else if (scalarB) {
      const T y = *b;
      INDEPENDENT for (int64_t i = 0; i < r.n; i++) out[i] = f(a[i], y);
    } else if (scalarA) {
      const T x = *a;
      INDEPENDENT for (int64_t i = 0; i < r.n; i++) out[i] = f(x, b[i]);
    } else {
      for (int64_t i = 0; i < r.n; i++) out[i * r.out] = f(a[i * r.a], b[i * r.b]);
    }
  }
}

template <class T> struct Kind {
  static constexpr bool floating = false;
  typedef uint64_t Wrap;
};
template <> struct Kind<float> {
  static constexpr bool floating = true;
  typedef float Wrap;
};
template <> struct Kind<double> {
  static constexpr bool floating = true;
  typedef double Wrap;
};

// Integers wrap around, as in PyTorch.
template <class T> T wrapAdd(T a, T b) {
  return static_cast<T>(static_cast<typename Kind<T>::Wrap>(a) + static_cast<typename Kind<T>::Wrap>(b));
}
template <class T> T wrapSub(T a, T b) {
  return static_cast<T>(static_cast<typename Kind<T>::Wrap>(a) - static_cast<typename Kind<T>::Wrap>(b));
}
template <class T> T wrapMul(T a, T b) {
  return static_cast<T>(static_cast<typename Kind<T>::Wrap>(a) * static_cast<typename Kind<T>::Wrap>(b));
}

template <class T> T truncDiv(T a, T b) {
  if constexpr (Kind<T>::floating)
    return a / b;
  else
    return b == 0 ? T(0) : static_cast<T>(-1) < 0 && b == static_cast<T>(-1) ? wrapSub(T(0), a) : static_cast<T>(a / b);
}
template <class T> T floorDiv(T a, T b) {
  if constexpr (Kind<T>::floating) {
    if (b == 0) return a / b;
    const T rest = sizeof(T) == 4 ? static_cast<T>(fmodf(static_cast<float>(a), static_cast<float>(b)))
                                  : static_cast<T>(fmod(static_cast<double>(a), static_cast<double>(b)));
    T q = (a - rest) / b;
    if (rest != 0 && (b < 0) != (rest < 0)) q -= 1;
    if (q == 0) return static_cast<T>(__builtin_copysign(0.0, static_cast<double>(a) / static_cast<double>(b)));
    const T whole = static_cast<T>(__builtin_floor(static_cast<double>(q)));
    return q - whole > T(0.5) ? whole + 1 : whole;
  } else {
    const T q = truncDiv(a, b);
    return b != 0 && (a < 0) != (b < 0) && wrapMul(q, b) != a ? static_cast<T>(q - 1) : q;
  }
}
template <class T> T floorMod(T a, T b) {
  if constexpr (Kind<T>::floating) {
    const T rest = sizeof(T) == 4 ? static_cast<T>(fmodf(static_cast<float>(a), static_cast<float>(b)))
                                  : static_cast<T>(fmod(static_cast<double>(a), static_cast<double>(b)));
    return rest != 0 && (b < 0) != (rest < 0) ? rest + b : rest;
  } else {
    if (b == 0 || (static_cast<T>(-1) < 0 && b == static_cast<T>(-1))) return 0;
    const T rest = static_cast<T>(a % b);
    return rest != 0 && (b < 0) != (rest < 0) ? static_cast<T>(rest + b) : rest;
  }
}
template <class T> T power(T a, T b) {
  if constexpr (sizeof(T) == 4 && Kind<T>::floating)
    return powf(a, b);
  else if constexpr (Kind<T>::floating)
    return pow(a, b);
  else {
    if (b < 0) return a == 1 ? T(1) : a == static_cast<T>(-1) ? (b % 2 ? static_cast<T>(-1) : T(1)) : T(0);
    T result = 1;
    for (T base = a; b > 0; b = static_cast<T>(b / 2), base = wrapMul(base, base))
      if (b % 2) result = wrapMul(result, base);
    return result;
  }
}

#define BINARY(name, expression)                                                      \
  template <class T> void name(const BinaryRows& r, const T* a, const T* b, T* out) { \
    map2(r, a, b, out, [](T x, T y) { return static_cast<T>(expression); });          \
  }
BINARY(addRows, wrapAdd(x, y))
BINARY(sub, wrapSub(x, y))
BINARY(mul, wrapMul(x, y))
BINARY(div, truncDiv(x, y))
BINARY(floorDivide, floorDiv(x, y))
BINARY(remainder, floorMod(x, y))
BINARY(maximum, x > y || x != x ? x : y)
BINARY(minimum, x < y || x != x ? x : y)
BINARY(pow_, power(x, y))

template <class T> void add(int64_t n, const T* a, int64_t sa, const T* b, int64_t sb, T* out, int64_t so) {
  addRows({1, n, 0, sa, 0, sb, 0, so}, a, b, out);
}

#define COMPARE(name, operation)                                                            \
  template <class T> void name(const BinaryRows& r, const T* a, const T* b, uint8_t* out) { \
    map2(r, a, b, out, [](T x, T y) { return static_cast<uint8_t>(x operation y); });       \
  }
COMPARE(eq, ==)
COMPARE(ne, !=)
COMPARE(lt, <)
COMPARE(le, <=)
COMPARE(gt, >)
COMPARE(ge, >=)

template <class T> void addScaled(const BinaryRows& r, const T* a, const T* b, double scale, T* out) {
  if constexpr (Kind<T>::floating) {
    const T s = static_cast<T>(scale);
    map2(r, a, b, out, [s](T x, T y) { return x + s * y; });
  } else {
    const T s = static_cast<T>(static_cast<int64_t>(scale));
    map2(r, a, b, out, [s](T x, T y) { return wrapAdd(x, wrapMul(s, y)); });
  }
}

template <class T>
void where(int64_t n, const uint8_t* cond, int64_t sc, const T* a, int64_t sa, const T* b, int64_t sb, T* out,
           int64_t so) {
  for (int64_t i = 0; i < n; i++) out[i * so] = cond[i * sc] ? a[i * sa] : b[i * sb];
}

template <class T> void fillSpan(int64_t n, T value, T* out, int64_t so) {
  if (so == 1)
    for (int64_t i = 0; i < n; i++) out[i] = value;
  else
    for (int64_t i = 0; i < n; i++) out[i * so] = value;
}

template <class T> void arange(int64_t n, int64_t first, double start, double step, T* out) {
  for (int64_t i = 0; i < n; i++) {
    if constexpr (Kind<T>::floating)
      out[i] = static_cast<T>(start + static_cast<double>(first + i) * step);
    else
      out[i] = static_cast<T>(static_cast<int64_t>(start) + (first + i) * static_cast<int64_t>(step));
  }
}

template <class T> void add(NumericKernels<T>& k) {
  k.addRows = addRows<T>;
  k.add = add<T>;
  k.sub = sub<T>;
  k.mul = mul<T>;
  k.div = div<T>;
  k.floorDivide = floorDivide<T>;
  k.remainder = remainder<T>;
  k.maximum = maximum<T>;
  k.minimum = minimum<T>;
  k.pow = pow_<T>;
  k.addScaled = addScaled<T>;
  k.eq = eq<T>;
  k.ne = ne<T>;
  k.lt = lt<T>;
  k.le = le<T>;
  k.gt = gt<T>;
  k.ge = ge<T>;
  k.where = where<T>;
  k.fill = fillSpan<T>;
  k.arange = arange<T>;
}

}  // namespace

void addElementwise(Kernels& k) {
  add(k.f32n);
  add(k.f64n);
  add(k.i64n);
  add(k.i32n);
  add(k.u8n);
}

}  // namespace cresset::ISA
