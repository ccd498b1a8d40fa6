// Elementary functions without branches, so that loops over them become vector code. Those on float are good to about
// one unit in the last place; the less common ones compute in double. Those on double are the C library's. The
// polynomials come from scripts/fit-math.py.
#pragma once
#include <math.h>
#include <stdint.h>

#include "kernels/simd.h"

namespace cresset::ISA {
namespace {

#define INLINE inline __attribute__((always_inline))

template <class T> INLINE T polynomial(T, T c) { return c; }
template <class T, class... Rest> INLINE T polynomial(T x, T c, Rest... rest) { return c + x * polynomial(x, rest...); }

INLINE double limit(double x, double low, double high) { return x < low ? low : x > high ? high : x; }

// exp(x) - 1 in double, good to eleven digits: x = n ln 2 + r with |r| <= ln(2) / 2, and so exp(x) = scale (1 +
// fraction) with scale = 2^n and fraction = exp(r) - 1. A NaN stays.
INLINE double expm1_11(double x) {
  constexpr double kRound = 0x1.8p52;  // beyond it, doubles are whole numbers, with the number in their low bits
  const double limited = limit(x, -40, 160), shifted = limited * 0x1.71547652b82fep0 + kRound, n = shifted - kRound;
  const double r = limited - n * 0x1.62e42fefa39efp-1;
  const double fraction =
      r * polynomial(r, 0.9999999999955732, 0.5000000000120534, 0.16666666785351625, 0.04166666595141384,
                     0.008333283751375159, 0.001388897833457225, 0.00019907451209442468, 2.4801568046518415e-05);
  const double scale = __builtin_bit_cast(double, (__builtin_bit_cast(uint64_t, shifted) + 1023) << 52);
  return scale * fraction + (scale - 1);
}

// log(1 + x) in double, good to twelve digits; `u` is 1 + x. For the logarithm of u and of 1 + x, of which the other is
// exact.
INLINE double logarithm(double u, double x) {
  // u = 2^n m with m between the roots of 1/2 and 2
  const uint64_t bits = __builtin_bit_cast(uint64_t, u), shifted = bits + 0x00095f6199800000;
  const double n = __builtin_bit_cast(double, (shifted >> 52) | 0x4330000000000000) - (0x1p52 + 1023);
  const double m = __builtin_bit_cast(double, bits - (shifted & 0xfff0000000000000) + 0x3ff0000000000000);
  const double s = (n == 0 ? x : m - 1) / (m + 1), t = s * s;
  const double fraction = s * polynomial(t, 1.999999999999948, 0.6666666667963316, 0.39999994875449624,
                                         0.28572167780584995, 0.22174184517371276, 0.1960900471466363);
  const double y = n * 0x1.62e42fefa39efp-1 + fraction;
  return u > 0 && u < static_cast<double>(INFINITY) ? y
         : u == 0                                   ? static_cast<double>(-INFINITY)
         : u > 0                                    ? u
                                                    : static_cast<double>(NAN);
}

// exp(x) for -87 < x < 88: x = n ln 2 + r as above, in float with ln 2 in two parts, the first of which times n is
// exact. n is added to the exponent.
INLINE float boundedExp(float x) {
  constexpr float kRound = 0x1.8p23f;
  const float shifted = x * 0x1.715476p0f + kRound, n = shifted - kRound;
  const float r = x - n * 0x1.62e4p-1f - n * 0x1.7f7d1cp-20f;
  const float p = 1 + r * polynomial(r, 1.0f, 0.4999999701976776f, 0.16666506230831146f, 0.041667137295007706f,
                                     0.008369140326976776f, 0.001388886827044189f);
  return __builtin_bit_cast(float, __builtin_bit_cast(uint32_t, p) + (__builtin_bit_cast(uint32_t, shifted) << 23));
}
// Below the smallest normal number it is 0; what is not below the largest is infinity or NaN.
INLINE float exp_(float x) {
  return x < -0x1.5d589ep6f ? 0 : x < 0x1.62e43p6f ? boundedExp(x) : x + static_cast<float>(INFINITY);
}
INLINE float expm1_(float x) { return static_cast<float>(expm1_11(static_cast<double>(x))); }
// log(1 + f) = f - f^2 / 2 + f^3 p(f), where x = 2^n (1 + f) with 1 + f between the roots of 1/2 and 2
INLINE float log_(float x) {
  const uint32_t shifted = __builtin_bit_cast(uint32_t, x) + (0x3f800000 - 0x3f3504f3);
  const float n = static_cast<float>(static_cast<int32_t>(shifted >> 23) - 127);
  const float f = __builtin_bit_cast(float, (shifted & 0x7fffff) + 0x3f3504f3) - 1, t = f * f;
  const float p = polynomial(f, 0.3333333134651184f, -0.250008225440979f, 0.20001226663589478f, -0.16623356938362122f,
                             0.14201761782169342f, -0.131601944565773f, 0.12761549651622772f, -0.07634429633617401f);
  const float y = n * 0x1.62e4p-1f + (f + (f * t * p + n * 0x1.7f7d1cp-20f - 0.5f * t));
  return x < 0x1p-126f                      ? (x < 0 ? static_cast<float>(NAN) : -static_cast<float>(INFINITY))
         : x < static_cast<float>(INFINITY) ? y
                                            : x;
}
INLINE float log2_(float x) {
  const double u = static_cast<double>(x);
  return static_cast<float>(logarithm(u, u - 1) * 1.4426950408889634);
}
INLINE float log10_(float x) {
  const double u = static_cast<double>(x);
  return static_cast<float>(logarithm(u, u - 1) * 0.4342944819032518);
}
INLINE float log1p_(float x) {
  const double v = static_cast<double>(x);
  return static_cast<float>(logarithm(1 + v, v));
}
// 1 - 2 / (exp(2 |x|) + 1), which near 0 would lose digits.
INLINE float tanh_(float x) {
  const float a = __builtin_fabsf(x), t = x * x;
  const float near = a + a * t *
                             polynomial(t, -0.3333328068256378f, 0.13331441581249237f, -0.05373971536755562f,
                                        0.02063908986747265f, -0.005704990588128567f);
  return __builtin_copysignf(a < 0.625f ? near : 1 - 2 / (exp_(2 * a) + 1), x);
}
INLINE float sigmoid_(float x) { return 1 / (1 + exp_(-x)); }
// 1 - exp(p(|x|)), which near 0 would lose digits.
INLINE float erf_(float x) {
  const float a = __builtin_fabsf(x), t = x * x, b = a < 4 ? a : 4;
  const float near =
      a + a * polynomial(t, 0.12837916612625122f, -0.3761262595653534f, 0.1128358542919159f, -0.026853816583752632f,
                         0.005188334733247757f, -0.0008010247838683426f, 7.854026625864208e-05f);
  const float far = 1 - boundedExp(polynomial(b, -0.002619139850139618f, -1.1176214218139648f, -0.6542398929595947f,
                                              -0.0887998417019844f, 0.014831884764134884f, -0.00115722615737468f));
  return __builtin_copysignf(a >= 1 ? far : near, x);
}
// The standard normal distribution: exp(p(|x|)) left of 0, 1 less that right of it.
INLINE float normal_(float x) {
  const float a = __builtin_fabsf(x), b = a < 8 ? a : 8;
  const float tail =
      boundedExp(polynomial(b, -0.6931471824645996f, -0.7978865504264832f, -0.31828799843788147f, -0.03642544522881508f,
                            0.0049592857249081135f, -0.00015052917296998203f, -0.00010290850332239643f,
                            2.1115687559358776e-05f, -1.3917905334892566e-06f));
  const float left = a < 8 ? tail : 0;
  return x < 0 ? left : 1 - left;
}
// x p(w), where w = -log(1 - x^2) is small, else x p(sqrt w).
INLINE float erfinv_(float x) {
  const double v = static_cast<double>(x), a = __builtin_fabs(v), t = v * v;
  const double w = -logarithm(1 - t, -t), c = w - 2.5, d = __builtin_sqrt(w) - 3;
  const double near =
      polynomial(c, 1.5014093516920721, 0.2466402757852605, -0.0041773246360690105, -0.0012527048764651265,
                 0.0002182635574796174, -4.99875991347279e-06, -3.4260121764056958e-06, 4.796988888590981e-07,
                 1.6457233833982255e-08, -1.1023219695816222e-08, 4.370308868217472e-10, 1.328593508510213e-10);
  const double far =
      polynomial(d, 2.832976800202017, 1.0016752348383813, 0.009445391287517414, -0.0076426612538223315,
                 0.005686751545959385, -0.0035679513398148973, 0.0014786628298931782, -0.0001178309559416631,
                 -0.0002830540696116693, 0.0001588079353452183, -2.6348708437674723e-05);
  const float y = static_cast<float>(v * (w < 5 ? near : far));
  return a < 1 ? y : a == 1 ? __builtin_copysignf(INFINITY, x) : static_cast<float>(NAN);
}
INLINE float sin_(float x) { return sinf(x); }
INLINE float cos_(float x) { return cosf(x); }
INLINE float tan_(float x) { return tanf(x); }
INLINE float pow_(float x, float y) { return powf(x, y); }
INLINE float sqrt_(float x) { return __builtin_sqrtf(x); }
INLINE float abs_(float x) { return __builtin_fabsf(x); }
INLINE float floor_(float x) { return __builtin_floorf(x); }
INLINE float ceil_(float x) { return __builtin_ceilf(x); }
INLINE float round_(float x) { return __builtin_rintf(x); }
INLINE float trunc_(float x) { return __builtin_truncf(x); }

inline double exp_(double x) { return exp(x); }
inline double expm1_(double x) { return expm1(x); }
inline double log_(double x) { return log(x); }
inline double log2_(double x) { return log2(x); }
inline double log10_(double x) { return log10(x); }
inline double log1p_(double x) { return log1p(x); }
inline double tanh_(double x) { return tanh(x); }
inline double sigmoid_(double x) { return 1 / (1 + exp(-x)); }
inline double erf_(double x) { return erf(x); }
// A first guess within a percent (2 / (0.147 pi) is 4.33), then Newton's steps with a cubic term.
inline double erfinv_(double x) {
  const double a = __builtin_fabs(x);
  if (!(a < 1)) return a == 1 ? __builtin_copysign(static_cast<double>(INFINITY), x) : static_cast<double>(NAN);
  const double log = log1p(-a * a), t = 0.5 * log + 4.330746750799873, q = -log / 0.147;
  double z = __builtin_sqrt(q / (__builtin_sqrt(t * t + q) + t));
  for (int i = 0; i < 3; i++) {
    const double error = a < 0.5 ? erf(z) - a : 1 - a - erfc(z), step = error * exp(z * z) * 0.8862269254527580;
    z -= step / (1 + z * step);
  }
  return __builtin_copysign(z, x);
}
inline double normal_(double x) { return 0.5 * erfc(x * -0.7071067811865476); }
inline double sin_(double x) { return sin(x); }
inline double cos_(double x) { return cos(x); }
inline double tan_(double x) { return tan(x); }
inline double pow_(double x, double y) { return pow(x, y); }
INLINE double sqrt_(double x) { return __builtin_sqrt(x); }
INLINE double abs_(double x) { return __builtin_fabs(x); }
INLINE double floor_(double x) { return __builtin_floor(x); }
INLINE double ceil_(double x) { return __builtin_ceil(x); }
INLINE double round_(double x) { return __builtin_rint(x); }
INLINE double trunc_(double x) { return __builtin_trunc(x); }

#undef INLINE

}  // namespace
}  // namespace cresset::ISA
