// The weight's gradient of a convolution: the same tile, with pixels as the inner dimension.
#include "ops/convolution.h"
#include "ops/convolution_plan.h"
#include "ops/gemm.h"

namespace cresset {
namespace {

using namespace convolution;

// Pixels that a tile sums before it touches memory.
constexpr int64_t kPixels = 128;
// Pixels that a tile of the other way sums at once.
constexpr int64_t kPixelsPerTile = 192;

// The geometry that both ways to the weight's gradient share. Sums are laid out [group][kh][kw][cg][padded].
struct WeightSums {
  int64_t width, tileRows, panels, padded, taps, size;
  int64_t pixelsPerSum;  // of a chunk that has a sum of its own: so many that adding up the sums takes a fraction

  explicit WeightSums(const Plan& p, int64_t element)
      : width(kernels().tileBytes / element),
        tileRows(kernels().tileRows),
        panels((p.ocg() + width - 1) / width),
        padded(panels * width),
        taps(p.kh() * p.kw()),
        size(p.groups * taps * p.cg() * padded),
        pixelsPerSum(size * element <= (1 << 15) ? 128 : 1024) {}
  // Whether chunks of pixels may have a sum each: one that stays in the second-level cache, with pixels enough for
  // eight.
  bool fewerThanPixels(const Plan& p, int64_t element) const {
    return size * element <= (1 << 20) && p.n * p.oh * p.ow >= 8 * pixelsPerSum;
  }
};

// Hands out memory that will be needed, to be fetched while something else is computed.
struct Ahead {
  const char *at = nullptr, *end = nullptr;

