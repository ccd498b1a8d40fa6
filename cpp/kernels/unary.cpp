// Elementwise functions of one span: every row of unary.def, forward and backward.
#include "kernels/math.h"
#include "kernels/table.h"

namespace cresset::ISA {
namespace {

// What the rows' expressions call by plain names, for float and double alike.
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
  static T erfinv(T x) { return erfinv_(x); }
  static T normal(T x) { return normal_(x); }
  static T abs(T x) { return abs_(x); }
  static T sqrt(T x) { return sqrt_(x); }
  static T floor(T x) { return floor_(x); }
  static T ceil(T x) { return ceil_(x); }
  static T round(T x) { return round_(x); }
  static T trunc(T x) { return trunc_(x); }
  static T sign(T x) { return static_cast<T>((x > 0) - (x < 0)); }
  static T sigmoid(T x) { return sigmoid_(x); }
  // Any NaN makes a NaN; `high` wins where it is below `low`.
  static T clamp(T x, T low, T high) {
    const T y = low > x ? low : x;
    return x != x ? x : low != low ? low : y < high ? y : high;
  }
  static T select(bool c, T a, T b) { return c ? a : b; }
  // The exponents that PyTorch computes by products, roots and quotients.
  static T powScalar(T x, double p) {
    if (p == 2) return x * x;
    if (p == 1) return x;
    if (p == 0) return 1;
    if (p == 3) return x * x * x;
    if (p == 0.5) return sqrt(x);
    if (p == -1) return T(1) / x;
    return pow_(x, static_cast<T>(p));
  }
};

#define UNARY_BODY(op, f, dx)                                                                                       \
  template <class T> struct op##Op : Fn<T> {                                                                        \
    using Fn<T>::exp, Fn<T>::expm1, Fn<T>::log, Fn<T>::log1p, Fn<T>::log2, Fn<T>::log10, Fn<T>::sin, Fn<T>::cos;    \
    using Fn<T>::tan, Fn<T>::tanh, Fn<T>::erf, Fn<T>::erfinv, Fn<T>::normal, Fn<T>::abs, Fn<T>::sqrt, Fn<T>::floor, \
        Fn<T>::ceil, Fn<T>::round;                                                                                  \
    using Fn<T>::trunc, Fn<T>::sign, Fn<T>::sigmoid, Fn<T>::clamp, Fn<T>::select, Fn<T>::powScalar;                 \
    static T value(T x, double p, double q) {                                                                       \
      (void)x, (void)p, (void)q;                                                                                    \
      return f;                                                                                                     \
    }                                                                                                               \
    static T gradient(T x, T y, T dy, double p, double q) {                                                         \
      (void)x, (void)y, (void)dy, (void)p, (void)q;                                                                 \
      return dx;                                                                                                    \
    }                                                                                                               \
    static void forward(int64_t n, const T* x, T* y, double p, double q) {                                          \
      INDEPENDENT for (int64_t i = 0; i < n; i++) y[i] = value(x[i], p, q);                                         \
    }                                                                                                               \
    static void backward(int64_t n, const T* x, const T* y, const T* dy, T* to, double p, double q) {               \
      INDEPENDENT for (int64_t i = 0; i < n; i++) to[i] = gradient(x[i], y[i], dy[i], p, q);                        \
    }                                                                                                               \
  };

#define UNARY(name, saves, f, dx) UNARY_BODY(name, f, dx)
#define UNARY1(name, p1, saves, f, dx) UNARY_BODY(name, f, dx)
#define UNARY2(name, p1, p2, saves, f, dx) UNARY_BODY(name, f, dx)
#include "kernels/unary.def"
#undef UNARY
#undef UNARY1
#undef UNARY2

template <class T> void add(FloatKernels<T>& k) {
#define SET(op) k.op = op##Op<T>::forward, k.op##Backward = op##Op<T>::backward;
#define UNARY(name, saves, f, dx) SET(name)
#define UNARY1(name, p1, saves, f, dx) SET(name)
#define UNARY2(name, p1, p2, saves, f, dx) SET(name)
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
