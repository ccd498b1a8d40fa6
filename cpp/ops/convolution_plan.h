// What the loops of a convolution need to know: sizes, strides and padding, for forward and for the gradients alike.
#pragma once
#include <algorithm>
#include <cstring>
#include <numeric>
#include <vector>

#include "core/thread_pool.h"
#include "kernels/kernels.h"

namespace cresset::convolution {

// Splits `n` into the fewest parts of at most `most`, as even as possible.
inline int64_t evenPart(int64_t n, int64_t most) {
  const int64_t parts = (n + most - 1) / most;
  return (n + parts - 1) / parts;
}

// Multiplications of a chunk, some two microseconds, below which sharing out costs more than it brings.
constexpr int64_t kLeastWork = 1 << 17;

// The taps of one axis that a convolution uses, in the order in which they meet the input.
struct Taps {
  int64_t first, step, count;
};

// A convolution with its padding spelled out at the top and left, whose output may lie spread out in memory.
struct Plan {
  int64_t n, h, w, c, oh, ow, oc;
  Taps rows, cols;
  int64_t strideH, strideW, top, left, dilationH, dilationW, groups;
  int64_t outSample, outRow, outCol, outOffset;  // in elements

  int64_t kh() const { return rows.count; }
  int64_t kw() const { return cols.count; }
  int64_t cg() const { return c / groups; }
  int64_t ocg() const { return oc / groups; }
  int64_t spanH() const { return (kh() - 1) * dilationH + 1; }
  int64_t spanW() const { return (kw() - 1) * dilationW + 1; }
  // How far apart windows lie in a slab: rows and columns between them that no window reads are left out.
  int64_t stepH() const { return std::min(strideH, spanH()); }
  int64_t stepW() const { return std::min(strideW, spanW()); }
  int64_t slabCols() const { return (ow - 1) * stepW() + spanW(); }
  int64_t slabRows(int64_t outRows) const { return (outRows - 1) * stepH() + spanH(); }
  // The row of the input that a row of the slab of all output rows shows; it lies outside where there is padding.
  int64_t inputRow(int64_t r) const { return (stepH() < strideH ? r / stepH() * strideH + r % stepH() : r) - top; }
  // Whether every window lies inside the input, so that the input serves as it is.
  bool unpadded() const {
    return groups == 1 && top == 0 && left == 0 && (oh - 1) * strideH + spanH() <= h &&
           (ow - 1) * strideW + spanW() <= w;
  }
  // Output rows per chunk, all chunks alike: about two million multiplications, fewer where that makes few chunks, but
  // at least `pixels` of output where there are as many.
  int64_t rowsPerChunk(int64_t pixels) const {
    const int64_t perRow = std::max<int64_t>(1, ow * ocg() * kh() * kw() * cg() * groups);
    const int64_t work = std::clamp<int64_t>(n * oh * perRow / 16, kLeastWork, int64_t{2} << 20);
    return evenPart(oh, std::clamp<int64_t>(std::max(work / perRow, (pixels + ow - 1) / ow), 1, oh));
  }
};

inline Plan forwardPlan(const Conv2dShape& s) {
  return {s.n,       s.h,       s.w,    s.c,    s.oh,        s.ow,        s.oc,     {0, 1, s.kh},       {0, 1, s.kw},
          s.strideH, s.strideW, s.padH, s.padW, s.dilationH, s.dilationW, s.groups, s.oh * s.ow * s.oc, s.ow * s.oc,
          s.oc,      0};
}

// One axis of the input's gradient at the places phase, phase + stride, ...: the taps that reach them from the output,
// last first, how far apart they meet it, and how far before the first place they start.
struct Phase {
  Taps taps;
  int64_t dilation, before;

