// Products against plain loops in double: every transposition, odd sizes, every instruction set.
#include "ops/gemm.h"

#include <cstdlib>
#include <random>

#include "test.h"

using namespace cresset;

template <class T>
static void checkGemm(bool ta, bool tb, int64_t m, int64_t n, int64_t k, bool accumulate, bool withBias) {
  std::mt19937 random(static_cast<uint32_t>(m * 10007 + n * 101 + k));
  std::uniform_real_distribution<double> uniform(-1, 1);
  const int64_t lda = (ta ? m : k) + 3, ldb = (tb ? k : n) + 1, ldc = n + 2;
  std::vector<T> a(static_cast<size_t>((ta ? k : m) * lda)), b(static_cast<size_t>((tb ? n : k) * ldb)),
      c(static_cast<size_t>(m * ldc)), bias(static_cast<size_t>(n));
  for (auto* v : {&a, &b, &c, &bias})
    for (T& x : *v) x = static_cast<T>(uniform(random));
  const std::vector<T> before = c;
  gemm<T>(ta, tb, m, n, k, a.data(), lda, b.data(), ldb, c.data(), ldc, accumulate, withBias ? bias.data() : nullptr);
  for (int64_t i = 0; i < m; i++) {
    for (int64_t j = 0; j < n; j++) {
      double sum = (accumulate ? before[static_cast<size_t>(i * ldc + j)] : T(0)) +
                   (withBias ? bias[static_cast<size_t>(j)] : T(0));
      for (int64_t l = 0; l < k; l++)
        sum += static_cast<double>(a[static_cast<size_t>(ta ? l * lda + i : i * lda + l)]) *
               static_cast<double>(b[static_cast<size_t>(tb ? j * ldb + l : l * ldb + j)]);
      CHECK_CLOSE(static_cast<double>(c[static_cast<size_t>(i * ldc + j)]), sum,
                  (sizeof(T) == 4 ? 1e-6 : 1e-14) * (1 + std::sqrt(static_cast<double>(k))));
    }
    for (int64_t j = n; j < ldc; j++)
      CHECK(c[static_cast<size_t>(i * ldc + j)] == before[static_cast<size_t>(i * ldc + j)]);
  }
}

TEST(gemm_matches_plain_loops) {
  const int64_t sizes[][3] = {{1, 1, 1},     {1, 33, 70},     {3, 5, 7},        {14, 32, 64},
                              {15, 33, 65},  {64, 10, 64},    {64, 64, 1024},   {200, 70, 300},
                              {5, 1100, 40}, {130, 17, 513},  {7, 9, 0},        {33, 300, 70},
                              {300, 513, 1}, {20, 1100, 300}, {131, 270, 4700}, {9, 40, 260}};
  for (auto [m, n, k] : sizes)
    for (bool ta : {false, true})
      for (bool tb : {false, true}) {
        checkGemm<float>(ta, tb, m, n, k, false, true);
        checkGemm<double>(ta, tb, m, n, k, true, false);
        checkGemm<float>(ta, tb, m, n, k, true, true);
        checkGemm<double>(ta, tb, m, n, k, false, false);
      }
}
