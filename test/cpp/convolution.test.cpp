// Convolution and its gradients against plain loops, over strides, padding, dilation and groups.
#include "ops/convolution.h"

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "core/thread_pool.h"
#include "test.h"

using namespace cresset;

namespace {

std::vector<float> randomValues(int64_t n, uint32_t seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<float> uniform(-1, 1);
  std::vector<float> v(static_cast<size_t>(n));
  for (float& x : v) x = uniform(random);
  return v;
}

// fn(x index, y index, weight index) for every product of the convolution.
template <class F> void eachProduct(const Conv2dShape& s, F fn) {
  const int64_t cg = s.c / s.groups, ocg = s.oc / s.groups;
  for (int64_t n = 0; n < s.n; n++)
    for (int64_t oh = 0; oh < s.oh; oh++)
      for (int64_t ow = 0; ow < s.ow; ow++)
        for (int64_t oc = 0; oc < s.oc; oc++)
          for (int64_t kh = 0; kh < s.kh; kh++)
            for (int64_t kw = 0; kw < s.kw; kw++) {
              const int64_t ih = oh * s.strideH - s.padH + kh * s.dilationH,
                            iw = ow * s.strideW - s.padW + kw * s.dilationW;
              if (ih < 0 || ih >= s.h || iw < 0 || iw >= s.w) continue;
              for (int64_t c = 0; c < cg; c++)
                fn(((n * s.h + ih) * s.w + iw) * s.c + oc / ocg * cg + c, ((n * s.oh + oh) * s.ow + ow) * s.oc + oc,
                   ((oc * cg + c) * s.kh + kh) * s.kw + kw);
            }
}

// `tolerance` counts from the largest value: what sums of many products lose does not depend on how many cancel.
template <class T> void compare(const std::vector<T>& actual, const std::vector<double>& expected, double tolerance) {
  double largest = 0;
  for (double value : expected) largest = std::max(largest, std::abs(value));
  for (size_t i = 0; i < actual.size(); i++)
    CHECK(std::abs(static_cast<double>(actual[i]) - expected[i]) <= tolerance * largest);
}

Conv2dShape shapeOf(int64_t n, int64_t h, int64_t w, int64_t c, int64_t oc, int64_t kh, int64_t kw, int64_t stride,
                    int64_t pad, int64_t dilation, int64_t groups) {
  Conv2dShape s{n, h, w, c, 0, 0, oc, kh, kw, stride, stride, pad, pad, dilation, dilation, groups};
  s.oh = (h + 2 * pad - dilation * (kh - 1) - 1) / stride + 1;
  s.ow = (w + 2 * pad - dilation * (kw - 1) - 1) / stride + 1;
  return s;
}

const Conv2dShape kShapes[] = {
    shapeOf(1, 1, 1, 1, 1, 1, 1, 1, 0, 1, 1),
    shapeOf(2, 7, 9, 3, 5, 5, 5, 1, 2, 1, 1),
    shapeOf(3, 8, 8, 32, 33, 3, 3, 1, 1, 1, 1),
    shapeOf(2, 9, 11, 4, 6, 3, 2, 2, 1, 1, 2),
    shapeOf(1, 12, 10, 6, 6, 3, 3, 1, 1, 2, 6),
    shapeOf(2, 5, 5, 8, 16, 1, 1, 1, 0, 1, 1),
    shapeOf(1, 10, 10, 3, 64, 7, 7, 2, 3, 1, 1),
    shapeOf(2, 6, 6, 4, 4, 3, 3, 3, 2, 1, 1),
    shapeOf(1, 16, 15, 2, 3, 3, 3, 1, 5, 1, 1),
    shapeOf(2, 11, 7, 4, 8, 2, 3, 2, 1, 3, 4),
    shapeOf(2, 9, 40, 9, 3, 3, 3, 1, 1, 1, 1),  // few output channels
    shapeOf(2, 12, 37, 32, 4, 5, 3, 1, 3, 2, 2),
    shapeOf(1, 70, 5, 8, 1, 3, 3, 1, 4, 3, 1),
    shapeOf(1, 40, 33, 8, 8, 5, 5, 1, 2, 1, 1),      // and of few input channels, as its gradient
    shapeOf(3, 7, 7, 64, 96, 3, 3, 1, 1, 1, 1),      // a large weight over several samples
    shapeOf(1, 11, 10, 40, 36, 3, 3, 2, 1, 1, 1),    // a stride's phases
    shapeOf(1, 13, 12, 2, 3, 3, 2, 4, 2, 2, 1),      // phases that no tap reaches
    shapeOf(2, 8, 8, 24, 40, 1, 1, 1, 0, 1, 1),      // one by one
    shapeOf(2, 11, 15, 300, 140, 1, 1, 1, 0, 1, 1),  // and with a gradient that is a product of matrices
    shapeOf(2, 9, 8, 5, 7, 2, 2, 5, 4, 1, 1),        // rows and columns that no window reads
    shapeOf(2, 8, 9, 6, 40, 1, 1, 2, 1, 1, 2),
    shapeOf(1, 4, 4, 2, 3, 2, 2, 20001, 20000, 1, 1),
    shapeOf(2, 12, 13, 35, 35, 3, 3, 1, 1, 1, 35),  // depthwise
    shapeOf(2, 13, 9, 16, 16, 5, 3, 2, 2, 1, 16),
    shapeOf(1, 11, 12, 18, 18, 2, 2, 3, 0, 1, 18),
    shapeOf(2, 9, 8, 20, 20, 2, 2, 5, 1, 1, 20),  // phases that no tap reaches
    shapeOf(2, 9, 8, 36, 36, 3, 3, 1, 1, 1, 9),   // groups of 4, 2 and 8 channels
    shapeOf(1, 7, 9, 6, 6, 3, 3, 2, 1, 1, 3),
    shapeOf(2, 6, 7, 40, 40, 3, 2, 1, 2, 2, 5),
    shapeOf(1, 5, 6, 32, 32, 3, 3, 1, 1, 1, 2),
    shapeOf(1, 4, 4, 0, 3, 2, 2, 1, 0, 1, 1),        // no channels
    shapeOf(1, 1, 128, 32, 32, 1, 2, 64, 0, 63, 2),  // a group's pixels moved to where all groups' would lie
    // Winograd: channels that fill no register, tiles that reach over every side, padding beyond the kernel
    shapeOf(2, 9, 6, 17, 33, 3, 3, 1, 0, 1, 1),
    shapeOf(2, 7, 8, 40, 20, 5, 5, 1, 4, 1, 1),
    shapeOf(2, 6, 5, 16, 20, 3, 3, 1, 5, 1, 1),
    shapeOf(3, 1, 40, 16, 16, 5, 5, 1, 2, 1, 1),
    shapeOf(66, 1, 1, 18, 16, 3, 3, 1, 1, 1, 1),   // nothing but corners
    shapeOf(1, 11, 9, 150, 40, 3, 3, 1, 1, 1, 1),  // channels that are summed in parts, few tiles
    shapeOf(5, 30, 31, 16, 16, 5, 5, 1, 2, 1, 1),  // chunks of tiles, and enough pixels for a sum of each
    shapeOf(2, 17, 16, 136, 136, 3, 3, 1, 1, 1, 1),
};

// A convolution and its gradients by plain loops. Values are float's, so that both dtypes compute with the same.
struct Reference {
  Conv2dShape s;
  std::vector<float> x, w, bias, dy;
  std::vector<double> y, dx, dw;

