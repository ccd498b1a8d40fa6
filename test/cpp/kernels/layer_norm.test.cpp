// Layer normalisation against its formulas in double.
#include "every_isa.h"

using namespace cresset;

namespace {

constexpr double kEps = 1e-5;

// A row normalised, without weight and bias, and 1 / sqrt(var + eps).
std::vector<double> normalised(int64_t n, const double* x, double& inverse) {
  double sum = 0, squares = 0;
  for (int64_t j = 0; j < n; j++) sum += x[j];
  const double mean = sum / static_cast<double>(n);
  for (int64_t j = 0; j < n; j++) squares += (x[j] - mean) * (x[j] - mean);
  inverse = 1 / std::sqrt(squares / static_cast<double>(n) + kEps);
  std::vector<double> y(static_cast<size_t>(n));
  for (int64_t j = 0; j < n; j++) y[static_cast<size_t>(j)] = (x[j] - mean) * inverse;
  return y;
}

template <class T> void rows(const FloatKernels<T>& k, int64_t count, int64_t n, double offset, bool affine) {
  const double tolerance = sizeof(T) == 4 ? 4e-6 : 1e-9;
  std::vector<T> x = samples<T>(count * n, 1);
  for (T& v : x) v = static_cast<T>(static_cast<double>(v) + offset);
  const std::vector<T> dy = samples<T>(count * n, 2), w = samples<T>(n, 3), b = samples<T>(n, 4);
  const T *weight = affine ? w.data() : nullptr, *bias = affine ? b.data() : nullptr;
  const size_t size = x.size();
  std::vector<T> y(size), again(size), dx(size);
  std::vector<double> stats(static_cast<size_t>(2 * count)), product(static_cast<size_t>(n), 1), sum(product);
  k.layerNorm(count, n, x.data(), weight, bias, kEps, y.data(), stats.data());
  k.layerNorm(count, n, x.data(), weight, bias, kEps, again.data(), nullptr);
  k.layerNormBackward(count, n, x.data(), dy.data(), weight, stats.data(), dx.data());
  const int64_t half = n / 2;  // columns in two parts
  k.layerNormSums(count, half, n, x.data(), dy.data(), stats.data(), product.data(), sum.data());
  k.layerNormSums(count, n - half, n, x.data() + half, dy.data() + half, stats.data(), product.data() + half,
                  sum.data() + half);
  CHECK(y == again);
  std::vector<double> products(static_cast<size_t>(n), 1), sums(products);
  for (int64_t r = 0; r < count; r++) {
    const std::vector<double> exact(x.begin() + r * n, x.begin() + (r + 1) * n);
    double inverse = 0, gradients = 0, along = 0;
    const std::vector<double> hat = normalised(n, exact.data(), inverse);
    CHECK_CLOSE(stats[static_cast<size_t>(2 * r + 1)] / inverse, 1, 1e-6);
    const auto g = [&](int64_t j) {
      return static_cast<double>(dy[static_cast<size_t>(r * n + j)]) *
             (affine ? static_cast<double>(w[static_cast<size_t>(j)]) : 1);
    };
    for (int64_t j = 0; j < n; j++) gradients += g(j), along += g(j) * hat[static_cast<size_t>(j)];
    for (int64_t j = 0; j < n; j++) {
      const auto at = static_cast<size_t>(r * n + j), column = static_cast<size_t>(j);
      const double scale = affine ? static_cast<double>(w[column]) : 1,
                   shift = affine ? static_cast<double>(b[column]) : 0;
      const double count64 = static_cast<double>(n);
      CHECK_CLOSE(y[at], hat[column] * scale + shift, tolerance);
      CHECK_CLOSE(dx[at] / inverse, g(j) - gradients / count64 - hat[column] * along / count64, tolerance);
      products[column] += static_cast<double>(dy[at]) * hat[column];
      sums[column] += static_cast<double>(dy[at]);
    }
  }
  for (size_t j = 0; j < products.size(); j++) {
    CHECK_CLOSE(product[j], products[j], tolerance);
    CHECK_CLOSE(sum[j], sums[j], 1e-12);
  }
}

template <class T> void all(const FloatKernels<T>& k) {
  for (int64_t n : kSizes)
    if (n > 0)
      for (int64_t count : {1, 3, 4, 9})
        for (bool affine : {false, true}) {
          rows(k, count, n, 0, affine);
          rows(k, count, n, 1000, affine);
        }
}

}  // namespace

TEST(kernels_layer_norm) {
  onEveryIsa([](const Kernels& k) {
    all(k.f32);
    all(k.f64);
  });
}
