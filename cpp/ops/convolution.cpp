// Convolution without an im2col buffer: a slab of the input is copied once with its padding, then its rows are the
// panels of the GEMM tile. Forward and the input's gradient are the same loop over different operands; the weight's
// gradient swaps what is summed.
#include "ops/convolution.h"

#include <algorithm>
#include <cstring>

#include "core/thread_pool.h"

namespace cresset {
namespace {

// What the loops need to know; strides and sizes of one convolution with its padding spelled out on each side.
struct Plan {
  int64_t n, h, w, c, oh, ow, oc, kh, kw, strideH, strideW, top, left, dilationH, dilationW, groups;
  int64_t holesH = 1, holesW = 1;  // the input is spread out by this much (gradient of a strided convolution)

  int64_t cg() const { return c / groups; }
  int64_t ocg() const { return oc / groups; }
  int64_t paddedCols() const { return (ow - 1) * strideW + (kw - 1) * dilationW + 1; }
  int64_t paddedRows(int64_t outRows) const { return (outRows - 1) * strideH + (kh - 1) * dilationH + 1; }
  // Output rows per chunk: about two million multiplications, whatever the number of threads.
  int64_t rowsPerChunk() const {
    const int64_t perRow = std::max<int64_t>(1, ow * ocg() * kh * kw * cg() * groups);
    return std::clamp<int64_t>((int64_t{2} << 20) / perRow, 1, oh);
  }
};

Plan forwardPlan(const Conv2dShape& s) {
  return {s.n,  s.h,       s.w,       s.c,    s.oh,   s.ow,        s.oc,        s.kh,
          s.kw, s.strideH, s.strideW, s.padH, s.padW, s.dilationH, s.dilationW, s.groups};
}

// The input's gradient is a convolution of dy, with holes for the stride, with the flipped weight.
Plan gradInputPlan(const Conv2dShape& s) {
  Plan p{s.n,
         s.oh,
         s.ow,
         s.oc,
         s.h,
         s.w,
         s.c,
         s.kh,
         s.kw,
         1,
         1,
         (s.kh - 1) * s.dilationH - s.padH,
         (s.kw - 1) * s.dilationW - s.padW,
         s.dilationH,
         s.dilationW,
         s.groups};
  p.holesH = s.strideH;
  p.holesW = s.strideW;
  return p;
}

// Copies what output rows [row0, row0 + rows) of sample n see of group g's input, zeros for padding and holes.
template <class T> void fillSlab(const Plan& p, const T* x, int64_t n, int64_t g, int64_t row0, int64_t rows, T* slab) {
  const int64_t cols = p.paddedCols(), cg = p.cg(), height = p.paddedRows(rows);
  const int64_t spreadH = (p.h - 1) * p.holesH + 1, spreadW = (p.w - 1) * p.holesW + 1;
  for (int64_t r = 0; r < height; r++) {
    T* out = slab + r * cols * cg;
    const int64_t ih = row0 * p.strideH + r - p.top;
    if (ih < 0 || ih >= spreadH || ih % p.holesH != 0) {
      std::memset(out, 0, static_cast<size_t>(cols * cg) * sizeof(T));
      continue;
    }
    const T* in = x + ((n * p.h + ih / p.holesH) * p.w) * p.c + g * cg;
    const int64_t first = std::clamp<int64_t>(p.left, 0, cols),
                  last = std::clamp<int64_t>(spreadW + p.left, first, cols);
    std::memset(out, 0, static_cast<size_t>(first * cg) * sizeof(T));
    if (p.holesW == 1 && cg == p.c) {
      std::memcpy(out + first * cg, in + (first - p.left) * p.c, static_cast<size_t>((last - first) * cg) * sizeof(T));
    } else {
      for (int64_t j = first; j < last; j++) {
        const int64_t iw = j - p.left;
        if (iw % p.holesW != 0)
          std::memset(out + j * cg, 0, static_cast<size_t>(cg) * sizeof(T));
        else
          std::memcpy(out + j * cg, in + iw / p.holesW * p.c, static_cast<size_t>(cg) * sizeof(T));
      }
    }
    std::memset(out + last * cg, 0, static_cast<size_t>((cols - last) * cg) * sizeof(T));
  }
}

// The places of the taps in a slab: a row of taps is one run where it lies without gaps.
struct Runs {
  int64_t count, length;
  int64_t* offsets;

