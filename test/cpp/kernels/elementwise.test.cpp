// Arithmetic, comparisons, choice, filling: every numeric type, stride and instruction set against one number at a
// time.
#include "every_isa.h"

using namespace cresset;

namespace {

template <class T> constexpr bool kFloat = static_cast<T>(0.5) != T(0);

template <class T> T floorDivided(T a, T b) {
  if constexpr (kFloat<T>) {
    const T r = std::fmod(a, b), q = (a - r) / b;
    return std::floor((r != 0 && (b < 0) != (r < 0) ? q - 1 : q) + T(0.5));
  } else {
    if (b == 0) return 0;
    const int64_t q = static_cast<int64_t>(a) / b;
    return static_cast<T>(a % b != 0 && (a < 0) != (b < 0) ? q - 1 : q);
  }
}
template <class T> T modulo(T a, T b) {
  if constexpr (kFloat<T>) {
    const T r = std::fmod(a, b);
    return r != 0 && (r < 0) != (b < 0) ? r + b : r;
  } else {
    if (b == 0) return 0;
    const int64_t r = static_cast<int64_t>(a) % b;
    return static_cast<T>(r != 0 && (r < 0) != (b < 0) ? r + b : r);
  }
}

// Each row of strides once for every size; `call` runs the kernel, `want` is one element.
template <class T, class O, class Call, class Want> void checkBinary(bool special, Call call, Want want) {
  const int64_t strides[][3] = {{1, 1, 1}, {0, 1, 1}, {1, 0, 1}, {2, 3, 1}, {1, 1, 2}};
  for (const auto& [sa, sb, so] : strides)
    for (int64_t n : kSizes) {
      const BinaryRows r{2, n, sa * n + 1, sa, sb * n + 1, sb, so * n + 1, so};
      std::vector<T> a = samples<T>(4 * n + 3, 1), b = samples<T>(6 * n + 3, 2);
      if (kFloat<T> && special && n > 3) {
        a[1] = static_cast<T>(NAN), b[2] = static_cast<T>(NAN);
        a[3] = static_cast<T>(INFINITY), b[0] = static_cast<T>(-0.0);
      }
      std::vector<O> out(static_cast<size_t>(4 * n + 3), O(77));
      call(r, a.data(), b.data(), out.data());
      for (int64_t row = 0; row < 2; row++)
        for (int64_t i = 0; i < n; i++) {
          const int64_t at = row * r.rowOut + i * so;
          CHECK(want(out[at], a[row * r.rowA + i * sa], b[row * r.rowB + i * sb]));
          if (so == 2) CHECK(out[at + 1] == O(77));
        }
    }
}

template <class T> void arithmetic(const NumericKernels<T>& k) {
  const auto exact = [](T (*f)(T, T)) { return [f](T out, T a, T b) { return same(out, f(a, b)); }; };
  checkBinary<T, T>(true, k.addRows, exact([](T a, T b) { return static_cast<T>(a + b); }));
  checkBinary<T, T>(true, k.sub, exact([](T a, T b) { return static_cast<T>(a - b); }));
  checkBinary<T, T>(true, k.mul, exact([](T a, T b) { return static_cast<T>(a * b); }));
  checkBinary<T, T>(true, k.div, exact([](T a, T b) {
                      if constexpr (!kFloat<T>)
                        if (b == 0) return T(0);
                      return static_cast<T>(a / b);
                    }));
  checkBinary<T, T>(false, k.floorDivide, exact(floorDivided<T>));
  checkBinary<T, T>(false, k.remainder, exact(modulo<T>));
  checkBinary<T, T>(true, k.maximum, exact([](T a, T b) {
                      return a != a || b != b ? static_cast<T>(a + b) : a > b ? a : b;
                    }));
  checkBinary<T, T>(true, k.minimum, exact([](T a, T b) {
                      return a != a || b != b ? static_cast<T>(a + b) : a < b ? a : b;
                    }));
  const auto close = [](auto f) {
    return [f](T out, T a, T b) {
      return kFloat<T> ? near(out, f(a, b), 4) || near(out + T(8), f(a, b) + 8, 4) : same(out, static_cast<T>(f(a, b)));
    };
  };
  checkBinary<T, T>(
      true, [&](const BinaryRows& r, const T* a, const T* b, T* out) { k.addScaled(r, a, b, 3, out); },
      close([](T a, T b) { return static_cast<double>(a) + 3.0 * static_cast<double>(b); }));
  if constexpr (kFloat<T>)
    checkBinary<T, T>(
        false,
        [&](const BinaryRows& r, const T* a, const T* b, T* out) {
          std::vector<T> positive(a, a + r.rowA + r.a * r.n + 1);
          for (T& x : positive) x = std::abs(x);
          k.pow(r, positive.data(), b, out);
        },
        [](T out, T a, T b) {
          return near(out, std::pow(static_cast<double>(std::abs(a)), static_cast<double>(b)), 4);
        });
}

template <class T> void comparisons(const NumericKernels<T>& k) {
  const auto exact = [](bool (*f)(T, T)) { return [f](uint8_t out, T a, T b) { return out == f(a, b); }; };
  checkBinary<T, uint8_t>(true, k.eq, exact([](T a, T b) { return a == b; }));
  checkBinary<T, uint8_t>(true, k.ne, exact([](T a, T b) { return a != b; }));
  checkBinary<T, uint8_t>(true, k.lt, exact([](T a, T b) { return a < b; }));
  checkBinary<T, uint8_t>(true, k.le, exact([](T a, T b) { return a <= b; }));
  checkBinary<T, uint8_t>(true, k.gt, exact([](T a, T b) { return a > b; }));
  checkBinary<T, uint8_t>(true, k.ge, exact([](T a, T b) { return a >= b; }));
}

template <class T> void choosing(const NumericKernels<T>& k) {
  for (int64_t n : kSizes) {
    const std::vector<T> a = samples<T>(n, 1), b = samples<T>(n, 2);
    std::vector<uint8_t> condition = samples<uint8_t>(n, 3);
    for (uint8_t& c : condition) c &= 1;
    std::vector<T> out(static_cast<size_t>(n + 1), T(77));
    k.where(n, condition.data(), 1, a.data(), 1, b.data(), 1, out.data(), 1);
    for (int64_t i = 0; i < n; i++) CHECK(out[i] == (condition[i] ? a[i] : b[i]));
    k.add(n, a.data(), 1, b.data(), 1, out.data(), 1);
    for (int64_t i = 0; i < n; i++) CHECK(out[i] == static_cast<T>(a[i] + b[i]));
    k.fill(n, T(5), out.data(), 1);
    for (int64_t i = 0; i < n; i++) CHECK(out[i] == T(5));
    k.arange(n, 2, 3, 2, out.data());
    for (int64_t i = 0; i < n; i++) CHECK(out[i] == static_cast<T>(3 + 2 * (i + 2)));
    CHECK(out[n] == T(77));
  }
}

template <class T> void all(const NumericKernels<T>& k) {
  arithmetic(k);
  comparisons(k);
  choosing(k);
}

}  // namespace

TEST(kernels_elementwise) {
  onEveryIsa([](const Kernels& k) {
    all(k.f32n);
    all(k.f64n);
    all(k.i64n);
    all(k.i32n);
    all(k.u8n);
  });
}
