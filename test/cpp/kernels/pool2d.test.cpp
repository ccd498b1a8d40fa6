// Pooling forward and backward against a loop over every window.
#include "every_isa.h"

using namespace cresset;

namespace {

const Pool2dShape kShapes[] = {
    {2, 6, 7, 5, 3, 3, 2, 2, 2, 2, 0, 0, 1, 1},   // plain
    {1, 7, 7, 17, 4, 4, 3, 3, 2, 2, 1, 1, 1, 1},  // overlapping and padded
    {1, 8, 9, 1, 5, 6, 2, 2, 1, 1, 0, 0, 3, 3},   // dilated
    {1, 1, 1, 33, 1, 1, 1, 1, 1, 1, 0, 0, 1, 1},  // one cell
    {1, 5, 6, 16, 3, 2, 3, 2, 2, 3, 1, 0, 1, 1},  // uneven window and stride
    {1, 9, 8, 5, 5, 4, 5, 5, 1, 1, 0, 0, 1, 1},   // large windows
};

// Calls fn(place of the cell) for the cells of a window that lie inside the input; returns the padded window's size.
template <class F> void cells(const Pool2dShape& s, int64_t oh, int64_t ow, F&& fn) {
  for (int64_t i = 0; i < s.kh; i++)
    for (int64_t j = 0; j < s.kw; j++) {
      const int64_t h = oh * s.strideH - s.padH + i * s.dilationH, w = ow * s.strideW - s.padW + j * s.dilationW;
      if (h >= 0 && h < s.h && w >= 0 && w < s.w) fn(h * s.w + w);
    }
}

template <class T> void maxPool(const FloatKernels<T>& k, const Pool2dShape& s) {
  const std::vector<T> x = samples<T>(s.h * s.w * s.c, 1), dy = samples<T>(s.oh * s.ow * s.c, 2);
  std::vector<T> y(dy.size()), dx(x.size()), want(x.size());
  std::vector<int32_t> index(dy.size());
  k.maxPool2d(s, 0, s.oh / 2, x.data(), y.data(), index.data());
  k.maxPool2d(s, s.oh / 2, s.oh, x.data(), y.data(), index.data());
  k.maxPool2dBackward(s, 0, s.oh / 2, dy.data(), index.data(), dx.data());
  k.maxPool2dBackward(s, s.oh / 2, s.oh, dy.data(), index.data(), dx.data());
  for (int64_t oh = 0; oh < s.oh; oh++)
    for (int64_t ow = 0; ow < s.ow; ow++)
      for (int64_t c = 0; c < s.c; c++) {
        int64_t best = -1;
        cells(s, oh, ow, [&](int64_t at) {
          if (best < 0 || x[at * s.c + c] > x[best * s.c + c]) best = at;
        });
        const int64_t o = (oh * s.ow + ow) * s.c + c;
        CHECK(index[o] == best);
        CHECK(y[o] == x[best * s.c + c]);
        want[best * s.c + c] += dy[o];
      }
  for (size_t i = 0; i < want.size(); i++) CHECK_CLOSE(dx[i], want[i], 1e-6);
}

template <class T> void avgPool(const FloatKernels<T>& k, const Pool2dShape& s, bool countIncludePad, int64_t divisor) {
  const std::vector<T> x = samples<T>(s.h * s.w * s.c, 1), dy = samples<T>(s.oh * s.ow * s.c, 2);
  std::vector<T> y(dy.size()), dx(x.size(), T(9));
  std::vector<double> want(x.size(), 0.0);
  k.avgPool2d(s, countIncludePad, divisor, 0, s.oh, x.data(), y.data());
  k.avgPool2dBackward(s, countIncludePad, divisor, dy.data(), dx.data());
  const auto span = [](int64_t start, int64_t size, int64_t cells, int64_t pad) {
    return std::min(start + cells, size + pad) - start;
  };
  for (int64_t oh = 0; oh < s.oh; oh++)
    for (int64_t ow = 0; ow < s.ow; ow++)
      for (int64_t c = 0; c < s.c; c++) {
        double sum = 0, inside = 0;
        cells(s, oh, ow, [&](int64_t at) { sum += static_cast<double>(x[at * s.c + c]), inside++; });
        const double padded = static_cast<double>(span(oh * s.strideH - s.padH, s.h, s.kh, s.padH) *
                                                  span(ow * s.strideW - s.padW, s.w, s.kw, s.padW));
        const double by = divisor ? static_cast<double>(divisor) : countIncludePad ? padded : inside;
        const int64_t o = (oh * s.ow + ow) * s.c + c;
        CHECK_CLOSE(y[o], sum / by, 1e-6);
        cells(s, oh, ow, [&](int64_t at) { want[at * s.c + c] += static_cast<double>(dy[o]) / by; });
      }
  for (size_t i = 0; i < want.size(); i++) CHECK_CLOSE(dx[i], want[i], 1e-6);
}

template <class T> void all(const FloatKernels<T>& k) {
  for (const Pool2dShape& s : kShapes) {
    maxPool(k, s);
    if (s.dilationH > 1) continue;
    avgPool(k, s, true, 0);
    avgPool(k, s, false, 0);
    avgPool(k, s, true, 7);
  }
}

}  // namespace

TEST(kernels_pool2d) {
  onEveryIsa([](const Kernels& k) {
    all(k.f32);
    all(k.f64);
  });
}
