// Winograd's convolution F(2x2, RxR) for kernels of 3x3 and 5x5: tiles of the input and the weight are transformed,
// each of their (R + 1)^2 points is a product of matrices, and what comes out is transformed to 2 x 2 outputs.
#include "ops/convolution_plan.h"

namespace cresset::convolution {
namespace {

// Outputs of a tile along one axis.
constexpr int64_t kOutputs = 2;
// Bytes of transformed input that a chunk works on: half of a small second-level cache.
constexpr int64_t kChunkBytes = 384 << 10;
// Chunks that give every thread its share.
constexpr int64_t kChunks = 8;
// Channels that are summed at once, for kernels of 3x3 and 5x5: sums of sums round less.
constexpr int64_t kChannels[] = {64, 32};
// The weight's gradient: bytes of a sum that parts of the tiles may have each, and the fewest tiles of a part.
constexpr int64_t kSumBytes = 1 << 20, kTilesPerSum = 128;
// Bytes of transformed tiles that are added up at once, unless the sum is three times as large, and tiles that a
// register tile sums before it touches memory.
constexpr int64_t kTogetherBytes = 2 << 20, kDepth = 192;

// The first multiple of a cache line that is at least n and spreads what lies that far apart over all of a cache.
template <class T> int64_t spread(int64_t n) {
  constexpr int64_t line = 64 / static_cast<int64_t>(sizeof(T));
  return ((n + line - 1) / line | 1) * line;
}

// How far apart the channels of neighbouring tiles lie.
template <class T> int64_t channelPitch(int64_t channels) {
  constexpr int64_t line = 64 / static_cast<int64_t>(sizeof(T));
  return channels < 16 * line ? (channels + line - 1) / line * line : spread<T>(channels);
}

// Tiles of all samples in lines: a line is a row of tiles of one sample.
struct Tiles {
  const Plan& p;
  int64_t side, points, rows, cols, lines;

