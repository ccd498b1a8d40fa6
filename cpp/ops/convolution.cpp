// Convolution without an im2col buffer: a slab of the input is copied once with its padding, then its rows are the
// panels of the GEMM tile. Forward and the input's gradient are the same loop over different operands. Which shapes go
// other ways is decided here.
#include "ops/convolution.h"

#include <vector>

#include "ops/convolution_plan.h"

namespace cresset {
namespace convolution {

// Output pixels that should share one reading of the packed weight, and chunks that give every thread its share.
constexpr int64_t kPixels = 96, kChunks = 32;
// Weights of panels that share the second-level cache.
constexpr int64_t kWeightBytes = 128 << 10;
// Products that are summed in registers before they are added to the output: sums of sums round less.
constexpr int64_t kDepth = 256;

template <class T> void packForPanels(const WeightView<T>& v, T* packed) {
  const Plan& p = v.p;
  const int64_t width = panelWidth<T>(), in = p.cg(), out = p.ocg(), panels = panelsOf<T>(p);
  const int64_t parts = std::clamp<int64_t>(in / 8, 1, 8);  // of a panel, so that few of them occupy every thread
  parallelFor(p.groups * panels * parts, [&](int64_t chunk) {
    const int64_t g = chunk / parts / panels, first = chunk / parts % panels * width, part = chunk % parts;
    const int64_t begin = in * part / parts, end = in * (part + 1) / parts, cols = std::min(width, out - first);
    T* to = packed + chunk / parts * v.taps * in * width;
    for (int64_t t = 0; t < v.taps && cols < width; t++)
      std::fill_n(to + (t * in + begin) * width, (end - begin) * width, T(0));
    if (v.taps == 1 && v.inStep == 1)
      return kernels().bytes.transpose(sizeof(T), cols, end - begin, v.at(g, begin, first, 0), v.outStep,
                                       to + begin * width, width);
    for (int64_t i = begin; i < end; i++) v.copyTaps(g, i, first, cols, to + i * width, in * width);
  });
}

template void packForPanels(const WeightView<float>&, float*);
template void packForPanels(const WeightView<double>&, double*);

namespace {

// What one call of the tile sums: `count` runs from `run` on, of each the products [k, k + depth).
struct Part {
  int64_t run, count, k, depth;
};

// All products of an output in parts of at most about kDepth.
std::vector<Part> partsOf(const Runs& runs) {
  std::vector<Part> parts;
  const int64_t together = std::max<int64_t>(1, kDepth / std::max<int64_t>(1, runs.length));
  const int64_t step = evenPart(std::max<int64_t>(1, runs.length), kDepth);
  for (int64_t run = 0; run < runs.count; run += together)
    for (int64_t k = 0; k == 0 || k < runs.length; k += step)
      parts.push_back({run, std::min(together, runs.count - run), k, std::min(step, runs.length - k)});
  return parts;
}

template <class T> void convolvePanels(const Plan& p, const T* x, const T* packed, Epilogue<T> end, T* y) {
  const Kernels& table = kernels();
  const auto tile = table.floating<T>().tile;
  const int64_t width = panelWidth<T>(), tileRows = table.tileRows;
  const int64_t ocg = p.ocg(), cg = p.cg(), panels = panelsOf<T>(p), depth = p.kh() * p.kw() * cg;
  const int64_t rowStep = p.rowsPerChunk(kPixels), rowChunks = (p.oh + rowStep - 1) / rowStep;
  // Few pixels a sample: several samples a chunk. Few chunks: each takes a part of the panels.
  const int64_t samples = rowChunks > 1 ? 1 : std::clamp<int64_t>(kPixels / (p.oh * p.ow), 1, p.n);
  const int64_t places = (p.n + samples - 1) / samples * rowChunks;
  const int64_t panelStep = evenPart(panels, std::max<int64_t>(1, panels * places / kChunks));
  const int64_t panelChunks = (panels + panelStep - 1) / panelStep;
  // Pixels that lie a multiple of a cache way apart would push each other out of the cache.
  constexpr int64_t kElement = sizeof(T), kWay = 4096, kLine = 64;
  const int64_t pixel = cg > 0 && p.stepW() * cg * kElement % kWay == 0 ? cg + kLine / kElement : cg;
  const bool direct = p.unpadded() && pixel == cg;
  // Of many panels, those whose weights share the second-level cache meet a tile of the input one after the other, so
  // that a pixel's output is written as a whole; of few, each stays in the first-level cache.
  const int64_t together =
      panels < 4 ? 1 : std::max<int64_t>(1, kWeightBytes / std::max<int64_t>(1, depth * width * kElement));
  const int64_t stepH = direct ? p.strideH : p.stepH(), stepW = direct ? p.strideW : p.stepW();
  const int64_t pitch = direct ? p.w * p.c : p.slabCols() * pixel, across = evenPart(p.ow, tileRows);
  const int64_t sampleSize = direct ? p.h * pitch : p.slabRows(rowStep) * pitch;
  auto* offsets = static_cast<int64_t*>(scratch(3, p.kh() * p.kw() * 8));
  const Runs runs(p, pitch, pixel, offsets);
  const std::vector<Part> parts = partsOf(runs);
  // Short sums: one call for a row of tiles.
  const bool inOneCall = !direct && together == 1 && parts.size() == 1;
  parallelFor(places * panelChunks, [&](int64_t chunk) {
    const int64_t place = chunk / panelChunks, panel0 = chunk % panelChunks * panelStep;
    const int64_t n0 = place / rowChunks * samples, n1 = std::min(n0 + samples, p.n);
    const int64_t row0 = place % rowChunks * rowStep, rows = std::min(rowStep, p.oh - row0);
    const T* in = x + n0 * sampleSize + row0 * stepH * pitch;
    for (int64_t g = 0; g < p.groups; g++) {
      if (!direct) {
        T* slabs = static_cast<T*>(scratch(1, samples * sampleSize * static_cast<int64_t>(sizeof(T))));
        for (int64_t n = n0; n < n1; n++)
          fillSlab(p, x, n, g, row0 * p.stepH(), p.slabRows(rows), pixel, slabs + (n - n0) * sampleSize);
        in = slabs;
      }
      const auto convolveTiles = [&](int64_t panel, int64_t n, int64_t row, int64_t ow, int64_t tiles, bool fetch) {
        const int64_t cols = std::min(width, ocg - panel * width), channel = g * ocg + panel * width;
        const T* from = in + (n - n0) * sampleSize + row * stepH * pitch + ow * stepW * pixel;
        const T* next = from + (ow + across < p.ow ? across * stepW * pixel : stepH * pitch - ow * stepW * pixel);
        for (const Part& part : parts) {
          const bool first = &part == &parts.front(), last = &part == &parts.back();
          tile({std::min(across, p.ow - ow), cols, part.depth, part.count, offsets + part.run, stepW * pixel, 1, width,
                runs.length * width, p.outCol, !first, last && end.relu, fetch ? next + part.k : nullptr, tiles},
               from + part.k, packed + ((g * panels + panel) * depth + part.run * runs.length + part.k) * width,
               first && end.bias ? end.bias + channel : nullptr,
               y + p.outOffset + n * p.outSample + (row0 + row) * p.outRow + ow * p.outCol + channel);
        }
      };
      for (int64_t block = panel0; block < std::min(panel0 + panelStep, panels); block += together)
        for (int64_t n = n0; n < n1; n++)
          for (int64_t row = 0; row < rows; row++)
            for (int64_t ow = 0, tiles; ow < p.ow; ow += tiles * across) {
              tiles = inOneCall ? std::max<int64_t>(1, (p.ow - ow) / across) : 1;
              for (int64_t panel = block; panel < std::min({block + together, panel0 + panelStep, panels}); panel++)
                convolveTiles(panel, n, row, ow, tiles, direct && panel == block);
            }
    }
  });
}

enum Way { kGroups, kFew, kWinograd, kPanels };

template <class T> Way wayOf(const Plan& p) {
  return hasSmallGroups<T>(p) ? kGroups : hasFewChannels(p) ? kFew : suitsWinograd(p) ? kWinograd : kPanels;
}

template <class T> int64_t packedSize(const Plan& p) {
  switch (wayOf<T>(p)) {
    case kGroups:
    case kFew:
      return p.kh() * p.kw() * p.cg() * p.oc;
    case kWinograd:
      return (p.kh() + 1) * (p.kw() + 1) * p.cg() * panelsOf<T>(p) * panelWidth<T>();
    default:
      return p.kh() * p.kw() * p.cg() * p.groups * panelsOf<T>(p) * panelWidth<T>();
  }
}

template <class T> void pack(const WeightView<T>& weight, T* packed) {
  switch (wayOf<T>(weight.p)) {
    case kGroups:
      return packForGroups(weight, packed);
    case kFew:
      return packForFew(weight, packed);
    case kWinograd:
      return packForWinograd(weight, packed);
    default:
      return packForPanels(weight, packed);
  }
}

template <class T> void convolve(const Plan& p, const T* x, const T* packed, Epilogue<T> end, T* y) {
  if (p.n * p.oh * p.ow * p.oc == 0) return;
  switch (wayOf<T>(p)) {
    case kGroups:
      return convolveGroups<T>({{p, packed}}, x, end, y);
    case kFew:
      return convolveFew(p, x, packed, end, y);
    case kWinograd:
      return convolveWinograd(p, x, packed, end, y);
    default:
      return convolvePanels(p, x, packed, end, y);
  }
}

// In this thread's scratch slot 2.
template <class T> T* packInScratch(const WeightView<T>& weight) {
  T* packed = static_cast<T*>(scratch(2, packedSize<T>(weight.p) * static_cast<int64_t>(sizeof(T))));
  pack(weight, packed);
  return packed;
}

}  // namespace
}  // namespace convolution

using namespace convolution;

template <class T> int packing(const Conv2dShape& s) { return wayOf<T>(forwardPlan(s)); }

template <class T> int64_t packedSize(const Conv2dShape& s) { return convolution::packedSize<T>(forwardPlan(s)); }

template <class T> void packWeight(const Conv2dShape& s, const T* weight, T* packed) {
  const Plan p = forwardPlan(s);
  pack(WeightView<T>(s, p, weight, false), packed);
}

template <class T>
void conv2dPacked(const Conv2dShape& s, const T* x, const T* packed, const T* bias, bool relu, T* y) {
  convolve(forwardPlan(s), x, packed, Epilogue<T>{bias, relu}, y);
}

template <class T>
void conv2dForward(const Conv2dShape& s, const T* x, const T* weight, const T* bias, bool relu, T* y) {
  const Plan p = forwardPlan(s);
  convolve(p, x, packInScratch(WeightView<T>(s, p, weight, false)), Epilogue<T>{bias, relu}, y);
}

template <class T> void conv2dGradInput(const Conv2dShape& s, const T* dy, const T* weight, T* dx) {
  const Epilogue<T> end{nullptr, false};
  const bool groups = s.n * s.h * s.w > 0 && hasSmallGroups<T>(gradInputPlan(s, 0, 0));
  T* packed = groups
                  ? static_cast<T*>(scratch(2, s.kh * s.kw * s.oc / s.groups * s.c * static_cast<int64_t>(sizeof(T))))
                  : nullptr;
  std::vector<PackedPlan<T>> together;  // with groups, in one pass: the output's gradient is read once
  for (int64_t phaseH = 0; phaseH < std::min(s.strideH, s.h); phaseH++)
    for (int64_t phaseW = 0; phaseW < std::min(s.strideW, s.w); phaseW++) {
      const Plan p = gradInputPlan(s, phaseH, phaseW);
      const bool reached = p.kh() > 0 && p.kw() > 0;
      if (reached && groups) {
        packForGroups(WeightView<T>(s, p, weight, true), packed);
        together.push_back({p, packed});
        packed += convolution::packedSize<T>(p);
      } else if (reached) {
        convolve(p, dy, packInScratch(WeightView<T>(s, p, weight, true)), end, dx);
      } else {  // no tap reaches these places
        parallelFor(p.n * p.oh, [&](int64_t row) {
          T* out = dx + p.outOffset + row / p.oh * p.outSample + row % p.oh * p.outRow;
          for (int64_t i = 0; i < p.ow; i++) std::memset(out + i * p.outCol, 0, static_cast<size_t>(p.oc) * sizeof(T));
        });
      }
    }
  if (!together.empty()) convolveGroups(together, dy, end, dx);
}

#define INSTANTIATE(T)                                                                     \
  template int64_t packedSize<T>(const Conv2dShape&);                                      \
  template int packing<T>(const Conv2dShape&);                                             \
  template void packWeight(const Conv2dShape&, const T*, T*);                              \
  template void conv2dPacked(const Conv2dShape&, const T*, const T*, const T*, bool, T*);  \
  template void conv2dForward(const Conv2dShape&, const T*, const T*, const T*, bool, T*); \
  template void conv2dGradInput(const Conv2dShape&, const T*, const T*, T*);
INSTANTIATE(float)
INSTANTIATE(double)

}  // namespace cresset
