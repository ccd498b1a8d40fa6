// The transforms of one axis and both: products between transformed tiles and kernels give the plain correlation, and
// its gradient.
#include "every_isa.h"

using namespace cresset;

namespace {

// [side x side][channels], with gaps after the channels, the rows and the columns.
template <class T> struct Square {
  int64_t side, n;
  std::vector<T> data;
  TileSteps steps;

  Square(int64_t side, int64_t n, uint32_t seed)
      : side(side), n(n), data(samples<T>(2 * side * (side + 1) * (n + 3), seed)), steps{} {
    steps = {side * (side + 1) * (n + 3), (side + 1) * (n + 3), n + 3};
  }
  T& at(int64_t tile, int64_t row, int64_t col, int64_t j) {
    return data[static_cast<size_t>(tile * steps.tile + row * steps.row + col * steps.col + j)];
  }
};

template <class T> void correlations(const FloatKernels<T>& k, int64_t lanes) {
  const double tolerance = sizeof(T) == 4 ? 3e-5 : 1e-13;
  for (int variant : {0, 1})
    for (int64_t n : {lanes, lanes + 1, 3 * lanes - 1}) {
      const int64_t taps = variant ? 5 : 3, side = taps + 1;
      Square<T> x(side, n, 1), w(taps, n, 2), dy(2, n, 3), bias(1, n, 4);
      Square<T> tx(side, n, 5), tw(side, n, 6), tdy(side, n, 7), products(side, n, 8), y(2, n, 9), dw(taps, n, 10);
      k.winogradInput[variant](2, n, x.data.data(), x.steps, tx.data.data(), tx.steps, nullptr, false);
      k.winogradWeight[variant](2, n, w.data.data(), w.steps, tw.data.data(), tw.steps, nullptr, false);
      k.winogradGradOutput[variant](2, n, dy.data.data(), dy.steps, tdy.data.data(), tdy.steps, nullptr, false);
      const auto multiply = [&](Square<T>& a, Square<T>& b) {
        for (int64_t tile = 0; tile < 2; tile++)
          for (int64_t i = 0; i < side * side * n; i++) {
            const int64_t row = i / n / side, col = i / n % side, j = i % n;
            products.at(tile, row, col, j) = a.at(tile, row, col, j) * b.at(tile, row, col, j);
          }
      };
      const T gap = y.at(1, 1, 1, n);
      multiply(tx, tw);
      k.winogradOutput[variant](2, n, products.data.data(), products.steps, y.data.data(), y.steps, bias.data.data(),
                                false);
      multiply(tx, tdy);
      k.winogradGradWeight[variant](2, n, products.data.data(), products.steps, dw.data.data(), dw.steps, nullptr,
                                    false);
      CHECK(y.at(1, 1, 1, n) == gap);
      // out[r][c] = sum of x[r + i][c + j] * kernel[i][j]
      const auto correlation = [&](int64_t tile, int64_t r, int64_t c, int64_t j, Square<T>& kernel) {
        double sum = 0;
        for (int64_t row = 0; row < kernel.side; row++)
          for (int64_t col = 0; col < kernel.side; col++)
            sum += static_cast<double>(x.at(tile, r + row, c + col, j)) *
                   static_cast<double>(kernel.at(tile, row, col, j));
        return sum;
      };
      for (int64_t tile = 0; tile < 2; tile++)
        for (int64_t j = 0; j < n; j++) {
          for (int64_t i = 0; i < 4; i++)
            CHECK_CLOSE(static_cast<double>(y.at(tile, i / 2, i % 2, j)),
                        correlation(tile, i / 2, i % 2, j, w) + static_cast<double>(bias.at(0, 0, 0, j)), tolerance);
          for (int64_t i = 0; i < taps * taps; i++)
            CHECK_CLOSE(static_cast<double>(dw.at(tile, i / taps, i % taps, j)),
                        correlation(tile, i / taps, i % taps, j, dy), tolerance);
        }
    }
}

}  // namespace

TEST(winograd_transforms_give_the_correlation_and_its_gradient) {
  onEveryIsa([](const Kernels& k) {
    correlations(k.f32, k.vectorBytes / 4);
    correlations(k.f64, k.vectorBytes / 8);
  });
}
