// Sums, products, extrema and softmax against plain loops in double.
#include "every_isa.h"

using namespace cresset;

namespace {

template <class T> void reductions(const ReduceKernels<T>& k) {
  constexpr bool floating = static_cast<T>(0.5) != T(0);
  for (int64_t stride : {1, 3})
    for (int64_t n : kSizes) {
      const std::vector<T> x = samples<T>(n * stride + 1, 1);
      double sum = 0, squares = 0, prod = 1;
      int64_t whole = 0, largest = 0, smallest = 0;
      for (int64_t i = 0; i < n; i++) {
        const T v = x[i * stride];
        sum += static_cast<double>(v);
        squares += (static_cast<double>(v) - 0.5) * (static_cast<double>(v) - 0.5);
        if (i < 9) prod *= static_cast<double>(v);
        whole += static_cast<int64_t>(v);
        if (v > x[largest * stride]) largest = i;
        if (v < x[smallest * stride]) smallest = i;
      }
      CHECK_CLOSE(k.sum(n, x.data(), stride), sum, 1e-12);
      CHECK_CLOSE(k.sumSquares(n, x.data(), stride, 0.5), squares, 1e-12);
      CHECK_CLOSE(k.prod(std::min<int64_t>(n, 9), x.data(), stride), prod, 1e-12);
      if (!floating) CHECK(k.sumInteger(n, x.data(), stride) == whole);
      if (n > 0) CHECK(k.argmax(n, x.data(), stride) == largest);
      if (n > 0) CHECK(k.argmin(n, x.data(), stride) == smallest);
    }
  if constexpr (floating)
    for (int64_t n : {5, 40}) {
      std::vector<T> x = samples<T>(n, 1);
      x[3] = x[4] = static_cast<T>(NAN);
      CHECK(k.argmax(n, x.data(), 1) == 3);
      CHECK(k.argmin(n, x.data(), 1) == 3);
    }
}

template <class T> void sums(const FloatKernels<T>& k) {
  const double tolerance = sizeof(T) == 4 ? 3e-7 : 1e-13;
  for (int64_t rows : {1, 3, 4, 9})
    for (int64_t c : kSizes) {
      const int64_t ld = c + 2;
      const std::vector<T> x = samples<T>(rows * ld, 1);
      std::vector<double> byRow(static_cast<size_t>(rows)), byColumn(static_cast<size_t>(c));
      k.sumRows(rows, c, x.data(), ld, byRow.data());
      k.sumColumns(rows, c, x.data(), ld, byColumn.data());
      std::vector<double> columns(byColumn.size());
      for (int64_t r = 0; r < rows; r++) {
        double row = 0;
        for (int64_t j = 0; j < c; j++) {
          row += static_cast<double>(x[r * ld + j]);
          columns[j] += static_cast<double>(x[r * ld + j]);
        }
        CHECK_CLOSE(byRow[r], row, tolerance * 2 * static_cast<double>(c));
      }
      for (int64_t j = 0; j < c; j++) CHECK_CLOSE(byColumn[j], columns[j], tolerance * 2 * static_cast<double>(rows));
      std::vector<T> quotients(byColumn.size());
      k.divided(c, byColumn.data(), 3, quotients.data());
      for (int64_t j = 0; j < c; j++) CHECK(quotients[j] == static_cast<T>(byColumn[j] / 3));
    }
}

template <class T> void softmaxes(const FloatKernels<T>& k) {
  const double tolerance = sizeof(T) == 4 ? 2e-6 : 1e-13;
  for (int64_t n : kSizes) {
    if (n == 0) continue;
    const int64_t rows = 3;
    const std::vector<T> x = samples<T>(rows * n, 1), dy = samples<T>(rows * n, 2);
    std::vector<T> y(x.size()), logs(x.size()), dx(x.size()), dlogs(x.size());
    k.softmax(rows, n, x.data(), y.data());
    k.logSoftmax(rows, n, x.data(), logs.data());
    k.softmaxBackward(rows, n, y.data(), dy.data(), dx.data());
    k.logSoftmaxBackward(rows, n, logs.data(), dy.data(), dlogs.data());
    for (int64_t r = 0; r < rows; r++) {
      const T *in = x.data() + r * n, *seed = dy.data() + r * n;
      double total = 0, dot = 0, sum = 0;
      for (int64_t i = 0; i < n; i++) total += std::exp(static_cast<double>(in[i]));
      for (int64_t i = 0; i < n; i++) {
        dot += std::exp(static_cast<double>(in[i])) / total * static_cast<double>(seed[i]);
        sum += static_cast<double>(seed[i]);
      }
      for (int64_t i = 0; i < n; i++) {
        const double p = std::exp(static_cast<double>(in[i])) / total, g = static_cast<double>(seed[i]);
        CHECK_CLOSE(y[r * n + i], p, tolerance);
        CHECK_CLOSE(logs[r * n + i], std::log(p), tolerance);
        CHECK_CLOSE(dx[r * n + i], p * (g - dot), tolerance);
        CHECK_CLOSE(dlogs[r * n + i], g - p * sum, 4 * tolerance);
      }
    }
  }
}

}  // namespace

TEST(kernels_reduce) {
  onEveryIsa([](const Kernels& k) {
    reductions(k.f32r);
    reductions(k.f64r);
    reductions(k.i64r);
    reductions(k.i32r);
    reductions(k.u8r);
    sums(k.f32);
    sums(k.f64);
  });
}

TEST(kernels_softmax) {
  onEveryIsa([](const Kernels& k) {
    softmaxes(k.f32);
    softmaxes(k.f64);
  });
}
