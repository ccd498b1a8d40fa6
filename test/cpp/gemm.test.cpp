// Products against plain loops in double: every transposition, odd sizes, every instruction set.
#include "ops/gemm.h"

#include <cstdlib>
#include <random>

#include "test.h"

using namespace cresset;

namespace {

struct Size {
  int64_t m, n, k;
};

// Factors, addends and their product by plain loops. Values are float's, so that both dtypes compute with the same.
struct Product {
  Size size;
  std::vector<double> a, b, c, bias, ab;

  explicit Product(Size s)
      : size(s), a(values(s.m * s.k)), b(values(s.k * s.n)), c(values(s.m * s.n)), bias(values(s.n)), ab(c.size()) {
    for (int64_t i = 0; i < s.m; i++)
      for (int64_t l = 0; l < s.k; l++) {
        const double* row = b.data() + l * s.n;
        double* out = ab.data() + i * s.n;
        const double factor = a[static_cast<size_t>(i * s.k + l)];
        for (int64_t j = 0; j < s.n; j++) out[j] += factor * row[j];
      }
  }

  static std::vector<double> values(int64_t count) {
    std::mt19937 random(static_cast<uint32_t>(count));
    std::uniform_real_distribution<float> uniform(-1, 1);
    std::vector<double> v(static_cast<size_t>(count));
    for (double& x : v) x = uniform(random);
    return v;
  }
};

// The rows x cols matrix `from`, transposed where asked, in rows of `stride`.
template <class T>
std::vector<T> laidOut(const std::vector<double>& from, int64_t rows, int64_t cols, bool transposed, int64_t stride) {
  std::vector<T> to(static_cast<size_t>((transposed ? cols : rows) * stride), T(7));
  for (int64_t i = 0; i < rows; i++)
    for (int64_t j = 0; j < cols; j++)
      to[static_cast<size_t>(transposed ? j * stride + i : i * stride + j)] =
          static_cast<T>(from[static_cast<size_t>(i * cols + j)]);
  return to;
}

template <class T> void checkGemm(const Product& p, bool ta, bool tb, bool accumulate, bool withBias) {
  const auto [m, n, k] = p.size;
  const int64_t lda = (ta ? m : k) + 3, ldb = (tb ? k : n) + 1, ldc = n + 2;
  const std::vector<T> a = laidOut<T>(p.a, m, k, ta, lda), b = laidOut<T>(p.b, k, n, tb, ldb),
                       bias = laidOut<T>(p.bias, 1, n, false, n);
  std::vector<T> c = laidOut<T>(p.c, m, n, false, ldc);
  gemm<T>(ta, tb, m, n, k, a.data(), lda, b.data(), ldb, c.data(), ldc, accumulate, withBias ? bias.data() : nullptr);
  const double tolerance = (sizeof(T) == 4 ? 1e-6 : 1e-14) * (1 + std::sqrt(static_cast<double>(k)));
  for (int64_t i = 0; i < m; i++) {
    const T* row = c.data() + i * ldc;
    for (int64_t j = 0; j < n; j++) {
      const size_t at = static_cast<size_t>(i * n + j);
      CHECK_CLOSE(static_cast<double>(row[j]),
                  p.ab[at] + (accumulate ? p.c[at] : 0) + (withBias ? p.bias[static_cast<size_t>(j)] : 0), tolerance);
    }
    for (int64_t j = n; j < ldc; j++) CHECK(row[j] == T(7));
  }
}

}  // namespace

TEST(gemm_matches_plain_loops) {
  const Size sizes[] = {{1, 1, 1},      {1, 33, 70},     {3, 5, 7},        {14, 32, 64},   {15, 33, 65}, {64, 10, 64},
                        {64, 64, 1024}, {200, 70, 300},  {5, 1100, 40},    {130, 17, 513}, {7, 9, 0},    {33, 300, 70},
                        {300, 513, 1},  {20, 1100, 300}, {131, 270, 4700}, {9, 40, 260}};
  for (const Size& size : sizes) {
    const Product product(size);
    for (bool ta : {false, true})
      for (bool tb : {false, true}) {
        checkGemm<float>(product, ta, tb, false, true);
        checkGemm<double>(product, ta, tb, true, false);
        checkGemm<float>(product, ta, tb, true, true);
        checkGemm<double>(product, ta, tb, false, false);
      }
  }
}
