// The transforms of Winograd's convolution F(2x2, RxR): a tile of 2 x 2 outputs takes (R + 1)^2 products a channel
// instead of 4 R^2 (Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", 2016).
#include "kernels/simd.h"
#include "kernels/table.h"

namespace cresset::ISA {
namespace {

// One axis of F(2, 3), at the points 0, 1, -1 and infinity.
template <class T> struct F3 {
  using V = Vec<T>;
  static constexpr int taps = 3, points = 4;

  static void input(const V* d, V* o) {
    o[0] = d[0] - d[2];
    o[1] = d[2] + d[1];
    o[2] = d[2] - d[1];
    o[3] = d[3] - d[1];
  }
  static void weight(const V* g, V* o) {
    const V even = (g[0] + g[2]) * T(0.5), odd = g[1] * T(0.5);
    o[0] = g[0];
    o[1] = even + odd;
    o[2] = even - odd;
    o[3] = g[2];
  }
  static void output(const V* m, V* o) {
    o[0] = m[0] + (m[1] + m[2]);
    o[1] = m[3] + (m[1] - m[2]);
  }
  static void gradOutput(const V* y, V* o) {
    o[0] = y[0];
    o[1] = y[0] + y[1];
    o[2] = y[0] - y[1];
    o[3] = y[1];
  }
  static void gradWeight(const V* u, V* o) {
    const V even = (u[1] + u[2]) * T(0.5);
    o[0] = u[0] + even;
    o[1] = (u[1] - u[2]) * T(0.5);
    o[2] = u[3] + even;
  }
};

// One axis of F(2, 5), at the points 0, a, -a, b, -b and infinity: of the points that are exact in few bits, these lose
// least.
template <class T> struct F5 {
  using V = Vec<T>;
  static constexpr int taps = 5, points = 6;
  static constexpr T a = T(0.625), b = T(1.5), a2 = a * a, b2 = b * b;
  static constexpr T scale0 = 1 / (a2 * b2), scaleA = 1 / (2 * a2 * (a2 - b2)), scaleB = 1 / (2 * b2 * (b2 - a2));

  static void input(const V* d, V* o) {
    const V evenA = d[4] - d[2] * b2, oddA = (d[3] - d[1] * b2) * a;
    const V evenB = d[4] - d[2] * a2, oddB = (d[3] - d[1] * a2) * b;
    o[0] = evenA + (d[0] * b2 - d[2]) * a2;
    o[1] = evenA + oddA;
    o[2] = evenA - oddA;
    o[3] = evenB + oddB;
    o[4] = evenB - oddB;
    o[5] = (d[5] - d[3] * b2) + (d[1] * b2 - d[3]) * a2;
  }
  static void weight(const V* g, V* o) {
    const V evenA = (g[0] + (g[2] + g[4] * a2) * a2) * scaleA, oddA = (g[1] + g[3] * a2) * (a * scaleA);
    const V evenB = (g[0] + (g[2] + g[4] * b2) * b2) * scaleB, oddB = (g[1] + g[3] * b2) * (b * scaleB);
    o[0] = g[0] * scale0;
    o[1] = evenA + oddA;
    o[2] = evenA - oddA;
    o[3] = evenB + oddB;
    o[4] = evenB - oddB;
    o[5] = g[4];
  }
  static void output(const V* m, V* o) {
    o[0] = m[0] + (m[1] + m[2]) + (m[3] + m[4]);
    o[1] = m[5] + (m[1] - m[2]) * a + (m[3] - m[4]) * b;
  }
  static void gradOutput(const V* y, V* o) {
    o[0] = y[0];
    o[1] = y[0] + y[1] * a;
    o[2] = y[0] - y[1] * a;
    o[3] = y[0] + y[1] * b;
    o[4] = y[0] - y[1] * b;
    o[5] = y[1];
  }
  static void gradWeight(const V* u, V* o) {
    const V evenA = (u[1] + u[2]) * scaleA, oddA = (u[1] - u[2]) * (a * scaleA);
    const V evenB = (u[3] + u[4]) * scaleB, oddB = (u[3] - u[4]) * (b * scaleB);
    o[0] = u[0] * scale0 + (evenA + evenB);
    o[1] = oddA + oddB;
    o[2] = evenA * a2 + evenB * b2;
    o[3] = oddA * a2 + oddB * b2;
    o[4] = u[5] + (evenA * (a2 * a2) + evenB * (b2 * b2));
  }
};

// From x From values of a tile become To x To: `axis` along the columns, then along the rows, for a register of
// channels at a time.
template <class T, int From, int To, void (*axis)(const Vec<T>*, Vec<T>*)>
void transform(int64_t tiles, int64_t n, const T* x, TileSteps xs, T* y, TileSteps ys, const T* bias, bool relu) {
  using V = Vec<T>;
  constexpr int64_t lanes = kLanes<T>;
  for (int64_t i = 0; i < tiles; i++, x += xs.tile, y += ys.tile)
    for (int64_t block = 0; block < n; block += lanes) {
      const int64_t j = block + lanes <= n ? block : n - lanes;  // the last block may compute channels again
      const V add = bias ? load(bias + j) : V{};
      V middle[To][From];
#pragma GCC unroll 6
      for (int col = 0; col < From; col++) {
        V line[From], out[To];
#pragma GCC unroll 6
        for (int row = 0; row < From; row++) line[row] = load(x + row * xs.row + col * xs.col + j);
        axis(line, out);
#pragma GCC unroll 6
        for (int row = 0; row < To; row++) middle[row][col] = out[row];
      }
#pragma GCC unroll 6
      for (int row = 0; row < To; row++) {
        V out[To];
        axis(middle[row], out);
#pragma GCC unroll 6
        for (int col = 0; col < To; col++) {
          const V value = out[col] + add;
          store(y + row * ys.row + col * ys.col + j, relu ? positive(value) : value);
        }
      }
    }
}

template <class F, class T> void add(FloatKernels<T>& k, int i) {
  k.winogradInput[i] = transform<T, F::points, F::points, F::input>;
  k.winogradWeight[i] = transform<T, F::taps, F::points, F::weight>;
  k.winogradOutput[i] = transform<T, F::points, 2, F::output>;
  k.winogradGradOutput[i] = transform<T, 2, F::points, F::gradOutput>;
  k.winogradGradWeight[i] = transform<T, F::points, F::taps, F::gradWeight>;
}

}  // namespace

void addWinograd(Kernels& k) {
  add<F3<float>>(k.f32, 0);
  add<F5<float>>(k.f32, 1);
  add<F3<double>>(k.f64, 0);
  add<F5<double>>(k.f64, 1);
}

}  // namespace cresset::ISA