  Phase(int64_t phase, int64_t taps, int64_t stride, int64_t pad, int64_t dilation) {
    const int64_t common = std::gcd(dilation, stride), step = stride / common;
    int64_t first = 0;
    while (first < taps && (phase + pad - first * dilation) % stride != 0) first++;
    const int64_t count = first < taps ? (taps - first + step - 1) / step : 0;
    this->taps = {first + step * (count - 1), -step, count};
    this->dilation = dilation / common;
    before = (count - 1) * this->dilation - (phase + pad - first * dilation) / stride;
  }
};

// With stride 1, the input's gradient is a convolution of dy with the flipped weight; else one for each phase of the
// stride.
inline Plan gradInputPlan(const Conv2dShape& s, int64_t phaseH, int64_t phaseW) {
  const Phase h(phaseH, s.kh, s.strideH, s.padH, s.dilationH), w(phaseW, s.kw, s.strideW, s.padW, s.dilationW);
  const int64_t rows = (s.h - phaseH + s.strideH - 1) / s.strideH, cols = (s.w - phaseW + s.strideW - 1) / s.strideW;
  return {s.n,
          s.oh,
          s.ow,
          s.oc,
          rows,
          cols,
          s.c,
          h.taps,
          w.taps,
          1,
          1,
          h.before,
          w.before,
          h.dilation,
          w.dilation,
          s.groups,
          s.h * s.w * s.c,
          s.strideH * s.w * s.c,
          s.strideW * s.c,
          (phaseH * s.w + phaseW) * s.c};
}

// Copies rows [row0, row0 + rows) of the slab of sample n and group g, zeros for padding; its pixels lie `pixel`
// elements apart.
template <class T>
void fillSlab(const Plan& p, const T* x, int64_t n, int64_t g, int64_t row0, int64_t rows, int64_t pixel, T* slab) {
  const int64_t cols = p.slabCols(), cg = p.cg();
  // Where windows overlap or touch, a row is one part; else each window is one.
  const int64_t parts = p.stepW() < p.strideW ? p.ow : 1, partCols = cols / parts;
  for (int64_t r = 0; r < rows; r++) {
    T* out = slab + r * cols * pixel;
    const int64_t ih = p.inputRow(row0 + r);
    if (cg == 0) continue;
    if (ih < 0 || ih >= p.h) {
      std::memset(out, 0, static_cast<size_t>(cols * pixel) * sizeof(T));
      continue;
    }
    for (int64_t part = 0; part < parts; part++, out += partCols * pixel) {
      const int64_t iw = part * p.strideW - p.left;
      const int64_t first = std::clamp<int64_t>(-iw, 0, partCols),
                    last = std::clamp<int64_t>(p.w - iw, first, partCols);
      const T* in = x + ((n * p.h + ih) * p.w + iw + first) * p.c + g * cg;
      std::memset(out, 0, static_cast<size_t>(first * pixel) * sizeof(T));
      if (p.groups == 1 && pixel == p.c)
        std::memcpy(out + first * pixel, in, static_cast<size_t>((last - first) * pixel) * sizeof(T));
      else
        for (int64_t j = first; j < last; j++)
          std::memcpy(out + j * pixel, in + (j - first) * p.c, static_cast<size_t>(cg) * sizeof(T));
      std::memset(out + last * pixel, 0, static_cast<size_t>((partCols - last) * pixel) * sizeof(T));
    }
  }
}

// Copies the window [y0, y0 + rows) x [x0, x0 + cols) of a picture [h, w, c], places `dilation` apart, with zeros where
// they lie outside.
template <class T>
void copyWindow(const T* picture, int64_t h, int64_t w, int64_t c, int64_t y0, int64_t x0, int64_t rows, int64_t cols,
                int64_t dilationH, int64_t dilationW, T* out) {
  const int64_t run = dilationW == 1 ? cols : 1;  // places that lie together
  for (int64_t i = 0; i < rows; i++)
    for (int64_t j = 0; j < cols; j += run, out += run * c) {
      const int64_t y = y0 + i * dilationH, x = x0 + j * dilationW;
      const bool inside = y >= 0 && y < h;
      const int64_t first = inside ? std::clamp<int64_t>(-x, 0, run) : run;
      const int64_t last = inside ? std::clamp<int64_t>(w - x, first, run) : run;
      std::fill_n(out, first * c, T(0));
      if (first < last) std::copy_n(picture + (y * w + x + first) * c, (last - first) * c, out + first * c);
      std::fill_n(out + last * c, (run - last) * c, T(0));
    }
}

// Adds all later sums of `size` values each to the first, in order.
template <class T> void addSums(int64_t count, int64_t size, T* sums) {
  constexpr int64_t kSpan = 4096;
  if (count > 1)
    parallelSpans(size, kSpan, [&](int64_t begin, int64_t end) {
      for (int64_t i = 1; i < count; i++)
        kernels().numeric<T>().add(end - begin, sums + begin, 1, sums + i * size + begin, 1, sums + begin, 1);
    });
}

// The places of the taps in a slab: a row of taps is one run where it lies without gaps.
struct Runs {
  int64_t count, length;
  int64_t* offsets;