  explicit Reference(const Conv2dShape& shape)
      : s(shape),
        x(randomValues(s.n * s.h * s.w * s.c, 1)),
        w(randomValues(s.oc * s.c / s.groups * s.kh * s.kw, 2)),
        bias(randomValues(s.oc, 3)),
        dy(randomValues(s.n * s.oh * s.ow * s.oc, 4)),
        y(dy.size()),
        dx(x.size()),
        dw(w.size()) {
    for (size_t i = 0; i < y.size(); i++) y[i] = bias[i % bias.size()];
    eachProduct(s, [&](int64_t ix, int64_t iy, int64_t iw) {
      const auto a = static_cast<size_t>(ix), b = static_cast<size_t>(iy), c = static_cast<size_t>(iw);
      const double from = x[a], by = w[c], gradient = dy[b];
      y[b] += from * by;
      dx[a] += gradient * by;
      dw[c] += gradient * from;
    });
  }

  template <class T> void check(double tolerance) const {
    const auto as = [](const std::vector<float>& v) { return std::vector<T>(v.begin(), v.end()); };
    const std::vector<T> tx = as(x), tw = as(w), tbias = as(bias), tdy = as(dy);
    std::vector<T> ty(y.size()), tdx(x.size()), tdw(w.size());
    conv2dForward<T>(s, tx.data(), tw.data(), tbias.data(), false, ty.data());
    conv2dGradInput<T>(s, tdy.data(), tw.data(), tdx.data());
    conv2dGradWeight<T>(s, tx.data(), tdy.data(), tdw.data());
    compare(ty, y, tolerance);
    compare(tdx, dx, tolerance);
    compare(tdw, dw, tolerance);
  }
};

}  // namespace

TEST(convolution_matches_plain_loops) {
  for (const Conv2dShape& s : kShapes) {
    const Reference reference(s);
    reference.check<float>(5e-6);
    reference.check<double>(1e-14);
  }
}

TEST(convolution_is_the_same_for_any_number_of_threads) {
  for (const Conv2dShape& s :
       {shapeOf(9, 16, 16, 8, 24, 5, 5, 1, 2, 1, 1), shapeOf(9, 8, 8, 64, 64, 3, 3, 1, 1, 1, 1),
        shapeOf(20, 16, 16, 16, 24, 5, 5, 1, 2, 1, 1), shapeOf(4, 11, 15, 300, 140, 1, 1, 1, 0, 1, 1),
        shapeOf(9, 9, 8, 36, 36, 3, 3, 2, 1, 1, 9)}) {
    const auto x = randomValues(s.n * s.h * s.w * s.c, 1), dy = randomValues(s.n * s.oh * s.ow * s.oc, 2);
    std::vector<float> one(static_cast<size_t>(s.oc * s.c * s.kh * s.kw)), many = one;
    setNumThreads(1);
    conv2dGradWeight<float>(s, x.data(), dy.data(), one.data());
    setNumThreads(4);
    conv2dGradWeight<float>(s, x.data(), dy.data(), many.data());
    setNumThreads(2);
    CHECK(one == many);
  }
}
