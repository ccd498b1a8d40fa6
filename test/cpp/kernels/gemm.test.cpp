// The register tile with every number of rows and columns, and the rows of dot products.
#include "every_isa.h"

using namespace cresset;

namespace {

template <class T> void tiles(const Kernels& kernels, const FloatKernels<T>& k) {
  const int64_t width = kernels.tileBytes / static_cast<int64_t>(sizeof(T)), depth = 5, ldc = width + 1;
  const int64_t runs[] = {0, 400};
  const std::vector<T> a = samples<T>(1000, 1), b = samples<T>(2 * depth * width, 2), bias = samples<T>(width, 3);
  for (int64_t m = 1; m <= kernels.tileRows; m++)
    for (int64_t n : {int64_t{1}, width - 1, width})
      for (bool accumulate : {false, true})
        for (const T* add : {static_cast<const T*>(nullptr), bias.data()}) {
          const int64_t below = add ? 3 : 1;
          const std::vector<T> before = samples<T>(below * m * ldc, 4);
          std::vector<T> c = before;
          k.tile({m, n, depth, 2, runs, 7, 2, width, depth * width, ldc, accumulate, false, nullptr, below}, a.data(),
                 b.data(), add, c.data());
          for (int64_t i = 0; i < below * m; i++)
            for (int64_t j = 0; j < ldc; j++) {
              double want = accumulate || j >= n ? static_cast<double>(before[i * ldc + j]) : 0;
              if (j < n && add) want += static_cast<double>(add[j]);
              for (int64_t r = 0; j < n && r < 2; r++)
                for (int64_t d = 0; d < depth; d++)
                  want += static_cast<double>(a[runs[r] + i * 7 + d * 2]) *
                          static_cast<double>(b[(r * depth + d) * width + j]);
              CHECK_CLOSE(c[i * ldc + j], want, sizeof(T) == 4 ? 2e-6 : 1e-14);
            }
        }
}

template <class T> void dots(const FloatKernels<T>& k) {
  for (int64_t depth : kSizes)
    for (int64_t m : {1, 2, 5, 7, 13})
      for (int64_t n : {1, 3, 4, 9})
        for (bool accumulate : {false, true}) {
          const int64_t lda = depth + 2, ldb = depth + 1, ldc = n + 1;
          const std::vector<T> a = samples<T>(m * lda, 1), b = samples<T>(n * ldb, 2), bias = samples<T>(n, 3);
          std::vector<T> c(static_cast<size_t>(m * ldc), T(0.5));
          k.dots(m, n, depth, a.data(), lda, b.data(), ldb, bias.data(), accumulate, c.data(), ldc);
          for (int64_t i = 0; i < m; i++)
            for (int64_t j = 0; j < ldc; j++) {
              double want = j == n || accumulate ? 0.5 : 0;
              if (j < n) want += static_cast<double>(bias[j]);
              for (int64_t l = 0; j < n && l < depth; l++)
                want += static_cast<double>(a[i * lda + l]) * static_cast<double>(b[j * ldb + l]);
              CHECK_CLOSE(c[i * ldc + j], want, sizeof(T) == 4 ? 1e-5 : 1e-13);
            }
        }
}

}  // namespace

TEST(kernels_gemm) {
  onEveryIsa([](const Kernels& k) {
    tiles(k, k.f32);
    tiles(k, k.f64);
    dots(k.f32);
    dots(k.f64);
  });
}