  // The next `lines` cache lines; nullptr where nothing is left.
  const void* take(int64_t lines) {
    if (at >= end) return nullptr;
    const char* taken = at;
    at += lines * 64;
    return taken;
  }
};

// Small weights: chunks of pixels, each with a sum of the whole weight's size, whose number is returned.
template <class T> int64_t sumOverPixels(const Plan& p, const WeightSums& s, const T* x, const T* dy, T*& sums) {
  const auto& f = kernels().floating<T>();
  const bool direct = p.unpadded();
  const int64_t stepH = direct ? p.strideH : p.stepH(), stepW = direct ? p.strideW : p.stepW();
  const int64_t cg = p.cg(), ocg = p.ocg(), pitch = direct ? p.w * p.c : p.slabCols() * cg;
  const int64_t rowStep = p.rowsPerChunk(kPixels), rowChunks = (p.oh + rowStep - 1) / rowStep, units = p.n * rowChunks;
  // Consecutive units share a partial sum.
  const int64_t partials = std::min<int64_t>({units, p.n * p.oh * p.ow / s.pixelsPerSum, 32});
  const int64_t perPartial = std::max<int64_t>(1, (units + partials - 1) / partials);
  sums = static_cast<T*>(scratch(2, partials * s.size * static_cast<int64_t>(sizeof(T))));
  auto* offsets = static_cast<int64_t*>(scratch(3, s.taps * 8));
  const Runs runs(p, pitch, cg, offsets);
  parallelFor(partials, [&](int64_t part) {
    T* sum = sums + part * s.size;
    std::memset(sum, 0, static_cast<size_t>(s.size) * sizeof(T));
    for (int64_t unit = part * perPartial; unit < std::min(units, (part + 1) * perPartial); unit++) {
      const int64_t n = unit / rowChunks, row0 = unit % rowChunks * rowStep, rows = std::min(rowStep, p.oh - row0);
      const T* in = x + (n * p.h + row0 * p.strideH) * p.w * p.c;
      auto* rowStarts = static_cast<int64_t*>(scratch(4, rows * 8));
      for (int64_t r = 0; r < rows; r++) rowStarts[r] = r * stepH * pitch;
      // The rows that follow, of input and output.
      const auto following = [](const T* begin, int64_t size) {
        return Ahead{reinterpret_cast<const char*>(begin + size), reinterpret_cast<const char*>(begin + 2 * size)};
      };
      const bool more = direct && unit + 1 < units;
      Ahead inAhead = more ? following(in, rows * p.strideH * p.w * p.c) : Ahead{};
      Ahead outAhead = more ? following(dy + (n * p.oh + row0) * p.ow * p.oc, rows * p.ow * p.oc) : Ahead{};
      for (int64_t g = 0; g < p.groups; g++) {
        if (!direct) {
          T* slab = static_cast<T*>(scratch(1, p.slabRows(rows) * pitch * static_cast<int64_t>(sizeof(T))));
          fillSlab(p, x, n, g, row0 * p.stepH(), p.slabRows(rows), cg, slab);
          in = slab;
        }
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
            for (int64_t i = 0; i < runs.length; i += step) {
              Ahead& ahead = inAhead.at < inAhead.end ? inAhead : outAhead;
              f.tile({std::min(step, runs.length - i), s.width, p.ow, rows, rowStarts, 1, stepW * cg, ld, p.ow * ld,
                      s.padded, true, false, ahead.take(rows * p.ow)},
                     in + runs.offsets[run] + i, rowsOfDy + panel * s.width, nullptr,
                     sum + (g * s.taps * cg + run * runs.length + i) * s.padded + panel * s.width);
            }
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
  const int64_t element = sizeof(T), cg = p.cg(), ocg = p.ocg(), pitch = p.slabCols() * cg;
  const int64_t sample = p.slabRows(p.oh) * pitch;  // a padded sample of one group
  // Samples that are summed together: what is read over and over stays in the second-level cache, unless the sums are
  // larger.
  const int64_t perSample = (p.groups * sample + p.oh * p.ow * p.groups * s.padded) * element;
  const int64_t together =
      std::clamp<int64_t>(std::max<int64_t>(1 << 20, s.size * element / 8) / std::max<int64_t>(1, perSample), 1, p.n);
  const int64_t pixels = together * p.oh * p.ow;
  sums = static_cast<T*>(scratch(2, s.size * element));
  auto* offsets = static_cast<int64_t*>(scratch(3, s.taps * 8));
  const Runs runs(p, pitch, cg, offsets);
  T* slabs = static_cast<T*>(scratch(1, p.groups * together * sample * element));
  T* panelsOfDy = static_cast<T*>(scratch(5, p.groups * s.panels * pixels * s.width * element));
  auto* rowStarts = static_cast<int64_t*>(scratch(4, together * p.oh * 8));
  for (int64_t r = 0; r < together * p.oh; r++) rowStarts[r] = r / p.oh * sample + r % p.oh * p.stepH() * pitch;
  const int64_t step = evenPart(runs.length, s.tileRows), tiles = (runs.length + step - 1) / step;
  const int64_t perChunk = std::clamp<int64_t>(p.groups * runs.count * tiles / 64, 1, 8);
  const int64_t tileChunks = (tiles + perChunk - 1) / perChunk;
  // Halves of the panels, so that a thread mostly meets the same half of dy and of the sums.
  const int64_t panelParts = std::min<int64_t>(s.panels, 2), perGroup = runs.count * tileChunks;
  const int64_t rowStep = std::max<int64_t>(1, kPixelsPerTile / p.ow);
  // A tile's part of the slab is copied close together where enough panels of dy meet it: its pixels lie far apart.
  const bool packs = s.panels >= 4;
  for (int64_t n0 = 0; n0 < p.n; n0 += together) {
    const int64_t samples = std::min(together, p.n - n0), rows = samples * p.oh;
    constexpr int64_t kParts = 4;  // of a sample, so that few samples occupy every thread
    parallelFor(p.groups * samples * kParts, [&](int64_t chunk) {
      const int64_t g = chunk / kParts / samples, n = chunk / kParts % samples, part = chunk % kParts;
      const auto share = [&](int64_t all, int64_t i) { return all * i / kParts; };
      const int64_t height = p.slabRows(p.oh), row = share(height, part);
      fillSlab(p, x, n0 + n, g, row, share(height, part + 1) - row, cg,
               slabs + (g * together + n) * sample + row * pitch);
      const int64_t pixel0 = share(p.oh * p.ow, part), pixel1 = share(p.oh * p.ow, part + 1);
      const T* from = dy + (n0 + n) * p.oh * p.ow * p.oc + g * ocg;
      for (int64_t panel = 0; panel < s.panels; panel++) {
        const int64_t cols = std::min(s.width, ocg - panel * s.width);
        T* to = panelsOfDy + ((g * s.panels + panel) * pixels + n * p.oh * p.ow) * s.width;
        for (int64_t i = pixel0; i < pixel1; i++) {
          std::memcpy(to + i * s.width, from + i * p.oc + panel * s.width, static_cast<size_t>(cols) * sizeof(T));
          std::memset(to + i * s.width + cols, 0, static_cast<size_t>(s.width - cols) * sizeof(T));
        }
      }
    });
    parallelFor(p.groups * panelParts * perGroup, [&](int64_t chunk) {
      const int64_t g = chunk / perGroup / panelParts, run = chunk / tileChunks % runs.count, zero = 0;
      const int64_t part = chunk / perGroup % panelParts;
      const int64_t panel0 = s.panels * part / panelParts, panel1 = s.panels * (part + 1) / panelParts;
      const int64_t i0 = chunk % tileChunks * perChunk * step, i1 = std::min(i0 + perChunk * step, runs.length);
      T* packed = static_cast<T*>(scratch(6, rowStep * p.ow * step * element));
      for (int64_t row = 0; row < rows; row += rowStep)
        for (int64_t i = i0; i < i1; i += step) {
          const int64_t count = std::min(step, i1 - i), blockRows = std::min(rowStep, rows - row);
          const T* from = slabs + g * together * sample + runs.offsets[run] + i;
          Tile tile{count,          s.width, p.ow,           blockRows, rowStarts + row, 1,
                    p.stepW() * cg, s.width, p.ow * s.width, s.padded,  n0 + row > 0};
          if (packs) {
            T* to = packed;
            for (int64_t r = row; r < row + blockRows; r++) {
              const T* pixel = from + rowStarts[r];
              for (int64_t ow = 0; ow < p.ow; ow++, pixel += p.stepW() * cg, to += count)
                std::memcpy(to, pixel, static_cast<size_t>(count) * sizeof(T));
            }
            from = packed;
            tile.k = blockRows * p.ow, tile.runs = 1, tile.aRuns = &zero, tile.ak = count;
          }
          for (int64_t panel = panel0; panel < panel1; panel++)
            f.tile(tile, from, panelsOfDy + ((g * s.panels + panel) * pixels + row * p.ow) * s.width, nullptr,
                   sums + (g * s.taps * cg + run * runs.length + i) * s.padded + panel * s.width);
        }
    });
  }
  return 1;
}

}  // namespace

template <class T> void conv2dGradWeight(const Conv2dShape& shape, const T* x, const T* dy, T* dweight) {
  const Plan p = forwardPlan(shape);
  const int64_t cg = p.cg(), ocg = p.ocg();
  if (p.oc * cg == 0) return;
  if (p.n * p.oh * p.ow == 0) {
    std::memset(dweight, 0, static_cast<size_t>(p.oc * cg * p.kh() * p.kw()) * sizeof(T));
    return;
  }
  if (hasSmallGroups<T>(p)) return groupsGradWeight(p, x, dy, dweight);
  const WeightSums s(p, sizeof(T));
  // A product of matrices, whose result lies as the user wants it.
  if (p.groups == 1 && s.taps == 1 && p.unpadded() && p.strideH == 1 && p.strideW == 1 &&
      !s.fewerThanPixels(p, sizeof(T)))
    return gemm<T>(true, false, p.oc, p.c, p.n * p.oh * p.ow, dy, p.oc, x, p.c, dweight, p.c);
  T* sums;
  int64_t partials = 1;
  if (gradWeightSuitsWinograd(p))
    sums = winogradGradWeight(p, x, dy);
  else
    partials = s.fewerThanPixels(p, sizeof(T)) ? sumOverPixels(p, s, x, dy, sums) : sumOverWeights(p, s, x, dy, sums);
  addSums(partials, s.size, sums);
  // Brought into the user's layout, a cache line of output channels at a time.
  constexpr int64_t kLine = 64 / static_cast<int64_t>(sizeof(T));
  const int64_t lines = (ocg + kLine - 1) / kLine, depth = cg * s.taps;
  parallelFor(p.groups * lines, [&](int64_t chunk) {
    const int64_t g = chunk / lines, first = chunk % lines * kLine, count = std::min(kLine, ocg - first);
    const auto transpose = kernels().bytes.transpose;
    const T* from = sums + g * s.taps * cg * s.padded + first;
    T* to = dweight + (g * ocg + first) * depth;
    if (s.taps == 1) return transpose(sizeof(T), cg, count, from, s.padded, to, depth);
    for (int64_t i = 0; i < cg; i++)
      transpose(sizeof(T), s.taps, count, from + i * s.padded, cg * s.padded, to + i * s.taps, depth);
  });
}

#define INSTANTIATE(T) template void conv2dGradWeight(const Conv2dShape&, const T*, const T*, T*);
INSTANTIATE(float)
INSTANTIATE(double)

}  // namespace cresset
