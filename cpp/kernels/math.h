// Elementary functions without branches, so that loops over them become vector code. Those on float compute in double,
// whose rounding errors vanish in the result: it is the float nearest to the true value but for one in a million, the
// same on every instruction set. Those on double are the C library's. The polynomials come from scripts/fit-math.py.
#pragma once
#include <math.h>
#include <stdint.h>

#include "kernels/simd.h"

namespace cresset::ISA {
namespace {

#define INLINE inline __attribute__((always_inline))

INLINE double polynomial(double, double c) { return c; }
template <class... Rest> INLINE double polynomial(double x, double c, Rest... rest) {
  return c + x * polynomial(x, rest...);
}

INLINE double limit(double x, double low, double high) { return x < low ? low : x > high ? high : x; }

// x = n ln 2 + r with |r| <= ln(2) / 2: exp(x) = scale (1 + fraction), scale = 2^n and fraction = exp(r) - 1. A NaN
// stays.
struct Exponential {
  double scale, fraction;

  INLINE explicit Exponential(double x) {
    constexpr double kRound = 0x1.8p52;  // beyond it, doubles are whole numbers, with the number in their low bits
    const double shifted = x * 0x1.71547652b82fep0 + kRound, n = shifted - kRound;
    const double r = x - n * 0x1.62e42fefa39efp-1;
    fraction =
        r * polynomial(r, 0.9999999999955869, 0.5000000000136022, 0.1666666678515209, 0.04166666584762848,
                       0.008333283795782801, 0.0013888995680846044, 0.00019907426522986028, 2.4793294922524205e-05);
    scale = __builtin_bit_cast(double, (__builtin_bit_cast(uint64_t, shifted) + 1023) << 52);
  }
};

// exp in double, good to eleven digits, of anything that is 0, finite or infinite as a float.
INLINE double exp11(double x) {
  const Exponential e(limit(x, -160, 160));
  return e.scale + e.scale * e.fraction;
}

INLINE double expm1_11(double x) {
  const Exponential e(limit(x, -40, 160));
  return e.scale * e.fraction + (e.scale - 1);
}

// log(1 + x) in double, good to twelve digits; `u` is 1 + x. Both log and log1p, for either of which the other argument
// is exact.
INLINE double logarithm(double u, double x) {
  // u = 2^n m with m between the roots of 1/2 and 2
  const uint64_t bits = __builtin_bit_cast(uint64_t, u), shifted = bits + 0x00095f6199800000;
  const double n = __builtin_bit_cast(double, (shifted >> 52) | 0x4330000000000000) - (0x1p52 + 1023);
  const double m = __builtin_bit_cast(double, bits - (shifted & 0xfff0000000000000) + 0x3ff0000000000000);
  const double s = (n == 0 ? x : m - 1) / (m + 1), t = s * s;
  const double fraction = s * polynomial(t, 1.9999999999999758, 0.6666666667662154, 0.39999995550044937,
                                         0.2857211020783777, 0.22176266804253927, 0.19582097079920074);
  const double y = n * 0x1.62e42fefa39efp-1 + fraction;
  return u > 0 && u < static_cast<double>(INFINITY) ? y
         : u == 0                                   ? static_cast<double>(-INFINITY)
         : u > 0                                    ? u
                                                    : static_cast<double>(NAN);
}

INLINE float exp_(float x) { return static_cast<float>(exp11(static_cast<double>(x))); }
INLINE float expm1_(float x) { return static_cast<float>(expm1_11(static_cast<double>(x))); }
INLINE float log_(float x) {
  const double u = static_cast<double>(x);
  return static_cast<float>(logarithm(u, u - 1));
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
// tanh(x) = e / (e + 2), e = exp(2x) - 1
INLINE float tanh_(float x) {
  const double e = expm1_11(limit(2 * static_cast<double>(x), -40, 40));
  return static_cast<float>(e / (e + 2));
}
INLINE float sigmoid_(float x) { return static_cast<float>(1 / (1 + exp11(-static_cast<double>(x)))); }
INLINE float erf_(float x) {
  const double v = static_cast<double>(x), t = v * v, a = limit(v < 0 ? -v : v, 1, 4);
  const double small =
      v * polynomial(t, 1.1283791670955043, -0.3761263890289274, 0.11283791660133981, -0.026866169178809126,
                     0.005223967742510314, -0.0008547947402163309, 0.00012046465896188846, -1.4796848610288841e-05,
                     1.5315193423818127e-06, -1.0487139801526139e-07);
  const double large = 1 - exp11(-polynomial(a, -5.5088402051403094e-05, 1.1287632149101372, 0.6354311317367227,
                                             0.10492460078461964, -0.021644761477711855, 0.001749217273429687,
                                             0.0007207481126636571, -0.0003546268368700249, 8.140382914752033e-05,
                                             -1.117988321874598e-05, 8.80825619146037e-07, -3.0795190038423936e-08));
  return static_cast<float>(t <= 1 || v != v ? small : v < 0 ? -large : large);
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
