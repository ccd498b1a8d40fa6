// Convolutions in groups of few channels, as many in as out (depthwise: one): the channels of all groups lie side by
// side in registers.
#include "ops/convolution_plan.h"

namespace cresset::convolution {
namespace {

// Channels of which the processor itself sees what will be read next.
constexpr int64_t kFewChannels = 64;

// Rows of output in chunks, alike in every sample.
struct RowChunks {
  int64_t perSample, count;

  // `perRow` products a row.
  RowChunks(int64_t samples, int64_t rows, int64_t perRow) {
    constexpr int64_t kWork = 1 << 18;  // products of a chunk
    const int64_t together = std::clamp<int64_t>(kWork / std::max<int64_t>(1, perRow), 1, rows);
    perSample = (rows + together - 1) / together;
    count = samples * perSample;
  }
  int64_t sample(int64_t chunk) const { return chunk / perSample; }
  // The share of `rows` that a chunk takes.
  int64_t begin(int64_t chunk, int64_t rows) const { return rows * (chunk % perSample) / perSample; }
  int64_t end(int64_t chunk, int64_t rows) const { return rows * (chunk % perSample + 1) / perSample; }
};

int64_t productsOfRow(const Plan& p) { return p.ow * p.c * p.cg() * p.kh() * p.kw(); }

// The windows of a plan, row by row.
struct Windows {
  const Plan& p;
  int64_t taps;
  int64_t *offsets, *patchOffsets;  // of the taps, in the input and in a patch

  // `storage` holds two numbers for each tap.
  Windows(const Plan& p, int64_t* storage)
      : p(p), taps(p.kh() * p.kw()), offsets(storage), patchOffsets(storage + taps) {
    for (int64_t t = 0; t < taps; t++) {
      offsets[t] = (t / p.kw() * p.dilationH * p.w + t % p.kw() * p.dilationW) * p.c;
      patchOffsets[t] = t * p.c;
    }
  }

  // Calls fn(row, first column, columns, where their windows begin, tap offsets) for rows [row0, row1) of a picture:
  // columns whose windows lie inside come together, each other one with its window copied out.
  template <class T, class F> void each(const T* picture, int64_t row0, int64_t row1, F&& fn) const {
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
        fn(row, inner0, inner1 - inner0, picture + (y0 * p.w + inner0 * p.strideW - p.left) * p.c, offsets);
      for (int64_t col = 0; col < p.ow; col++) {
        if (col >= inner0 && col < inner1) continue;
        T* patch = static_cast<T*>(scratch(1, taps * p.c * static_cast<int64_t>(sizeof(T))));
        copyWindow(picture, p.h, p.w, p.c, y0, col * p.strideW - p.left, p.kh(), p.kw(), p.dilationH, p.dilationW,
                   patch);
        fn(row, col, int64_t{1}, static_cast<const T*>(patch), patchOffsets);
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

template <class T> void convolveGroups(const std::vector<PackedPlan<T>>& plans, const T* x, Epilogue<T> end, T* y) {
  int64_t taps = 0, perRow = 0, rows = 0;
  for (const auto& [p, packed] : plans) {
    taps += p.kh() * p.kw();
    perRow += productsOfRow(p);
    rows = std::max(rows, p.oh);
  }
  auto* storage = static_cast<int64_t*>(scratch(3, 2 * taps * 8));
  std::vector<Windows> windows;
  for (const auto& [p, packed] : plans) {
    windows.emplace_back(p, storage);
    storage += 2 * p.kh() * p.kw();
  }
  const auto& f = kernels().floating<T>();
  const RowChunks chunks(plans[0].p.n, rows, perRow);
  parallelFor(chunks.count, [&](int64_t chunk) {
    const int64_t n = chunks.sample(chunk);
    for (size_t i = 0; i < plans.size(); i++) {
      const Plan& p = plans[i].p;
      const T* packed = plans[i].packed;
      windows[i].each(x + n * p.h * p.w * p.c, chunks.begin(chunk, p.oh), chunks.end(chunk, p.oh),
                      [&](int64_t row, int64_t col, int64_t cols, const T* in, const int64_t* offsets) {
                        T* out = y + p.outOffset + n * p.outSample + row * p.outRow + col * p.outCol;
                        f.grouped(p.cg(), cols, p.c, windows[i].taps, offsets, p.strideW * p.c, in, packed, end.bias,
                                  out, p.outCol);
                        if (end.relu) f.relu(cols * p.c, out, out, 0, 0);  // forward alone: pixels lie together
                      });
    }
  });
}

template <class T> void groupsGradWeight(const Plan& p, const T* x, const T* dy, T* dweight) {
  const RowChunks chunks(p.n, p.oh, productsOfRow(p));
  const Windows windows(p, static_cast<int64_t*>(scratch(3, 2 * p.kh() * p.kw() * 8)));
  const int64_t taps = windows.taps, size = taps * p.cg() * p.c;
  // Consecutive chunks share a sum; sums are added in order.
  const int64_t partials = std::min<int64_t>(chunks.count, 32), perPartial = (chunks.count + partials - 1) / partials;
  T* sums = static_cast<T*>(scratch(2, partials * size * static_cast<int64_t>(sizeof(T))));
  parallelFor(partials, [&](int64_t part) {
    T* sum = sums + part * size;
    std::memset(sum, 0, static_cast<size_t>(size) * sizeof(T));
    for (int64_t chunk = part * perPartial; chunk < std::min(chunks.count, (part + 1) * perPartial); chunk++) {
      const int64_t n = chunks.sample(chunk);
      windows.each(x + n * p.h * p.w * p.c, chunks.begin(chunk, p.oh), chunks.end(chunk, p.oh),
                   [&](int64_t row, int64_t col, int64_t cols, const T* in, const int64_t* offsets) {
                     kernels().floating<T>().groupedGradWeight(p.cg(), cols, p.c, taps, offsets, p.strideW * p.c, in,
                                                               dy + ((n * p.oh + row) * p.ow + col) * p.c, sum);
                   });
    }
  });
  for (int64_t t = 0; t < taps; t++)
    for (int64_t i = 0; i < p.cg(); i++)
      for (int64_t o = 0; o < p.c; o++) {
        const int64_t at = (t * p.cg() + i) * p.c + o;
        T total = sums[at];
        for (int64_t part = 1; part < partials; part++) total += sums[part * size + at];
        dweight[(o * p.cg() + i) * taps + t] = total;
      }
}

#define INSTANTIATE(T)                                                                        \
  template void packForGroups(const WeightView<T>&, T*);                                      \
  template void convolveGroups(const std::vector<PackedPlan<T>>&, const T*, Epilogue<T>, T*); \
  template void groupsGradWeight(const Plan& p, const T* x, const T* dy, T* dweight);
INSTANTIATE(float)
INSTANTIATE(double)

}  // namespace cresset::convolution
