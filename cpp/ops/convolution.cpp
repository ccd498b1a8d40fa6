// Convolution without an im2col buffer: a slab of the input is copied once with its padding, then its rows are the
// panels of the GEMM tile. Forward and the input's gradient are the same loop over different operands.
#include "ops/convolution.h"

#include "core/thread_pool.h"
#include "ops/convolution_plan.h"

namespace cresset {
namespace {

using namespace convolution;

// Output pixels that should share one reading of the packed weight, and chunks that give every thread its share.
constexpr int64_t kPixels = 96, kChunks = 32;

// y = conv(x, packed weight) + bias; packed: [group][panel][kh][kw][cg][width].
template <class T> void convolve(const Plan& p, const T* x, const T* packed, const T* bias, T* y) {
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
  const int64_t stepH = direct ? p.strideH : p.stepH(), stepW = direct ? p.strideW : p.stepW();
  const int64_t pitch = direct ? p.w * p.c : p.slabCols() * cg, part = evenPart(p.ow, tileRows);
  const int64_t sampleSize = direct ? p.h * pitch : p.slabRows(rowStep) * pitch;
  auto* offsets = static_cast<int64_t*>(scratch(3, p.kh() * p.kw() * 8));
  const Runs runs(p, pitch, offsets);
  parallelFor(places * panelChunks, [&](int64_t chunk) {
    const int64_t place = chunk / panelChunks, panel0 = chunk % panelChunks * panelStep;
    const int64_t n0 = place / rowChunks * samples, n1 = std::min(n0 + samples, p.n);
    const int64_t row0 = place % rowChunks * rowStep, rows = std::min(rowStep, p.oh - row0);
    const T* in = x + n0 * sampleSize + row0 * stepH * pitch;
    for (int64_t g = 0; g < p.groups; g++) {
      if (!direct) {
        T* slabs = static_cast<T*>(scratch(1, samples * sampleSize * static_cast<int64_t>(sizeof(T))));
        for (int64_t n = n0; n < n1; n++)
          fillSlab(p, x, n, g, row0 * p.stepH(), p.slabRows(rows), slabs + (n - n0) * sampleSize);
        in = slabs;
      }
      for (int64_t panel = panel0; panel < std::min(panel0 + panelStep, panels); panel++) {
        const int64_t cols = std::min(width, ocg - panel * width), channel = g * ocg + panel * width;
        const T* weight = packed + (g * panels + panel) * depth * width;
        for (int64_t n = n0; n < n1; n++)
          for (int64_t row = 0; row < rows; row++)
            for (int64_t ow = 0; ow < p.ow; ow += part) {
              const int64_t m = std::min(part, p.ow - ow);
              tile({m, cols, runs.length, runs.count, runs.offsets, stepW * cg, 1, width, runs.length * width, p.outCol,
                    false},
                   in + (n - n0) * sampleSize + row * stepH * pitch + ow * stepW * cg, weight,
                   bias ? bias + channel : nullptr,
                   y + p.outOffset + n * p.outSample + (row0 + row) * p.outRow + ow * p.outCol + channel);
            }
      }
    }
  });
}

// Few output channels would leave most of a register of channels empty: here the registers hold neighbouring pixels.
template <class T> bool hasFewChannels(const Plan& p) {
  const int64_t width = kernels().tileBytes / static_cast<int64_t>(sizeof(T));
  return p.strideW == 1 && p.dilationH == 1 && p.ocg() <= kernels().tileRows && 2 * p.ocg() <= std::min(p.ow, width);
}

// The same for few output channels; packed: [group][oc][kh][cg][kw].
template <class T> void convolveFew(const Plan& p, const T* x, const T* packed, const T* bias, T* y) {
  const Kernels& table = kernels();
  const auto tile = table.floating<T>().tile;
  const int64_t element = sizeof(T), width = table.tileBytes / element, cg = p.cg(), ocg = p.ocg();
  const int64_t runs = p.kh() * cg, depth = runs * p.kw();
  const int64_t rowStep = p.rowsPerChunk(1), rowChunks = (p.oh + rowStep - 1) / rowStep;
  // The last register of a row reads beyond it.
  const int64_t cols = p.slabCols(), pitch = cols + width;
  const int64_t first = std::clamp<int64_t>(p.left, 0, cols), last = std::clamp<int64_t>(p.w + p.left, first, cols);
  auto* offsets = static_cast<int64_t*>(scratch(3, runs * 8));
  for (int64_t r = 0; r < runs; r++) offsets[r] = r * p.kw();
  parallelFor(p.n * rowChunks, [&](int64_t chunk) {
    const int64_t n = chunk / rowChunks, row0 = chunk % rowChunks * rowStep, rows = std::min(rowStep, p.oh - row0);
    const int64_t height = p.slabRows(rows);
    T* slab = static_cast<T*>(scratch(1, height * cg * pitch * element));  // [row][channel][column]
    T* out = static_cast<T*>(scratch(4, ocg * width * element));
    for (int64_t g = 0; g < p.groups; g++) {
      std::memset(slab, 0, static_cast<size_t>(height * cg * pitch * element));
      for (int64_t r = 0; r < height; r++) {
        const int64_t ih = p.inputRow(row0 * p.stepH() + r);
        if (ih < 0 || ih >= p.h) continue;
        const T* in = x + ((n * p.h + ih) * p.w + first - p.left) * p.c + g * cg;
        table.bytes.transpose(static_cast<int>(element), last - first, cg, in, p.c, slab + r * cg * pitch + first,
                              pitch);
      }
      for (int64_t row = 0; row < rows; row++)
        for (int64_t ow = 0; ow < p.ow; ow += width) {
          const int64_t pixels = std::min(width, p.ow - ow);
          tile({ocg, pixels, p.kw(), runs, offsets, depth, 1, p.dilationW, pitch, width, false},
               packed + g * ocg * depth, slab + row * p.stepH() * cg * pitch + ow, nullptr, out);
          T* to = y + p.outOffset + n * p.outSample + (row0 + row) * p.outRow + ow * p.outCol + g * ocg;
          for (int64_t j = 0; j < pixels; j++)
            for (int64_t o = 0; o < ocg; o++)
              to[j * p.outCol + o] = out[o * width + j] + (bias ? bias[g * ocg + o] : T(0));
        }
    }
  });
}

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
};

template <class T> T* packForPanels(const WeightView<T>& v) {
  const Plan& p = v.p;
  const int64_t width = kernels().tileBytes / static_cast<int64_t>(sizeof(T)), in = p.cg(), out = p.ocg();
  const int64_t panels = (out + width - 1) / width;
  T* packed = static_cast<T*>(scratch(2, p.groups * panels * v.taps * in * width * static_cast<int64_t>(sizeof(T))));
  parallelFor(p.groups * panels, [&](int64_t chunk) {
    const int64_t first = chunk % panels * width, cols = std::min(width, out - first);
    for (int64_t i = 0; i < in; i++)
      for (int64_t t = 0; t < v.taps; t++) {
        const T* from = v.at(chunk / panels, i, first, t);
        T* to = packed + ((chunk * v.taps + t) * in + i) * width;
        for (int64_t j = 0; j < cols; j++) to[j] = from[j * v.outStep];
        for (int64_t j = cols; j < width; j++) to[j] = 0;
      }
  });
  return packed;
}

template <class T> T* packForFew(const WeightView<T>& v) {
  const Plan& p = v.p;
  const int64_t in = p.cg(), out = p.ocg(), kw = p.kw();
  T* packed = static_cast<T*>(scratch(2, p.groups * out * v.taps * in * static_cast<int64_t>(sizeof(T))));
  T* to = packed;
  for (int64_t g = 0; g < p.groups; g++)
    for (int64_t o = 0; o < out; o++)
      for (int64_t row = 0; row < p.kh(); row++)
        for (int64_t i = 0; i < in; i++)
          for (int64_t col = 0; col < kw; col++) *to++ = *v.at(g, i, o, row * kw + col);
  return packed;
}

template <class T>
void run(const Conv2dShape& s, const Plan& p, const T* x, const T* weight, bool exchanged, const T* bias, T* y) {
  if (p.n * p.oh * p.ow * p.oc == 0) return;
  const WeightView<T> view(s, p, weight, exchanged);
  if (hasFewChannels<T>(p))
    convolveFew(p, x, packForFew(view), bias, y);
  else
    convolve(p, x, packForPanels(view), bias, y);
}

}  // namespace

