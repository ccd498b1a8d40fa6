// Convolutions in groups of few channels, as many in as out (depthwise: one): the channels of all groups lie side by
// side in registers.
#include "ops/convolution_plan.h"

namespace cresset::convolution {
namespace {

// Channels of which the processor itself sees what will be read next.
constexpr int64_t kFewChannels = 64;

// What the loops over rows of output share.
struct Rows {
  const Plan& p;
  int64_t taps, rowStep, rowChunks, units;
  int64_t *offsets, *patchOffsets;  // of the taps, in the input and in a patch

  explicit Rows(const Plan& p) : p(p), taps(p.kh() * p.kw()) {
    constexpr int64_t kWork = 1 << 18;  // products of a chunk
    rowStep = std::clamp<int64_t>(kWork / std::max<int64_t>(1, p.ow * p.c * p.cg() * taps), 1, p.oh);
    rowChunks = (p.oh + rowStep - 1) / rowStep;
    units = p.n * rowChunks;
    offsets = static_cast<int64_t*>(scratch(3, 2 * taps * 8));
    patchOffsets = offsets + taps;
    for (int64_t t = 0; t < taps; t++) {
      offsets[t] = (t / p.kw() * p.dilationH * p.w + t % p.kw() * p.dilationW) * p.c;
      patchOffsets[t] = t * p.c;
    }
  }

  // Calls fn(sample, output row, first column, columns, where their windows begin, tap offsets) for all of a unit:
  // columns whose windows lie inside come together, each other one with its window copied out.
  template <class T, class F> void each(int64_t unit, const T* x, F&& fn) const {
    const int64_t n = unit / rowChunks, row0 = unit % rowChunks * rowStep, row1 = std::min(row0 + rowStep, p.oh);
    const T* picture = x + n * p.h * p.w * p.c;
    for (int64_t row = row0; row < row1; row++) {
      const int64_t y0 = row * p.strideH - p.top;
      // The rows that the next row of output reads beside those of this one: channel by channel, they would come late.
      if (p.c > kFewChannels)
        for (int64_t y = std::max<int64_t>(0, y0 + p.spanH()); y < std::min(p.h, y0 + p.spanH() + p.strideH); y++)
          for (int64_t i = 0; i < p.w * p.c; i += 64 / static_cast<int64_t>(sizeof(T)))
            __builtin_prefetch(picture + y * p.w * p.c + i, 0, 2);
      const bool inside = y0 >= 0 && y0 + p.spanH() <= p.h;
      const int64_t last = p.w - p.spanW() + p.left;  // where the last window inside begins, counted from the padding
      const int64_t inner0 = inside ? std::clamp<int64_t>((p.left + p.strideW - 1) / p.strideW, 0, p.ow) : p.ow;
      const int64_t inner1 = inside && last >= 0 ? std::clamp<int64_t>(last / p.strideW + 1, inner0, p.ow) : inner0;
      if (inner0 < inner1)
        fn(n, row, inner0, inner1 - inner0, picture + (y0 * p.w + inner0 * p.strideW - p.left) * p.c, offsets);
      for (int64_t col = 0; col < p.ow; col++) {
        if (col >= inner0 && col < inner1) continue;
        T* patch = static_cast<T*>(scratch(1, taps * p.c * static_cast<int64_t>(sizeof(T))));
        copyWindow(picture, p.h, p.w, p.c, y0, col * p.strideW - p.left, p.kh(), p.kw(), p.dilationH, p.dilationW,
                   patch);
        fn(n, row, col, int64_t{1}, static_cast<const T*>(patch), patchOffsets);
      }
    }
  }
};

}  // namespace

template <class T> void packForGroups(const WeightView<T>& v, T* packed) {
  const Plan& p = v.p;
  for (int64_t t = 0; t < v.taps; t++)
    for (int64_t i = 0; i < p.cg(); i++)
      for (int64_t o = 0; o < p.oc; o++) *packed++ = *v.at(o / p.ocg(), i, o % p.ocg(), t);
}

template <class T> void convolveGroups(const Plan& p, const T* x, const T* packed, Epilogue<T> end, T* y) {
  const auto& f = kernels().floating<T>();
  const Rows rows(p);
  parallelFor(rows.units, [&](int64_t unit) {
    rows.each(unit, x, [&](int64_t n, int64_t row, int64_t col, int64_t cols, const T* in, const int64_t* offsets) {
      T* out = y + p.outOffset + n * p.outSample + row * p.outRow + col * p.outCol;
      f.grouped(p.cg(), cols, p.c, rows.taps, offsets, p.strideW * p.c, in, packed, end.bias, out, p.outCol);
      if (end.relu) f.relu(cols * p.c, out, out, 0, 0);  // forward alone: pixels lie together
    });
  });
}

template <class T> void groupsGradWeight(const Plan& p, const T* x, const T* dy, T* dweight) {
  const Rows rows(p);
  const int64_t size = rows.taps * p.cg() * p.c;
  // Consecutive units share a sum; sums are added in order.
  const int64_t partials = std::min<int64_t>(rows.units, 32), perPartial = (rows.units + partials - 1) / partials;
  T* sums = static_cast<T*>(scratch(2, partials * size * static_cast<int64_t>(sizeof(T))));
  parallelFor(partials, [&](int64_t part) {
    T* sum = sums + part * size;
    std::memset(sum, 0, static_cast<size_t>(size) * sizeof(T));
    for (int64_t unit = part * perPartial; unit < std::min(rows.units, (part + 1) * perPartial); unit++)
      rows.each(unit, x, [&](int64_t n, int64_t row, int64_t col, int64_t cols, const T* in, const int64_t* offsets) {
        kernels().floating<T>().groupedGradWeight(p.cg(), cols, p.c, rows.taps, offsets, p.strideW * p.c, in,
                                                  dy + ((n * p.oh + row) * p.ow + col) * p.c, sum);
      });
  });
  for (int64_t t = 0; t < rows.taps; t++)
    for (int64_t i = 0; i < p.cg(); i++)
      for (int64_t o = 0; o < p.c; o++) {
        const int64_t at = (t * p.cg() + i) * p.c + o;
        T total = sums[at];
        for (int64_t part = 1; part < partials; part++) total += sums[part * size + at];
        dweight[(o * p.cg() + i) * rows.taps + t] = total;
      }
}

#define INSTANTIATE(T)                                                            \
  template void packForGroups(const WeightView<T>&, T*);                          \
  template void convolveGroups(const Plan&, const T*, const T*, Epilogue<T>, T*); \
  template void groupsGradWeight(const Plan& p, const T* x, const T* dy, T* dweight);
INSTANTIATE(float)
INSTANTIATE(double)

}  // namespace cresset::convolution
