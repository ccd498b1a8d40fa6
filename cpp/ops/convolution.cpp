// Convolution without an im2col buffer: a slab of the input is copied once with its padding, then its rows are the
// panels of the GEMM tile. Forward and the input's gradient are the same loop over different operands; the weight's
// gradient swaps what is summed.
#include "ops/convolution.h"

#include <algorithm>
#include <cstring>
#include <numeric>

#include "core/thread_pool.h"

namespace cresset {
namespace {

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
  int64_t paddedCols() const { return (ow - 1) * strideW + (kw() - 1) * dilationW + 1; }
  int64_t paddedRows(int64_t outRows) const { return (outRows - 1) * strideH + (kh() - 1) * dilationH + 1; }
  // Whether every window lies inside the input, so that the input serves as it is.
  bool unpadded() const { return groups == 1 && top == 0 && left == 0 && paddedRows(oh) <= h && paddedCols() <= w; }
  // Output rows per chunk: about two million multiplications, and at least `pixels` of output where there are as many.
  int64_t rowsPerChunk(int64_t pixels) const {
    const int64_t perRow = std::max<int64_t>(1, ow * ocg() * kh() * kw() * cg() * groups);
    return std::clamp<int64_t>(std::max((int64_t{2} << 20) / perRow, (pixels + ow - 1) / ow), 1, oh);
  }
};

Plan forwardPlan(const Conv2dShape& s) {
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
Plan gradInputPlan(const Conv2dShape& s, int64_t phaseH, int64_t phaseW) {
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

// Copies what output rows [row0, row0 + rows) of sample n see of group g's input, zeros for padding.
template <class T> void fillSlab(const Plan& p, const T* x, int64_t n, int64_t g, int64_t row0, int64_t rows, T* slab) {
  const int64_t cols = p.paddedCols(), cg = p.cg(), height = p.paddedRows(rows);
  const int64_t first = std::clamp<int64_t>(p.left, 0, cols), last = std::clamp<int64_t>(p.w + p.left, first, cols);
  for (int64_t r = 0; r < height; r++) {
    T* out = slab + r * cols * cg;
    const int64_t ih = row0 * p.strideH + r - p.top;
    if (ih < 0 || ih >= p.h) {
      std::memset(out, 0, static_cast<size_t>(cols * cg) * sizeof(T));
      continue;
    }
    const T* in = x + ((n * p.h + ih) * p.w + first - p.left) * p.c + g * cg;
    std::memset(out, 0, static_cast<size_t>(first * cg) * sizeof(T));
    if (cg == p.c)
      std::memcpy(out + first * cg, in, static_cast<size_t>((last - first) * cg) * sizeof(T));
    else
      for (int64_t j = first; j < last; j++)
        std::memcpy(out + j * cg, in + (j - first) * p.c, static_cast<size_t>(cg) * sizeof(T));
    std::memset(out + last * cg, 0, static_cast<size_t>((cols - last) * cg) * sizeof(T));
  }
}

// The places of the taps in a slab: a row of taps is one run where it lies without gaps.
struct Runs {
  int64_t count, length;
  int64_t* offsets;

  Runs(const Plan& p, int64_t pitch, int64_t* storage) : offsets(storage) {
    const bool whole = p.dilationW == 1;
    count = whole ? p.kh() : p.kh() * p.kw();
    length = whole ? p.kw() * p.cg() : p.cg();
    for (int64_t i = 0; i < count; i++)
      offsets[i] =
          whole ? i * p.dilationH * pitch : i / p.kw() * p.dilationH * pitch + i % p.kw() * p.dilationW * p.cg();
  }
};

// Splits `n` into the fewest parts of at most `most`, as even as possible.
int64_t evenPart(int64_t n, int64_t most) {
  const int64_t parts = (n + most - 1) / most;
  return (n + parts - 1) / parts;
}

// Output pixels that should share one reading of the packed weight, and chunks that give every thread its share.
constexpr int64_t kPixels = 96, kChunks = 32;

// y = conv(x, packed weight) + bias; packed: [group][panel][kh][kw][cg][width].
template <class T> void convolve(const Plan& p, const T* x, const T* packed, const T* bias, T* y) {
  if (p.n * p.oh * p.ow * p.oc == 0) return;
  const Kernels& table = kernels();
  const auto tile = table.floating<T>().tile;
  const int64_t width = table.tileBytes / static_cast<int64_t>(sizeof(T)), tileRows = table.tileRows;
  const int64_t ocg = p.ocg(), cg = p.cg(), panels = (ocg + width - 1) / width, depth = p.kh() * p.kw() * cg;
  const int64_t rowStep = p.rowsPerChunk(kPixels), rowChunks = (p.oh + rowStep - 1) / rowStep;
  // Few pixels a sample: several samples a chunk. Few chunks: each takes a part of the panels.
  const int64_t samples = rowChunks > 1 ? 1 : std::clamp<int64_t>(kPixels / (p.oh * p.ow), 1, p.n);
  const int64_t places = (p.n + samples - 1) / samples * rowChunks;
  const int64_t panelStep = evenPart(panels, std::max<int64_t>(1, panels * places / kChunks));
  const int64_t panelChunks = (panels + panelStep - 1) / panelStep;
  const bool direct = p.unpadded();
  const int64_t pitch = direct ? p.w * p.c : p.paddedCols() * cg, part = evenPart(p.ow, tileRows);
  const int64_t sampleSize = direct ? p.h * pitch : p.paddedRows(rowStep) * pitch;
  auto* offsets = static_cast<int64_t*>(scratch(3, p.kh() * p.kw() * 8));
  const Runs runs(p, pitch, offsets);
  parallelFor(places * panelChunks, [&](int64_t chunk) {
    const int64_t place = chunk / panelChunks, panel0 = chunk % panelChunks * panelStep;
    const int64_t n0 = place / rowChunks * samples, n1 = std::min(n0 + samples, p.n);
    const int64_t row0 = place % rowChunks * rowStep, rows = std::min(rowStep, p.oh - row0);
    const T* in = x + n0 * sampleSize + row0 * p.strideH * pitch;
    for (int64_t g = 0; g < p.groups; g++) {
      if (!direct) {
        T* slabs = static_cast<T*>(scratch(1, samples * sampleSize * static_cast<int64_t>(sizeof(T))));
        for (int64_t n = n0; n < n1; n++) fillSlab(p, x, n, g, row0, rows, slabs + (n - n0) * sampleSize);
        in = slabs;
      }
      for (int64_t panel = panel0; panel < std::min(panel0 + panelStep, panels); panel++) {
        const int64_t cols = std::min(width, ocg - panel * width), channel = g * ocg + panel * width;
        const T* weight = packed + (g * panels + panel) * depth * width;
        for (int64_t n = n0; n < n1; n++)
          for (int64_t row = 0; row < rows; row++)
            for (int64_t ow = 0; ow < p.ow; ow += part) {
              const int64_t m = std::min(part, p.ow - ow);
              tile({m, cols, runs.length, runs.count, runs.offsets, p.strideW * cg, 1, width, runs.length * width,
                    p.outCol, false},
                   in + (n - n0) * sampleSize + row * p.strideH * pitch + ow * p.strideW * cg, weight,
                   bias ? bias + channel : nullptr,
                   y + p.outOffset + n * p.outSample + (row0 + row) * p.outRow + ow * p.outCol + channel);
            }
      }
    }
  });
}

// Packs the weight [oc, cg, kh, kw] for `convolve`, the channels exchanged for the input's gradient.
template <class T> T* packWeight(const Conv2dShape& s, const Plan& p, const T* weight, bool exchanged) {
  const int64_t width = kernels().tileBytes / static_cast<int64_t>(sizeof(T));
  const int64_t all = s.kh * s.kw, taps = p.kh() * p.kw(), in = p.cg(), out = p.ocg();
  const int64_t channel = s.c / s.groups * all, groupSize = s.oc / s.groups * channel;
  const int64_t inStep = exchanged ? channel : all, outStep = exchanged ? all : channel;
  const int64_t panels = (out + width - 1) / width;
  T* packed = static_cast<T*>(scratch(2, s.groups * panels * taps * in * width * static_cast<int64_t>(sizeof(T))));
  parallelFor(s.groups * panels, [&](int64_t chunk) {
    const int64_t first = chunk % panels * width, cols = std::min(width, out - first);
    for (int64_t i = 0; i < in; i++)
      for (int64_t t = 0; t < taps; t++) {
        const int64_t row = p.rows.first + t / p.kw() * p.rows.step, col = p.cols.first + t % p.kw() * p.cols.step;
        const T* from = weight + chunk / panels * groupSize + i * inStep + first * outStep + row * s.kw + col;
        T* to = packed + ((chunk * taps + t) * in + i) * width;
        for (int64_t j = 0; j < cols; j++) to[j] = from[j * outStep];
        for (int64_t j = cols; j < width; j++) to[j] = 0;
      }
  });
  return packed;
}

}  // namespace

template <class T> void conv2dForward(const Conv2dShape& s, const T* x, const T* weight, const T* bias, T* y) {
  const Plan p = forwardPlan(s);
  convolve(p, x, packWeight(s, p, weight, false), bias, y);
}

template <class T> void conv2dGradInput(const Conv2dShape& s, const T* dy, const T* weight, T* dx) {
  for (int64_t phaseH = 0; phaseH < std::min(s.strideH, s.h); phaseH++)
    for (int64_t phaseW = 0; phaseW < std::min(s.strideW, s.w); phaseW++) {
      const Plan p = gradInputPlan(s, phaseH, phaseW);
      if (p.kh() > 0 && p.kw() > 0)
        convolve<T>(p, dy, packWeight(s, p, weight, true), nullptr, dx);
      else  // no tap reaches these places
        parallelFor(p.n * p.oh, [&](int64_t row) {
          T* out = dx + p.outOffset + row / p.oh * p.outSample + row % p.oh * p.outRow;
          for (int64_t i = 0; i < p.ow; i++) std::memset(out + i * p.outCol, 0, static_cast<size_t>(p.oc) * sizeof(T));
        });
    }
}

namespace {

// The geometry that both ways to the weight's gradient share. Sums are laid out [group][kh][kw][cg][padded].
struct WeightSums {
  int64_t width, tileRows, panels, padded, taps, size;

  explicit WeightSums(const Plan& p, int64_t element)
      : width(kernels().tileBytes / element),
        tileRows(kernels().tileRows),
        panels((p.ocg() + width - 1) / width),
        padded(panels * width),
        taps(p.kh() * p.kw()),
        size(p.groups * taps * p.cg() * padded) {}
};

// Small weights: chunks of pixels, each with a sum of the whole weight's size, whose number is returned.
template <class T> int64_t sumOverPixels(const Plan& p, const WeightSums& s, const T* x, const T* dy, T*& sums) {
  const auto& f = kernels().floating<T>();
  const int64_t cg = p.cg(), ocg = p.ocg(), pitch = p.paddedCols() * cg;
  const int64_t rowStep = p.rowsPerChunk(1), rowChunks = (p.oh + rowStep - 1) / rowStep, units = p.n * rowChunks;
  // Consecutive units share a partial sum; their number depends on the shape alone.
  const int64_t partials =
      std::clamp<int64_t>(units, 1, std::clamp<int64_t>((int64_t{8} << 20) / std::max<int64_t>(s.size, 1), 4, 32));
  const int64_t perPartial = std::max<int64_t>(1, (units + partials - 1) / partials);
  sums = static_cast<T*>(scratch(2, partials * s.size * static_cast<int64_t>(sizeof(T))));
  auto* offsets = static_cast<int64_t*>(scratch(3, s.taps * 8));
  const Runs runs(p, pitch, offsets);
  parallelFor(partials, [&](int64_t part) {
    T* sum = sums + part * s.size;
    std::memset(sum, 0, static_cast<size_t>(s.size) * sizeof(T));
    for (int64_t unit = part * perPartial; unit < std::min(units, (part + 1) * perPartial); unit++) {
      const int64_t n = unit / rowChunks, row0 = unit % rowChunks * rowStep, rows = std::min(rowStep, p.oh - row0);
      T* slab = static_cast<T*>(scratch(1, p.paddedRows(rows) * pitch * static_cast<int64_t>(sizeof(T))));
      auto* rowStarts = static_cast<int64_t*>(scratch(4, rows * 8));
      for (int64_t r = 0; r < rows; r++) rowStarts[r] = r * p.strideH * pitch;
      for (int64_t g = 0; g < p.groups; g++) {
        fillSlab(p, x, n, g, row0, rows, slab);
        // dy's rows as panels of whole registers.
        const T* rowsOfDy = dy + ((n * p.oh + row0) * p.ow) * p.oc + g * ocg;
        int64_t ld = p.oc;
        if (s.padded != ocg) {
          T* copy = static_cast<T*>(scratch(5, rows * p.ow * s.padded * static_cast<int64_t>(sizeof(T))));
          for (int64_t i = 0; i < rows * p.ow; i++)
            for (int64_t j = 0; j < s.padded; j++) copy[i * s.padded + j] = j < ocg ? rowsOfDy[i * p.oc + j] : T(0);
          rowsOfDy = copy;
          ld = s.padded;
        }
        for (int64_t run = 0; run < runs.count; run++)
          for (int64_t panel = 0; panel < s.panels; panel++) {
            const int64_t step = evenPart(runs.length, s.tileRows);
            for (int64_t i = 0; i < runs.length; i += step)
              f.tile({std::min(step, runs.length - i), s.width, p.ow, rows, rowStarts, 1, p.strideW * cg, ld, p.ow * ld,
                      s.padded, true},
                     slab + runs.offsets[run] + i, rowsOfDy + panel * s.width, nullptr,
                     sum + (g * s.taps * cg + run * runs.length + i) * s.padded + panel * s.width);
          }
      }
    }
  });
  return partials;
}

// Large weights: chunks of the weight, each summed over all pixels while it stays in registers and the first-level
// cache.
template <class T> int64_t sumOverWeights(const Plan& p, const WeightSums& s, const T* x, const T* dy, T*& sums) {
  const auto& f = kernels().floating<T>();
  const int64_t element = sizeof(T), cg = p.cg(), ocg = p.ocg(), pitch = p.paddedCols() * cg;
  const int64_t sample = p.paddedRows(p.oh) * pitch;  // a padded sample of one group
  // Samples that are summed together: what is read over and over stays in the second-level cache, unless the sums are
  // larger.
  const int64_t perSample = (p.groups * sample + p.oh * p.ow * p.groups * s.padded) * element;
  const int64_t together =
      std::clamp<int64_t>(std::max<int64_t>(1 << 20, s.size * element / 8) / std::max<int64_t>(1, perSample), 1, p.n);
  const int64_t pixels = together * p.oh * p.ow;
  sums = static_cast<T*>(scratch(2, s.size * element));
  auto* offsets = static_cast<int64_t*>(scratch(3, s.taps * 8));
  const Runs runs(p, pitch, offsets);
  T* slabs = static_cast<T*>(scratch(1, p.groups * together * sample * element));
  T* panelsOfDy = static_cast<T*>(scratch(5, p.groups * s.panels * pixels * s.width * element));
  auto* rowStarts = static_cast<int64_t*>(scratch(4, together * p.oh * 8));
  for (int64_t r = 0; r < together * p.oh; r++) rowStarts[r] = r / p.oh * sample + r % p.oh * p.strideH * pitch;
  const int64_t step = evenPart(runs.length, s.tileRows), tiles = (runs.length + step - 1) / step;
  const int64_t perChunk = std::clamp<int64_t>(p.groups * runs.count * s.panels * tiles / 64, 1, 8);
  const int64_t tileChunks = (tiles + perChunk - 1) / perChunk;
  // Rows of dy that fill half of the first-level cache.
  const int64_t rowStep = std::max<int64_t>(1, (24 << 10) / (p.ow * s.width * element));
  for (int64_t n0 = 0; n0 < p.n; n0 += together) {
    const int64_t samples = std::min(together, p.n - n0), rows = samples * p.oh;
    parallelFor(p.groups * samples, [&](int64_t chunk) {
      const int64_t g = chunk / samples, n = chunk % samples;
      fillSlab(p, x, n0 + n, g, 0, p.oh, slabs + (g * together + n) * sample);
      const T* from = dy + (n0 + n) * p.oh * p.ow * p.oc + g * ocg;
      for (int64_t panel = 0; panel < s.panels; panel++) {
        const int64_t cols = std::min(s.width, ocg - panel * s.width);
        T* to = panelsOfDy + ((g * s.panels + panel) * pixels + n * p.oh * p.ow) * s.width;
        for (int64_t i = 0; i < p.oh * p.ow; i++, to += s.width) {
          std::memcpy(to, from + i * p.oc + panel * s.width, static_cast<size_t>(cols) * sizeof(T));
          std::memset(to + cols, 0, static_cast<size_t>(s.width - cols) * sizeof(T));
        }
      }
    });
    parallelFor(p.groups * s.panels * runs.count * tileChunks, [&](int64_t chunk) {
      const int64_t run = chunk / tileChunks % runs.count, panelOfAll = chunk / tileChunks / runs.count;
      const int64_t g = panelOfAll / s.panels, panel = panelOfAll % s.panels;
      const int64_t i0 = chunk % tileChunks * perChunk * step, i1 = std::min(i0 + perChunk * step, runs.length);
      for (int64_t row = 0; row < rows; row += rowStep)
        for (int64_t i = i0; i < i1; i += step)
          f.tile({std::min(step, i1 - i), s.width, p.ow, std::min(rowStep, rows - row), rowStarts + row, 1,
                  p.strideW * cg, s.width, p.ow * s.width, s.padded, n0 + row > 0},
                 slabs + g * together * sample + runs.offsets[run] + i,
                 panelsOfDy + (panelOfAll * pixels + row * p.ow) * s.width, nullptr,
                 sums + (g * s.taps * cg + run * runs.length + i) * s.padded + panel * s.width);
    });
  }
  return 1;
}

}  // namespace

template <class T> void conv2dGradWeight(const Conv2dShape& shape, const T* x, const T* dy, T* dweight) {
  const Plan p = forwardPlan(shape);
  const int64_t cg = p.cg(), ocg = p.ocg();
  if (p.n * p.oh * p.ow == 0) {
    std::memset(dweight, 0, static_cast<size_t>(p.oc * cg * p.kh() * p.kw()) * sizeof(T));
    return;
  }
  const WeightSums s(p, sizeof(T));
  T* sums;
  const int64_t partials = s.size < (32 << 10) ? sumOverPixels(p, s, x, dy, sums) : sumOverWeights(p, s, x, dy, sums);
  // Partial sums are added in order, then brought into the user's layout, a cache line of output channels at a time.
  constexpr int64_t kLine = 64 / static_cast<int64_t>(sizeof(T));
  const int64_t lines = (ocg + kLine - 1) / kLine, depth = cg * s.taps;
  parallelFor(p.groups * lines, [&](int64_t chunk) {
    const int64_t g = chunk / lines, first = chunk % lines * kLine, count = std::min(kLine, ocg - first);
    T* to = dweight + (g * ocg + first) * depth;
    for (int64_t i = 0; i < cg; i++)
      for (int64_t t = 0; t < s.taps; t++) {
        const T* row = sums + ((g * s.taps + t) * cg + i) * s.padded + first;
        for (int64_t o = 0; o < count; o++) {
          T sum = row[o];
          for (int64_t part = 1; part < partials; part++) sum += row[part * s.size + o];
          to[o * depth + i * s.taps + t] = sum;
        }
      }
  });
}

template <class T> void columnSums(int64_t rows, int64_t cols, const T* x, T* out) {
  const auto& k = kernels().numeric<T>();
  const int64_t span = std::max<int64_t>(1, 65536 / std::max<int64_t>(cols, 1)),
                spans = std::max<int64_t>(1, (rows + span - 1) / span);
  auto* partial = static_cast<double*>(scratch(2, spans * cols * 8));
  parallelFor(spans, [&](int64_t s) {
    double* acc = partial + s * cols;
    std::memset(acc, 0, static_cast<size_t>(cols) * 8);
    for (int64_t i = s * span; i < std::min(rows, (s + 1) * span); i++) k.accumulateRow(cols, x + i * cols, acc);
  });
  for (int64_t s = 1; s < spans; s++)
    for (int64_t j = 0; j < cols; j++) partial[j] += partial[s * cols + j];
  k.fromDouble(cols, partial, 1, out);
}

#define INSTANTIATE(T)                                                               \
  template void conv2dForward(const Conv2dShape&, const T*, const T*, const T*, T*); \
  template void conv2dGradInput(const Conv2dShape&, const T*, const T*, T*);         \
  template void conv2dGradWeight(const Conv2dShape&, const T*, const T*, T*);        \
  template void columnSums(int64_t, int64_t, const T*, T*);
INSTANTIATE(float)
INSTANTIATE(double)

}  // namespace cresset
