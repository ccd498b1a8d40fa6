// Depthwise convolutions, one input and one output channel a group: channels lie side by side in registers.
#include <algorithm>
#include <cstring>

#include "core/scratch.h"
#include "core/thread_pool.h"
#include "ops/convolution_plan.h"

namespace cresset::convolution {
namespace {

// What the loops over rows of output share: the input of all groups as one slab.
struct Rows {
  Plan whole;  // the plan as if the channels were one group's
  bool direct;
  int64_t stepH, stepW, pitch, sample, rowStep, rowChunks, units;
  int64_t* offsets;

  explicit Rows(const Plan& p) : whole(p) {
    whole.groups = 1;
    direct = whole.unpadded();
    stepH = direct ? p.strideH : p.stepH();
    stepW = direct ? p.strideW : p.stepW();
    pitch = (direct ? p.w : p.slabCols()) * p.c;
    constexpr int64_t kWork = 1 << 18;  // products of a chunk
    rowStep = std::clamp<int64_t>(kWork / std::max<int64_t>(1, p.ow * p.c * p.kh() * p.kw()), 1, p.oh);
    rowChunks = (p.oh + rowStep - 1) / rowStep;
    units = p.n * rowChunks;
    offsets = static_cast<int64_t*>(scratch(3, p.kh() * p.kw() * 8));
    for (int64_t t = 0; t < p.kh() * p.kw(); t++)
      offsets[t] = t / p.kw() * p.dilationH * pitch + t % p.kw() * p.dilationW * p.c;
  }

  // Calls fn(sample, output row, the input that its windows begin at) for every row of a unit.
  template <class T, class F> void each(int64_t unit, const T* x, F&& fn) const {
    const Plan& p = whole;
    const int64_t n = unit / rowChunks, row0 = unit % rowChunks * rowStep, rows = std::min(rowStep, p.oh - row0);
    const T* in = x + (n * p.h + row0 * p.strideH) * pitch;
    if (!direct) {
      T* slab = static_cast<T*>(scratch(1, p.slabRows(rows) * pitch * static_cast<int64_t>(sizeof(T))));
      fillSlab(p, x, n, 0, row0 * p.stepH(), p.slabRows(rows), p.cg(), slab);
      in = slab;
    }
    for (int64_t row = 0; row < rows; row++) fn(n, row0 + row, in + row * stepH * pitch);
  }
};

}  // namespace

template <class T> void packForDepthwise(const WeightView<T>& weight, T* packed) {
  const Plan& p = weight.p;
  for (int64_t t = 0; t < weight.taps; t++)
    for (int64_t g = 0; g < p.groups; g++) packed[t * p.c + g] = *weight.at(g, 0, 0, t);
}

template <class T> void convolveDepthwise(const Plan& p, const T* x, const T* packed, Epilogue<T> end, T* y) {
  const Rows rows(p);
  parallelFor(rows.units, [&](int64_t unit) {
    rows.each(unit, x, [&](int64_t n, int64_t row, const T* in) {
      T* out = y + p.outOffset + n * p.outSample + row * p.outRow;
      kernels().floating<T>().depthwise(p.ow, p.c, p.kh() * p.kw(), rows.offsets, rows.stepW * p.c, in, packed,
                                        end.bias, out, p.outCol);
      if (end.relu) kernels().floating<T>().relu(p.ow * p.c, out, out, 0, 0);  // forward alone: pixels lie together
    });
  });
}

template <class T> void depthwiseGradWeight(const Plan& p, const T* x, const T* dy, T* dweight) {
  const Rows rows(p);
  const int64_t taps = p.kh() * p.kw(), size = taps * p.c;
  // Consecutive units share a sum; sums are added in order.
  const int64_t partials = std::min<int64_t>(rows.units, 32), perPartial = (rows.units + partials - 1) / partials;
  T* sums = static_cast<T*>(scratch(2, partials * size * static_cast<int64_t>(sizeof(T))));
  parallelFor(partials, [&](int64_t part) {
    T* sum = sums + part * size;
    std::memset(sum, 0, static_cast<size_t>(size) * sizeof(T));
    for (int64_t unit = part * perPartial; unit < std::min(rows.units, (part + 1) * perPartial); unit++)
      rows.each(unit, x, [&](int64_t n, int64_t row, const T* in) {
        kernels().floating<T>().depthwiseGradWeight(p.ow, p.c, taps, rows.offsets, rows.stepW * p.c, in,
                                                    dy + (n * p.oh + row) * p.ow * p.c, sum);
      });
  });
  for (int64_t t = 0; t < taps; t++)
    for (int64_t g = 0; g < p.c; g++) {
      T total = sums[t * p.c + g];
      for (int64_t part = 1; part < partials; part++) total += sums[part * size + t * p.c + g];
      dweight[g * taps + t] = total;
    }
}

#define INSTANTIATE(T)                                                               \
  template void packForDepthwise(const WeightView<T>&, T*);                          \
  template void convolveDepthwise(const Plan&, const T*, const T*, Epilogue<T>, T*); \
  template void depthwiseGradWeight(const Plan& p, const T* x, const T* dy, T* dweight);
INSTANTIATE(float)
INSTANTIATE(double)

}  // namespace cresset::convolution
