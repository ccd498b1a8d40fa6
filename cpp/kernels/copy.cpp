// Strided copies, transposition and conversion between dtypes.
#include <string.h>

#include "kernels/simd.h"
#include "kernels/table.h"

namespace cresset::ISA {
namespace {

template <class U> void copyAs(int64_t n, const void* from, int64_t sx, void* to, int64_t so) {
  const U* x = static_cast<const U*>(from);
  U* out = static_cast<U*>(to);
  if (so == 1 && sx == 1)
    memcpy(out, x, static_cast<size_t>(n) * sizeof(U));
  else if (so == 1 && sx == 0)
    for (int64_t i = 0; i < n; i++) out[i] = *x;
  else
    for (int64_t i = 0; i < n; i++) out[i * so] = x[i * sx];
}

template <class U> void transposeAs(int64_t rows, int64_t cols, const void* from, int64_t ldx, void* to, int64_t ldo) {
  const U* x = static_cast<const U*>(from);
  U* out = static_cast<U*>(to);
  constexpr int64_t block = 16;
  for (int64_t i0 = 0; i0 < rows; i0 += block)
    for (int64_t j0 = 0; j0 < cols; j0 += block) {
      const int64_t i1 = i0 + block < rows ? i0 + block : rows, j1 = j0 + block < cols ? j0 + block : cols;
      for (int64_t j = j0; j < j1; j++)
        for (int64_t i = i0; i < i1; i++) out[j * ldo + i] = x[i * ldx + j];
    }
}

#ifdef __clang__
#define SHUFFLE(V, a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)
#else
#define SHUFFLE(V, a, b, ...) __builtin_shuffle(a, b, (V){__VA_ARGS__})
#endif

typedef uint32_t Four __attribute__((vector_size(16), aligned(4), may_alias));
typedef uint32_t Eight __attribute__((vector_size(32), aligned(4), may_alias));

template <int64_t size> void transposeBlock(const uint32_t* x, int64_t ldx, uint32_t* out, int64_t ldo);

template <> inline void transposeBlock<4>(const uint32_t* x, int64_t ldx, uint32_t* out, int64_t ldo) {
  const auto row = [&](int64_t r) { return *reinterpret_cast<const Four*>(x + r * ldx); };
  const auto put = [&](int64_t r, Four value) { *reinterpret_cast<Four*>(out + r * ldo) = value; };
  const Four a = row(0), b = row(1), c = row(2), d = row(3);
  const Four ab = SHUFFLE(Four, a, b, 0, 4, 1, 5), ab2 = SHUFFLE(Four, a, b, 2, 6, 3, 7);
  const Four cd = SHUFFLE(Four, c, d, 0, 4, 1, 5), cd2 = SHUFFLE(Four, c, d, 2, 6, 3, 7);
  put(0, SHUFFLE(Four, ab, cd, 0, 1, 4, 5));
  put(1, SHUFFLE(Four, ab, cd, 2, 3, 6, 7));
  put(2, SHUFFLE(Four, ab2, cd2, 0, 1, 4, 5));
  put(3, SHUFFLE(Four, ab2, cd2, 2, 3, 6, 7));
}

template <> inline void transposeBlock<8>(const uint32_t* x, int64_t ldx, uint32_t* out, int64_t ldo) {
  // Columns 0 to 3 of four rows in the lower halves, columns 4 to 7 in the upper.
  const auto fourRows = [&](int64_t first, Eight* columns) {
    const auto row = [&](int64_t r) { return *reinterpret_cast<const Eight*>(x + (first + r) * ldx); };
    const Eight a = row(0), b = row(1), c = row(2), d = row(3);
    const Eight ab = SHUFFLE(Eight, a, b, 0, 8, 1, 9, 4, 12, 5, 13),
                ab2 = SHUFFLE(Eight, a, b, 2, 10, 3, 11, 6, 14, 7, 15);
    const Eight cd = SHUFFLE(Eight, c, d, 0, 8, 1, 9, 4, 12, 5, 13),
                cd2 = SHUFFLE(Eight, c, d, 2, 10, 3, 11, 6, 14, 7, 15);
    columns[0] = SHUFFLE(Eight, ab, cd, 0, 1, 8, 9, 4, 5, 12, 13);
    columns[1] = SHUFFLE(Eight, ab, cd, 2, 3, 10, 11, 6, 7, 14, 15);
    columns[2] = SHUFFLE(Eight, ab2, cd2, 0, 1, 8, 9, 4, 5, 12, 13);
    columns[3] = SHUFFLE(Eight, ab2, cd2, 2, 3, 10, 11, 6, 7, 14, 15);
  };
  Eight above[4], below[4];
  fourRows(0, above);
  fourRows(4, below);
  const auto put = [&](int64_t r, Eight value) { *reinterpret_cast<Eight*>(out + r * ldo) = value; };
#pragma GCC unroll 4
  for (int64_t r = 0; r < 4; r++) {
    put(r, SHUFFLE(Eight, above[r], below[r], 0, 1, 2, 3, 8, 9, 10, 11));
    put(r + 4, SHUFFLE(Eight, above[r], below[r], 4, 5, 6, 7, 12, 13, 14, 15));
  }
}

// `cols` columns from `x` on of rows [0, rows), in blocks of `size` where they fill one, then in smaller ones.
template <int64_t size>
void transposeColumns(int64_t rows, int64_t cols, const uint32_t* x, int64_t ldx, uint32_t* out, int64_t ldo) {
  int64_t j = 0;
  if constexpr (size >= 4) {
    for (; j + size <= cols; j += size) {
      int64_t i = 0;
      for (; i + size <= rows; i += size) transposeBlock<size>(x + i * ldx + j, ldx, out + j * ldo + i, ldo);
      for (; i + 4 <= rows; i += 4)
        for (int64_t k = j; k < j + size; k += 4) transposeBlock<4>(x + i * ldx + k, ldx, out + k * ldo + i, ldo);
      for (; i < rows; i++)
        for (int64_t k = j; k < j + size; k++) out[k * ldo + i] = x[i * ldx + k];
    }
    if (j < cols) transposeColumns<size / 2>(rows, cols - j, x + j, ldx, out + j * ldo, ldo);
  } else {
    for (; j < cols; j++)
      for (int64_t i = 0; i < rows; i++) out[j * ldo + i] = x[i * ldx + j];
  }
}

// Elements of four bytes, in blocks that registers hold.
template <>
void transposeAs<uint32_t>(int64_t rows, int64_t cols, const void* from, int64_t ldx, void* to, int64_t ldo) {
  constexpr int64_t size = kRegisterBytes >= 32 ? 8 : 4, together = 16;  // rows that fill a cache line of the result
  const auto* x = static_cast<const uint32_t*>(from);
  auto* out = static_cast<uint32_t*>(to);
  for (int64_t i = 0; i < rows; i += together)
    transposeColumns<size>(rows - i < together ? rows - i : together, cols, x + i * ldx, ldx, out + i, ldo);
}

#define BY_SIZE(call)        \
  switch (size) {            \
    case 1:                  \
      return call(uint8_t);  \
    case 2:                  \
      return call(uint16_t); \
    case 4:                  \
      return call(uint32_t); \
    default:                 \
      return call(uint64_t); \
  }

void copyElements(int size, int64_t n, const void* x, int64_t sx, void* out, int64_t so) {
#define CALL(U) copyAs<U>(n, x, sx, out, so)
  BY_SIZE(CALL)
#undef CALL
}

void transposeElements(int size, int64_t rows, int64_t cols, const void* x, int64_t ldx, void* out, int64_t ldo) {
#define CALL(U) transposeAs<U>(rows, cols, x, ldx, out, ldo)
  BY_SIZE(CALL)
#undef CALL
}

inline uint32_t bitsOf(float x) {
  uint32_t u;
  memcpy(&u, &x, sizeof u);
  return u;
}
inline float floatOf(uint32_t u) {
  float x;
  memcpy(&x, &u, sizeof x);
  return x;
}

// IEEE half from float, to nearest even; built from integers so that the flushing of denormals does not touch it.
inline uint16_t halfOf(float x) {
  const uint32_t bits = bitsOf(x), sign = bits >> 16 & 0x8000, magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return static_cast<uint16_t>(sign | 0x7e00);
  if (magnitude >= 0x477ff000) return static_cast<uint16_t>(sign | 0x7c00);
  if (magnitude < 0x33000001) return static_cast<uint16_t>(sign);
  const int exponent = static_cast<int>(magnitude >> 23);
  if (exponent >= 113) {
    const uint32_t rounded = magnitude - (112u << 23) + 0xfff + (magnitude >> 13 & 1);
    return static_cast<uint16_t>(sign | rounded >> 13);
  }
  const uint32_t mantissa = (magnitude & 0x7fffff) | 0x800000;
  const int shift = 126 - exponent;
  const uint32_t half = 1u << (shift - 1), rest = mantissa & ((1u << shift) - 1);
  uint32_t result = mantissa >> shift;
  if (rest > half || (rest == half && (result & 1))) result++;
  return static_cast<uint16_t>(sign | result);
}

inline float floatOfHalf(uint16_t h) {
  const uint32_t sign = static_cast<uint32_t>(h & 0x8000) << 16, exponent = h >> 10 & 31, mantissa = h & 0x3ff;
  if (exponent == 31) return floatOf(sign | 0x7f800000 | mantissa << 13);
  if (exponent == 0) {
    const float magnitude = static_cast<float>(mantissa) * 0x1p-24f;
    return sign ? -magnitude : magnitude;
  }
  return floatOf(sign | (exponent + 112) << 23 | mantissa << 13);
}

inline uint16_t bfloatOf(float x) {
  const uint32_t bits = bitsOf(x);
  if ((bits & 0x7fffffff) > 0x7f800000) return 0x7fc0;
  return static_cast<uint16_t>((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

// Out-of-range numbers have no defined integer: they become the smallest one, as the processor's conversion gives.
// uint8, which has no conversion of its own, goes through int64.
template <class To> inline To integerOf(double x) {
  if constexpr (sizeof(To) == 4)
    return x > -2147483649.0 && x < 2147483648.0 ? static_cast<To>(x) : INT32_MIN;
  else
    return static_cast<To>(x >= -9223372036854775808.0 && x < 9223372036854775808.0 ? static_cast<int64_t>(x)
                                                                                    : INT64_MIN);
}

struct Half {
  uint16_t bits;
};
struct Bfloat {
  uint16_t bits;
};
struct Bool {
  uint8_t bits;
};

template <class T> inline T numberOf(T x) { return x; }
inline float numberOf(Half x) { return floatOfHalf(x.bits); }
inline float numberOf(Bfloat x) { return floatOf(static_cast<uint32_t>(x.bits) << 16); }
inline uint8_t numberOf(Bool x) { return x.bits != 0; }

template <class To> struct Make {
  template <class N> static To from(N x) {
    if constexpr (static_cast<N>(0.5) != N(0) && static_cast<To>(0.5) == To(0))
      return integerOf<To>(static_cast<double>(x));
    else
      return static_cast<To>(x);
  }
};
template <> struct Make<Half> {
  template <class N> static Half from(N x) { return {halfOf(static_cast<float>(x))}; }
};
template <> struct Make<Bfloat> {
  template <class N> static Bfloat from(N x) { return {bfloatOf(static_cast<float>(x))}; }
};
template <> struct Make<Bool> {
  template <class N> static Bool from(N x) { return {static_cast<uint8_t>(x != N(0))}; }
};

template <class From, class To> void convertSpan(int64_t n, const void* from, void* to) {
  const From* x = static_cast<const From*>(from);
  To* out = static_cast<To*>(to);
  for (int64_t i = 0; i < n; i++) out[i] = Make<To>::from(numberOf(x[i]));
}

template <class From> void convertFrom(int to, int64_t n, const void* x, void* out) {
  switch (to) {
    case 0:
      return convertSpan<From, float>(n, x, out);
    case 1:
      return convertSpan<From, double>(n, x, out);
    case 2:
      return convertSpan<From, int64_t>(n, x, out);
    case 3:
      return convertSpan<From, int32_t>(n, x, out);
    case 4:
      return convertSpan<From, uint8_t>(n, x, out);
    case 5:
      return convertSpan<From, Bool>(n, x, out);
    case 6:
      return convertSpan<From, Half>(n, x, out);
    default:
      return convertSpan<From, Bfloat>(n, x, out);
  }
}

void convert(int from, int to, int64_t n, const void* x, void* out) {
  switch (from) {
    case 0:
      return convertFrom<float>(to, n, x, out);
    case 1:
      return convertFrom<double>(to, n, x, out);
    case 2:
      return convertFrom<int64_t>(to, n, x, out);
    case 3:
      return convertFrom<int32_t>(to, n, x, out);
    case 4:
      return convertFrom<uint8_t>(to, n, x, out);
    case 5:
      return convertFrom<Bool>(to, n, x, out);
    case 6:
      return convertFrom<Half>(to, n, x, out);
    default:
      return convertFrom<Bfloat>(to, n, x, out);
  }
}

}  // namespace

void addCopy(Kernels& k) {
  k.bytes.copy = copyElements;
  k.bytes.transpose = transposeElements;
  k.bytes.convert = convert;
}

}  // namespace cresset::ISA