  explicit Tiles(const Plan& p)
      : p(p),
        side(p.kh() + 1),
        points(side * side),
        rows((p.oh + 1) / kOutputs),
        cols((p.ow + 1) / kOutputs),
        lines(p.n * rows) {}
  int64_t sample(int64_t line) const { return line / rows; }
  int64_t row(int64_t line) const { return line % rows * kOutputs; }
  // Which of the two variants of a kernel.
  int64_t variant() const { return p.kh() == 5; }
};

// Transformed tiles: value (point, tile, channel) lies at point * pitch + tile * channels + channel.
template <class T> struct Transformed {
  T* data;
  int64_t channels, pitch;

  // In the calling thread's scratch memory.
  Transformed(int slot, int64_t points, int64_t tiles, int64_t channels)
      : channels(channels), pitch(spread<T>(tiles * channels)) {
    data = static_cast<T*>(scratch(slot, points * pitch * static_cast<int64_t>(sizeof(T))));
  }
  TileSteps steps(int64_t side) const { return {channels, side * pitch, pitch}; }
};

// Transforms the tiles of one line, `size` values wide and kOutputs apart, of pictures [n, h, w, c] that the first tile
// enters `top` and `left` before their first value.
template <class T, class Kernel>
void transformLine(Kernel kernel, const Tiles& t, int64_t line, int64_t size, const T* x, int64_t h, int64_t w,
                   int64_t c, int64_t top, int64_t left, int64_t firstTile, const Transformed<T>& to) {
  const T* picture = x + t.sample(line) * h * w * c;
  const int64_t y0 = t.row(line) - top;
  T* out = to.data + firstTile * to.channels;
  // Tiles [inner0, inner1) lie inside.
  const bool inside = y0 >= 0 && y0 + size <= h;
  const int64_t inner0 = inside ? std::min(t.cols, (left + 1) / kOutputs) : t.cols;
  const int64_t inner1 = inside ? std::clamp<int64_t>((w + left - size) / kOutputs + 1, inner0, t.cols) : t.cols;
  const TileSteps steps = to.steps(t.side);
  for (int64_t i = 0; i < t.cols; i++) {
    if (i == inner0 && inner1 > inner0) {
      kernel(inner1 - inner0, c, picture + (y0 * w + i * kOutputs - left) * c, {kOutputs * c, w * c, c},
             out + i * to.channels, steps, nullptr, false);
      i = inner1 - 1;
      continue;
    }
    T* patch = static_cast<T*>(scratch(6, size * size * c * static_cast<int64_t>(sizeof(T))));
    copyWindow(picture, h, w, c, y0, i * kOutputs - left, size, size, 1, 1, patch);
    kernel(1, c, patch, {0, size * c, c}, out + i * to.channels, steps, nullptr, false);
  }
}

// Writes the outputs of one line from its transformed tiles [point][tile][width], columns [0, cols) of a
// panel.
template <class T>
void writeLine(const Tiles& t, int64_t line, const T* from, int64_t pitch, int64_t width, int64_t cols, Epilogue<T> end,
               T* y) {
  const Plan& p = t.p;
  const auto output = kernels().floating<T>().winogradOutput[t.variant()];
  const int64_t row = t.row(line), rows = std::min(kOutputs, p.oh - row);
  const TileSteps steps{width, t.side * pitch, pitch};
  T* out = y + p.outOffset + t.sample(line) * p.outSample + row * p.outRow;
  const int64_t whole = rows == kOutputs && cols == width ? p.ow / kOutputs : 0;
  if (whole > 0) output(whole, width, from, steps, out, {kOutputs * p.outCol, p.outRow, p.outCol}, end.bias, end.relu);
  T* square = static_cast<T*>(scratch(6, kOutputs * kOutputs * width * static_cast<int64_t>(sizeof(T))));
  for (int64_t i = whole; i < t.cols; i++) {
    output(1, width, from + i * width, steps, square, {0, kOutputs * width, width}, nullptr, false);
    for (int64_t r = 0; r < rows; r++)
      for (int64_t c = 0; c < std::min(kOutputs, p.ow - i * kOutputs); c++)
        for (int64_t j = 0; j < cols; j++) {
          const T value = square[(r * kOutputs + c) * width + j] + (end.bias ? end.bias[j] : T(0));
          out[r * p.outRow + (i * kOutputs + c) * p.outCol + j] = end.relu && value < 0 ? T(0) : value;
        }
  }
}

}  // namespace

bool suitsWinograd(const Plan& p) {
  if (p.kh() != p.kw() || (p.kh() != 3 && p.kh() != 5)) return false;
  if (p.groups != 1 || p.strideH != 1 || p.strideW != 1 || p.dilationH != 1 || p.dilationW != 1) return false;
  return p.cg() >= 16 && p.ocg() >= 16 && p.n * p.oh * p.ow >= 49;
}

template <class T> void packForWinograd(const WeightView<T>& v, T* packed) {
  const Plan& p = v.p;
  const Tiles t(p);
  const int64_t width = panelWidth<T>(), panels = panelsOf<T>(p), plane = p.cg() * width;
  const int64_t parts = std::clamp<int64_t>(p.cg() / 16, 1, 8);
  parallelFor(panels * parts, [&](int64_t chunk) {
    const int64_t panel = chunk / parts, part = chunk % parts, cols = std::min(width, p.ocg() - panel * width);
    T* taps = static_cast<T*>(scratch(4, v.taps * width * static_cast<int64_t>(sizeof(T))));
    if (cols < width) std::fill_n(taps, v.taps * width, T(0));
    for (int64_t i = p.cg() * part / parts; i < p.cg() * (part + 1) / parts; i++) {
      v.copyTaps(0, i, panel * width, cols, taps, width);
      kernels().floating<T>().winogradWeight[t.variant()](1, width, taps, {0, p.kw() * width, width},
                                                          packed + panel * t.points * plane + i * width,
                                                          {0, t.side * plane, plane}, nullptr, false);
    }
  });
}

bool gradWeightSuitsWinograd(const Plan& p) { return suitsWinograd(p) && (p.kh() == 3 || p.n * p.oh * p.ow >= 4096); }

template <class T> void convolveWinograd(const Plan& p, const T* x, const T* packed, Epilogue<T> end, T* y) {
  const Tiles t(p);
  const auto& f = kernels().floating<T>();
  const int64_t element = sizeof(T), width = panelWidth<T>(), panels = panelsOf<T>(p);
  const int64_t c = p.cg(), channels = channelPitch<T>(c);
  const int64_t together = kChannels[t.variant()];
  // As many lines a chunk as the cache holds; fewer where that would leave threads without a chunk.
  const int64_t inCache = kChunkBytes / (t.points * t.cols * channels * element);
  const int64_t most = std::max(t.lines * panels / kChunks, kLeastWork / (t.points * t.cols * c * width) + 1);
  const int64_t linesPerChunk = evenPart(t.lines, std::clamp<int64_t>(inCache, 1, std::min(most, t.lines)));
  const int64_t chunks = (t.lines + linesPerChunk - 1) / linesPerChunk, tiles = linesPerChunk * t.cols;
  const auto transform = [&](int64_t line, int64_t firstTile, const Transformed<T>& to) {
    transformLine(f.winogradInput[t.variant()], t, line, t.side, x, p.h, p.w, c, p.top, p.left, firstTile, to);
  };
  // Lines [line0, line1), whose tiles follow from `firstTile`, for one panel.
  const auto multiply = [&](int64_t line0, int64_t line1, int64_t firstTile, const Transformed<T>& in, int64_t panel) {
    const int64_t count = (line1 - line0) * t.cols, pitch = spread<T>(count * width), zero = 0;
    T* out = static_cast<T*>(scratch(5, t.points * pitch * element));
    const int64_t step = evenPart(count, kernels().tileRows);
    for (int64_t point = 0; point < t.points; point++)
      for (int64_t i = 0; i < count; i += step)
        for (int64_t k = 0; k < c; k += together)
          f.tile({std::min(step, count - i), width, std::min(together, c - k), 1, &zero, channels, 1, width, 0, width,
                  k > 0},
                 in.data + point * in.pitch + (firstTile + i) * channels + k,
                 packed + ((panel * t.points + point) * c + k) * width, nullptr, out + point * pitch + i * width);
    const int64_t channel = panel * width;
    for (int64_t line = line0; line < line1; line++)
      writeLine(t, line, out + (line - line0) * t.cols * width, pitch, width, std::min(width, p.ocg() - channel),
                {end.bias ? end.bias + channel : nullptr, end.relu}, y + channel);
  };
  if (chunks >= kChunks) {
    parallelFor(chunks, [&](int64_t chunk) {
      const int64_t line0 = chunk * linesPerChunk, line1 = std::min(line0 + linesPerChunk, t.lines);
      const Transformed<T> in(1, t.points, tiles, channels);
      for (int64_t line = line0; line < line1; line++) transform(line, (line - line0) * t.cols, in);
      for (int64_t panel = 0; panel < panels; panel++) multiply(line0, line1, 0, in, panel);
    });
    return;
  }
  // Few tiles: the input is transformed once, then chunks take a part of the panels each.
  const Transformed<T> in(1, t.points, t.lines * t.cols, channels);
  parallelFor(t.lines, [&](int64_t line) { transform(line, line * t.cols, in); });
  parallelFor(panels * chunks, [&](int64_t chunk) {
    const int64_t line0 = chunk % chunks * linesPerChunk, line1 = std::min(line0 + linesPerChunk, t.lines);
    multiply(line0, line1, line0 * t.cols, in, chunk / chunks);
  });
}

template <class T> T* winogradGradWeight(const Plan& p, const T* x, const T* dy) {
  const Tiles t(p);
  const auto& f = kernels().floating<T>();
  const int64_t element = sizeof(T), width = panelWidth<T>(), c = p.cg(), oc = p.ocg(), padded = panelsOf<T>(p) * width;
  const int64_t inChannels = channelPitch<T>(c), outChannels = channelPitch<T>(padded), size = t.points * c * padded;
  const int64_t lineBytes = t.points * t.cols * (inChannels + outChannels) * element;
  const int64_t step = evenPart(c, kernels().tileRows), steps = (c + step - 1) / step;
  // Rows of the sum of one point that make a chunk.
  const int64_t rows = std::clamp<int64_t>(t.points * steps / 64, 1, 8) * step, rowChunks = (c + rows - 1) / rows;
  const auto transform = [&](int64_t line, int64_t tile, const Transformed<T>& in, const Transformed<T>& out) {
    transformLine(f.winogradInput[t.variant()], t, line, t.side, x, p.h, p.w, c, p.top, p.left, tile, in);
    transformLine(f.winogradGradOutput[t.variant()], t, line, kOutputs, dy, p.oh, p.ow, oc, 0, 0, tile, out);
  };
  const auto multiply = [&](int64_t chunk, int64_t tiles, const Transformed<T>& in, const Transformed<T>& out,
                            bool accumulate, T* sums) {
    const int64_t point = chunk / rowChunks, row0 = chunk % rowChunks * rows, row1 = std::min(row0 + rows, c), zero = 0;
    for (int64_t tile = 0; tile < tiles; tile += kDepth)
      for (int64_t row = row0; row < row1; row += step)
        for (int64_t col = 0; col < padded; col += width)
          f.tile({std::min(step, row1 - row), width, std::min(kDepth, tiles - tile), 1, &zero, 1, in.channels,
                  out.channels, 0, padded, accumulate || tile > 0},
                 in.data + point * in.pitch + tile * in.channels + row,
                 out.data + point * out.pitch + tile * out.channels + col, nullptr,
                 sums + (point * c + row) * padded + col);
  };
  // Calls fn(first line, lines) for the lines [begin, end), `together` at a time.
  const auto inGroups = [](int64_t begin, int64_t end, int64_t together, auto fn) {
    for (int64_t line = begin; line < end; line += together) fn(line, std::min(together, end - line));
  };
  T* sums;
  if (size * element <= kSumBytes && t.lines * t.cols >= 2 * kTilesPerSum) {
    // A small weight: threads share nothing, as each part of the lines has a sum of its own.
    const int64_t parts = std::min<int64_t>({t.lines, t.lines * t.cols / kTilesPerSum, 16});
    const int64_t together = std::clamp<int64_t>(kTogetherBytes / lineBytes, 1, (t.lines + parts - 1) / parts);
    sums = static_cast<T*>(scratch(4, parts * size * element));
    parallelFor(parts, [&](int64_t part) {
      const Transformed<T> in(1, t.points, together * t.cols, inChannels),
          out(5, t.points, together * t.cols, outChannels);
      if (padded > oc) std::fill_n(out.data, t.points * out.pitch, T(0));
      const int64_t begin = t.lines * part / parts, end = t.lines * (part + 1) / parts;
      inGroups(begin, end, together, [&](int64_t line0, int64_t lines) {
        for (int64_t i = 0; i < lines; i++) transform(line0 + i, i * t.cols, in, out);
        for (int64_t chunk = 0; chunk < t.points * rowChunks; chunk++)
          multiply(chunk, lines * t.cols, in, out, line0 > begin, sums + part * size);
      });
    });
    addSums(parts, size, sums);
  } else {
    // A large one: threads share out the sum, to which many lines are added at once.
    const int64_t together = std::clamp<int64_t>(std::max(kTogetherBytes, size * element / 3) / lineBytes, 1, t.lines);
    const Transformed<T> in(1, t.points, together * t.cols, inChannels),
        out(5, t.points, together * t.cols, outChannels);
    if (padded > oc) std::fill_n(out.data, t.points * out.pitch, T(0));
    sums = static_cast<T*>(scratch(4, size * element));
    inGroups(0, t.lines, together, [&](int64_t line0, int64_t lines) {
      parallelFor(lines, [&](int64_t i) { transform(line0 + i, i * t.cols, in, out); });
      parallelFor(t.points * rowChunks,
                  [&](int64_t chunk) { multiply(chunk, lines * t.cols, in, out, line0 > 0, sums); });
    });
  }
  T* dw = static_cast<T*>(scratch(2, p.kh() * p.kw() * c * padded * element));
  constexpr int64_t kParts = 8;
  parallelFor(kParts, [&](int64_t part) {
    const int64_t i0 = c * part / kParts, i1 = c * (part + 1) / kParts, plane = c * padded;
    f.winogradGradWeight[t.variant()](i1 - i0, padded, sums + i0 * padded, {padded, t.side * plane, plane},
                                      dw + i0 * padded, {padded, p.kw() * plane, plane}, nullptr, false);
  });
  return dw;
}

#define INSTANTIATE(T)                                                              \
  template void packForWinograd(const WeightView<T>&, T*);                          \
  template void convolveWinograd(const Plan&, const T*, const T*, Epilogue<T>, T*); \
  template T* winogradGradWeight(const Plan&, const T*, const T*);
INSTANTIATE(float)
INSTANTIATE(double)

}  // namespace cresset::convolution