  Runs(const Plan& p, int64_t* storage) : offsets(storage) {
    const bool whole = p.dilationW == 1;
    count = whole ? p.kh : p.kh * p.kw;
    length = whole ? p.kw * p.cg() : p.cg();
    const int64_t pitch = p.paddedCols() * p.cg();
    for (int64_t i = 0; i < count; i++)
      offsets[i] = whole ? i * p.dilationH * pitch : i / p.kw * p.dilationH * pitch + i % p.kw * p.dilationW * p.cg();
  }
};

// Splits `n` into the fewest parts of at most `most`, as even as possible.
int64_t evenPart(int64_t n, int64_t most) {
  const int64_t parts = (n + most - 1) / most;
  return (n + parts - 1) / parts;
}

// y = conv(x, packed weight) + bias; packed: [group][panel][kh][kw][cg][width].
template <class T> void convolve(const Plan& p, const T* x, const T* packed, const T* bias, T* y) {
  if (p.n * p.oh * p.ow * p.oc == 0) return;
  const Kernels& table = kernels();
  const auto tile = table.floating<T>().tile;
  const int64_t width = table.tileBytes / static_cast<int64_t>(sizeof(T)), tileRows = table.tileRows;
  const int64_t ocg = p.ocg(), cg = p.cg(), panels = (ocg + width - 1) / width, depth = p.kh * p.kw * cg;
  const int64_t rowStep = p.rowsPerChunk(), rowChunks = (p.oh + rowStep - 1) / rowStep;
  auto* offsets = static_cast<int64_t*>(scratch(3, p.kh * p.kw * 8));
  const Runs runs(p, offsets);
  parallelFor(p.n * rowChunks, [&](int64_t chunk) {
    const int64_t n = chunk / rowChunks, row0 = chunk % rowChunks * rowStep, rows = std::min(rowStep, p.oh - row0);
    T* slab = static_cast<T*>(scratch(1, p.paddedRows(rows) * p.paddedCols() * cg * static_cast<int64_t>(sizeof(T))));
    const int64_t part = evenPart(p.ow, tileRows);
    for (int64_t g = 0; g < p.groups; g++) {
      fillSlab(p, x, n, g, row0, rows, slab);
      for (int64_t panel = 0; panel < panels; panel++) {
        const int64_t cols = std::min(width, ocg - panel * width), channel = g * ocg + panel * width;
        const T* weight = packed + (g * panels + panel) * depth * width;
        for (int64_t row = 0; row < rows; row++)
          for (int64_t ow = 0; ow < p.ow; ow += part) {
            const int64_t m = std::min(part, p.ow - ow);
            tile({m, cols, runs.length, runs.count, runs.offsets, p.strideW * cg, 1, width, runs.length * width, p.oc,
                  false},
                 slab + (row * p.strideH * p.paddedCols() + ow * p.strideW) * cg, weight,
                 bias ? bias + channel : nullptr, y + ((n * p.oh + row0 + row) * p.ow + ow) * p.oc + channel);
          }
      }
    }
  });
}

// Packs the weight [oc, cg, kh, kw] for `convolve`; transposed and flipped for the input's gradient.
template <class T> T* packWeight(const Conv2dShape& s, const T* weight, bool flipped) {
  const int64_t width = kernels().tileBytes / static_cast<int64_t>(sizeof(T));
  const int64_t cg = s.c / s.groups, ocg = s.oc / s.groups, taps = s.kh * s.kw;
  const int64_t in = flipped ? ocg : cg, out = flipped ? cg : ocg, panels = (out + width - 1) / width;
  T* packed = static_cast<T*>(scratch(2, s.groups * panels * taps * in * width * static_cast<int64_t>(sizeof(T))));
  parallelFor(s.groups * panels, [&](int64_t chunk) {
    const int64_t g = chunk / panels, first = chunk % panels * width;
    T* to = packed + chunk * taps * in * width;
    for (int64_t t = 0; t < taps; t++)
      for (int64_t i = 0; i < in; i++, to += width)
        for (int64_t j = 0; j < width; j++) {
          const int64_t o = first + j;
          if (o >= out)
            to[j] = 0;
          else if (flipped)
            to[j] = weight[((g * ocg + i) * cg + o) * taps + taps - 1 - t];
          else
            to[j] = weight[((g * ocg + o) * cg + i) * taps + t];
        }
  });
  return packed;
}

}  // namespace

template <class T> void conv2dForward(const Conv2dShape& s, const T* x, const T* weight, const T* bias, T* y) {
  convolve(forwardPlan(s), x, packWeight(s, weight, false), bias, y);
}

template <class T> void conv2dGradInput(const Conv2dShape& s, const T* dy, const T* weight, T* dx) {
  convolve<T>(gradInputPlan(s), dy, packWeight(s, weight, true), nullptr, dx);
}

template <class T> void conv2dGradWeight(const Conv2dShape& s, const T* x, const T* dy, T* dweight) {
  const Plan p = forwardPlan(s);
  const Kernels& table = kernels();
  const auto& f = table.floating<T>();
  const int64_t width = table.tileBytes / static_cast<int64_t>(sizeof(T)), tileRows = table.tileRows;
  const int64_t cg = p.cg(), ocg = p.ocg(), panels = (ocg + width - 1) / width, padded = panels * width,
                taps = p.kh * p.kw;
  const int64_t size = p.groups * taps * cg * padded;  // of one partial sum: [group][kh][kw][cg][padded oc]
  const int64_t rowStep = p.rowsPerChunk(), rowChunks = (p.oh + rowStep - 1) / rowStep, units = p.n * rowChunks;
  // Consecutive units share a partial sum; their number depends on the shape alone.
  const int64_t partials =
      std::clamp<int64_t>(units, 1, std::clamp<int64_t>((int64_t{8} << 20) / std::max<int64_t>(size, 1), 4, 32));
  const int64_t perPartial = std::max<int64_t>(1, (units + partials - 1) / partials);
  T* sums = static_cast<T*>(scratch(2, partials * size * static_cast<int64_t>(sizeof(T))));
  auto* offsets = static_cast<int64_t*>(scratch(3, p.kh * p.kw * 8));
  const Runs runs(p, offsets);
  const int64_t pitch = p.paddedCols() * cg;
  parallelFor(partials, [&](int64_t part) {
    T* sum = sums + part * size;
    std::memset(sum, 0, static_cast<size_t>(size) * sizeof(T));
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
        if (padded != ocg) {
          T* copy = static_cast<T*>(scratch(5, rows * p.ow * padded * static_cast<int64_t>(sizeof(T))));
          for (int64_t i = 0; i < rows * p.ow; i++)
            for (int64_t j = 0; j < padded; j++) copy[i * padded + j] = j < ocg ? rowsOfDy[i * p.oc + j] : T(0);
          rowsOfDy = copy;
          ld = padded;
        }
        for (int64_t run = 0; run < runs.count; run++)
          for (int64_t panel = 0; panel < panels; panel++) {
            const int64_t step = evenPart(runs.length, tileRows);
            for (int64_t i = 0; i < runs.length; i += step)
              f.tile({std::min(step, runs.length - i), width, p.ow, rows, rowStarts, 1, p.strideW * cg, ld, p.ow * ld,
                      padded, true},
                     slab + runs.offsets[run] + i, rowsOfDy + panel * width, nullptr,
                     sum + (g * taps * cg + run * runs.length + i) * padded + panel * width);
          }
      }
    }
  });
  // Partial sums are added in order, then brought into the user's layout.
  parallelFor(p.groups * taps, [&](int64_t chunk) {
    const int64_t g = chunk / taps, t = chunk % taps;
    for (int64_t i = 0; i < cg; i++) {
      T* row = sums + (chunk * cg + i) * padded;
      for (int64_t part = 1; part < partials; part++)
        for (int64_t o = 0; o < ocg; o++) row[o] += row[part * size + o];
      for (int64_t o = 0; o < ocg; o++) dweight[((g * ocg + o) * cg + i) * taps + t] = row[o];
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
