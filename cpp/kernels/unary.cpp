// Elementwise functions of one span: every row of unary.def, forward and backward.
#include <math.h>

#include "kernels/simd.h"
#include "kernels/table.h"

namespace cresset::ISA {
namespace {

// The rows' expressions call these by their plain names, for float and double alike.
#define MATH(name)                                       \
  inline float name##_(float x) { return ::name##f(x); } \
  inline double name##_(double x) { return ::name(x); }
// clang-format off
MATH(exp)
MATH(expm1)
MATH(log)
MATH(log1p)
MATH(log2)
MATH(log10)
MATH(sin)
MATH(cos)
MATH(tan)
MATH(tanh)
MATH(erf)
// clang-format on
#undef MATH

template <class T> struct Fn {
  static T exp(T x) { return exp_(x); }
  static T expm1(T x) { return expm1_(x); }
  static T log(T x) { return log_(x); }
  static T log1p(T x) { return log1p_(x); }
  static T log2(T x) { return log2_(x); }
  static T log10(T x) { return log10_(x); }
  static T sin(T x) { return sin_(x); }
  static T cos(T x) { return cos_(x); }
  static T tan(T x) { return tan_(x); }
  static T tanh(T x) { return tanh_(x); }
  static T erf(T x) { return erf_(x); }
  static T abs(T x) {
    return sizeof(T) == 4 ? static_cast<T>(__builtin_fabsf(static_cast<float>(x)))
                          : static_cast<T>(__builtin_fabs(static_cast<double>(x)));
  }
  static T sqrt(T x) {
    return sizeof(T) == 4 ? static_cast<T>(__builtin_sqrtf(static_cast<float>(x)))
                          : static_cast<T>(__builtin_sqrt(static_cast<double>(x)));
  }
  static T floor(T x) { return static_cast<T>(__builtin_floor(static_cast<double>(x))); }
  static T ceil(T x) { return static_cast<T>(__builtin_ceil(static_cast<double>(x))); }
  static T round(T x) { return static_cast<T>(__builtin_rint(static_cast<double>(x))); }
  static T trunc(T x) { return static_cast<T>(__builtin_trunc(static_cast<double>(x))); }
  static T sign(T x) { return static_cast<T>((x > 0) - (x < 0)); }
  static T sigmoid(T x) { return T(1) / (T(1) + exp_(-x)); }
  static T clamp(T x, T low, T high) { return x != x ? x : x < low ? low : x > high ? high : x; }
  static T select(bool c, T a, T b) { return c ? a : b; }
  static T powScalar(T x, double p) {
    if (p == 2) return x * x;
    if (p == 1) return x;
    if (p == 0) return 1;
    if (p == 3) return x * x * x;
    if (p == 0.5) return sqrt(x);
    if (p == -1) return T(1) / x;
    return sizeof(T) == 4 ? static_cast<T>(::powf(static_cast<float>(x), static_cast<float>(p)))
                          : static_cast<T>(::pow(static_cast<double>(x), p));
  }
};

#define UNARY_BODY(op, f, df)                                                                                    \
  template <class T> struct op##Op : Fn<T> {                                                                     \
    using Fn<T>::exp, Fn<T>::expm1, Fn<T>::log, Fn<T>::log1p, Fn<T>::log2, Fn<T>::log10, Fn<T>::sin, Fn<T>::cos; \
    using Fn<T>::tan, Fn<T>::tanh, Fn<T>::erf, Fn<T>::abs, Fn<T>::sqrt, Fn<T>::floor, Fn<T>::ceil, Fn<T>::round; \
    using Fn<T>::trunc, Fn<T>::sign, Fn<T>::sigmoid, Fn<T>::clamp, Fn<T>::select, Fn<T>::powScalar;              \
    static T value(T x, double p, double q) {                                                                    \
      (void)x, (void)p, (void)q;                                                                                 \
      return f;                                                                                                  \
    }                                                                                                            \
    static T slope(T x, T y, double p, double q) {                                                               \
      (void)x, (void)y, (void)p, (void)q;                                                                        \
      return df;                                                                                                 \
    }                                                                                                            \
    static void forward(int64_t n, const T* x, T* y, double p, double q) {                                       \
      for (int64_t i = 0; i < n; i++) y[i] = value(x[i], p, q);                                                  \
    }                                                                                                            \
    static void backward(int64_t n, const T* x, const T* y, const T* dy, T* dx, double p, double q) {            \
      for (int64_t i = 0; i < n; i++) dx[i] = dy[i] * slope(x[i], y[i], p, q);                                   \
    }                                                                                                            \
  };

#define UNARY(name, saves, f, df) UNARY_BODY(name, f, df)
#define UNARY1(name, p1, saves, f, df) UNARY_BODY(name, f, df)
#define UNARY2(name, p1, p2, saves, f, df) UNARY_BODY(name, f, df)
#include "kernels/unary.def"
#undef UNARY
#undef UNARY1
#undef UNARY2

template <class T> void add(FloatKernels<T>& k) {
#define SET(op) k.op = op##Op<T>::forward, k.op##Backward = op##Op<T>::backward;
#define UNARY(name, saves, f, df) SET(name)
#define UNARY1(name, p1, saves, f, df) SET(name)
#define UNARY2(name, p1, p2, saves, f, df) SET(name)
#include "kernels/unary.def"
#undef UNARY
#undef UNARY1
#undef UNARY2
#undef SET
}

}  // namespace

void addUnary(Kernels& k) {
  add(k.f32);
  add(k.f64);
}

}  // namespace cresset::ISA
