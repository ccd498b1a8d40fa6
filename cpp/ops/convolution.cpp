// Convolution without an im2col buffer: a slab of the input is copied once with its padding, then its rows are the
// panels of the GEMM tile. Forward and the input's gradient are the same loop over different operands.
#include "ops/convolution.h"

#include "core/thread_pool.h"
#include "ops/convolution_plan.h"

namespace cresset {
namespace convolution {

template <class T> T* packForPanels(const WeightView<T>& v) {
  const Plan& p = v.p;
  const auto transpose = kernels().bytes.transpose;
  constexpr int size = sizeof(T);
  const int64_t width = kernels().tileBytes / size, in = p.cg(), out = p.ocg(), panels = (out + width - 1) / width;
  T* packed = static_cast<T*>(scratch(2, p.groups * panels * v.taps * in * width * size));
  parallelFor(p.groups * panels, [&](int64_t chunk) {
    const int64_t g = chunk / panels, first = chunk % panels * width, cols = std::min(width, out - first);
    T* to = packed + chunk * v.taps * in * width;
    if (cols < width) std::memset(to, 0, static_cast<size_t>(v.taps * in * width) * sizeof(T));
    // Taps in the order of memory, or all of them in the reverse order, make one transposition a channel.
    const int64_t step = p.cols.step, together = v.inOneRow() ? v.taps : step == 1 || step == -1 ? p.kw() : 1;
    if (v.taps == 1 && v.inStep == 1) return transpose(size, cols, in, v.at(g, 0, first, 0), v.outStep, to, width);
    for (int64_t i = 0; i < in; i++)
      for (int64_t t = 0; t < v.taps; t += together) {
        const int64_t lowest = step < 0 ? t + together - 1 : t;
        transpose(size, cols, together, v.at(g, i, first, lowest), v.outStep, to + (lowest * in + i) * width,
                  step < 0 ? -in * width : in * width);
      }
  });
  return packed;
}

template float* packForPanels(const WeightView<float>&);
template double* packForPanels(const WeightView<double>&);

}  // namespace convolution

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

template <class T>
void run(const Conv2dShape& s, const Plan& p, const T* x, const T* weight, bool exchanged, const T* bias, T* y) {
  if (p.n * p.oh * p.ow * p.oc == 0) return;
  const WeightView<T> view(s, p, weight, exchanged);
  if (isDepthwise(p))
    convolveDepthwise(view, x, bias, y);
  else if (hasFewChannels(p))
    convolveFew(view, x, bias, y);
  else if (suitsWinograd(p))
    convolveWinograd(view, x, bias, y);
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