template <class T> void conv2dForward(const Conv2dShape& s, const T* x, const T* weight, const T* bias, T* y) {
  run(s, forwardPlan(s), x, weight, false, bias, y);
}

template <class T> void conv2dGradInput(const Conv2dShape& s, const T* dy, const T* weight, T* dx) {
  for (int64_t phaseH = 0; phaseH < std::min(s.strideH, s.h); phaseH++)
    for (int64_t phaseW = 0; phaseW < std::min(s.strideW, s.w); phaseW++) {
      const Plan p = gradInputPlan(s, phaseH, phaseW);
      if (p.kh() > 0 && p.kw() > 0)
        run<T>(s, p, dy, weight, true, nullptr, dx);
      else  // no tap reaches these places
        parallelFor(p.n * p.oh, [&](int64_t row) {
          T* out = dx + p.outOffset + row / p.oh * p.outSample + row % p.oh * p.outRow;
          for (int64_t i = 0; i < p.ow; i++) std::memset(out + i * p.outCol, 0, static_cast<size_t>(p.oc) * sizeof(T));
        });
    }
}

#define INSTANTIATE(T)                                                               \
  template void conv2dForward(const Conv2dShape&, const T*, const T*, const T*, T*); \
  template void conv2dGradInput(const Conv2dShape&, const T*, const T*, T*);
INSTANTIATE(float)
INSTANTIATE(double)

}  // namespace cresset