  Runs(const Plan& p, int64_t pitch, int64_t pixel, int64_t* storage) : offsets(storage) {
    const bool whole = p.dilationW == 1 && pixel == p.cg();
    count = whole ? p.kh() : p.kh() * p.kw();
    length = whole ? p.kw() * p.cg() : p.cg();
    for (int64_t i = 0; i < count; i++)
      offsets[i] =
          whole ? i * p.dilationH * pitch : i / p.kw() * p.dilationH * pitch + i % p.kw() * p.dilationW * pixel;
  }
};

// The weight [oc, cg, kh, kw] as a plan sees it: which channels are input and output, which taps are used in which
// order.
template <class T> struct WeightView {
  const Plan& p;
  const T* weight;
  int64_t taps, groupSize, inStep, outStep, rowStep;

  // `exchanged`: for the input's gradient.
  WeightView(const Conv2dShape& s, const Plan& p, const T* weight, bool exchanged)
      : p(p), weight(weight), taps(p.kh() * p.kw()), rowStep(s.kw) {
    const int64_t all = s.kh * s.kw, channel = s.c / s.groups * all;
    groupSize = s.oc / s.groups * channel;
    inStep = exchanged ? channel : all;
    outStep = exchanged ? all : channel;
  }
  // Output channels follow at `outStep`.
  const T* at(int64_t group, int64_t in, int64_t out, int64_t tap) const {
    const int64_t row = p.rows.first + tap / p.kw() * p.rows.step, col = p.cols.first + tap % p.kw() * p.cols.step;
    return weight + group * groupSize + in * inStep + out * outStep + row * rowStep + col;
  }
  // All taps of an input channel for `count` output channels from `out` on: tap t of the o-th is to[t * step + o].
  void copyTaps(int64_t group, int64_t in, int64_t out, int64_t count, T* to, int64_t step) const {
    // Taps in the order of memory, or all of them in the reverse order, make one transposition.
    const bool backwards = p.cols.step == -1, inRow = p.cols.step == 1 || backwards;
    const int64_t together = !inRow ? 1 : p.rows.step == p.cols.step && p.kw() == rowStep ? taps : p.kw();
    for (int64_t t = 0; t < taps; t += together) {
      const int64_t lowest = backwards ? t + together - 1 : t;
      kernels().bytes.transpose(sizeof(T), count, together, at(group, in, out, lowest), outStep, to + lowest * step,
                                backwards ? -step : step);
    }
  }
};

// What becomes of a sum before it is stored.
template <class T> struct Epilogue {
  const T* bias;  // may be null
  bool relu;
};

// The ways to convolve. Each packs the weight as its loops read it and runs over what is packed.

// Whether every group has few channels, as many in as out, so that whole groups share a register.
template <class T> bool hasSmallGroups(const Plan& p) {
  const int64_t g = p.cg(), lanes = kernels().vectorBytes / static_cast<int64_t>(sizeof(T));
  return p.groups > 1 && g == p.ocg() && (g == 1 || g == 2 || g == 4 || g == 8) && g <= lanes;
}
template <class T> void packForGroups(const WeightView<T>& weight, T* packed);  // [tap][in a group][out]
// A plan and the weight as its loops read it.
template <class T> struct PackedPlan {
  Plan p;
  const T* packed;
};
// All `plans` over one input, each into its part of the output.
template <class T> void convolveGroups(const std::vector<PackedPlan<T>>& plans, const T* x, Epilogue<T> end, T* y);
template <class T> void groupsGradWeight(const Plan& p, const T* x, const T* dy, T* dweight);

// Whether registers of output channels would stay mostly empty: then they hold neighbouring pixels.
inline bool hasFewChannels(const Plan& p) { return p.strideH == 1 && p.strideW == 1 && p.ocg() <= 8 && p.cg() >= 8; }
template <class T> void packForFew(const WeightView<T>& weight, T* packed);  // [group][tap][out][in]
template <class T> void convolveFew(const Plan& p, const T* x, const T* packed, Epilogue<T> end, T* y);

// Whether Winograd's way takes fewer multiplications by more than its transforms cost.
bool suitsWinograd(const Plan& p);
template <class T> void packForWinograd(const WeightView<T>& weight, T* packed);  // [panel][point][in][width]
template <class T> void convolveWinograd(const Plan& p, const T* x, const T* packed, Epilogue<T> end, T* y);
// Whether it suits the weight's gradient too, whose sums over few pixels would round more than the direct way's.
bool gradWeightSuitsWinograd(const Plan& p);
// The weight's gradient, [tap][in][out in whole panels], in this thread's scratch slot 2.
template <class T> T* winogradGradWeight(const Plan& p, const T* x, const T* dy);

// Everything else: panels of as many output channels as a register tile is wide.
template <class T> void packForPanels(const WeightView<T>& weight, T* packed);  // [group][panel][tap][in][width]
template <class T> int64_t panelWidth() { return kernels().tileBytes / static_cast<int64_t>(sizeof(T)); }
template <class T> int64_t panelsOf(const Plan& p) { return (p.ocg() + panelWidth<T>() - 1) / panelWidth<T>(); }

}  // namespace cresset::convolution
