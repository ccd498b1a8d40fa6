// Pooling of one channels-last sample: the inner loop runs over channels.
#include "kernels/simd.h"
#include "kernels/table.h"

namespace cresset::ISA {
namespace {

struct Window {
  int64_t h0, h1, w0, w1;  // kernel cells inside the input: [h0, h1) by [w0, w1)
  int64_t top, left;       // input place of kernel cell (0, 0)
};

// The first kernel cell at or after the input's edge, and the first beyond its end.
inline int64_t firstInside(int64_t start, int64_t dilation) {
  return start >= 0 ? 0 : (-start + dilation - 1) / dilation;
}
inline int64_t endInside(int64_t start, int64_t dilation, int64_t size, int64_t cells) {
  if (start >= size) return 0;
  const int64_t end = (size - start + dilation - 1) / dilation;
  return end < cells ? end : cells;
}

inline Window windowAt(const Pool2dShape& s, int64_t oh, int64_t ow) {
  Window w;
  w.top = oh * s.strideH - s.padH;
  w.left = ow * s.strideW - s.padW;
  w.h0 = firstInside(w.top, s.dilationH);
  w.h1 = endInside(w.top, s.dilationH, s.h, s.kh);
  w.w0 = firstInside(w.left, s.dilationW);
  w.w1 = endInside(w.left, s.dilationW, s.w, s.kw);
  return w;
}

template <class T>
void maxPool2d(const Pool2dShape& s, int64_t rowBegin, int64_t rowEnd, const T* x, T* y, int32_t* index) {
  for (int64_t oh = rowBegin; oh < rowEnd; oh++)
    for (int64_t ow = 0; ow < s.ow; ow++) {
      const Window w = windowAt(s, oh, ow);
      T* __restrict out = y + (oh * s.ow + ow) * s.c;
      int32_t* __restrict at = index + (oh * s.ow + ow) * s.c;
      bool first = true;
      for (int64_t i = w.h0; i < w.h1; i++)
        for (int64_t j = w.w0; j < w.w1; j++) {
          const int32_t place = static_cast<int32_t>((w.top + i * s.dilationH) * s.w + w.left + j * s.dilationW);
          const T* __restrict in = x + place * s.c;
          if (first) {
            for (int64_t c = 0; c < s.c; c++) out[c] = in[c], at[c] = place;
            first = false;
            continue;
          }
          for (int64_t c = 0; c < s.c; c++) {
            const bool wins = (in[c] > out[c]) | (in[c] != in[c]);
            out[c] = wins ? in[c] : out[c];
            at[c] = wins ? place : at[c];
          }
        }
      // Dilation over padding can step past the whole input: such a window has no winner.
      if (first)
        for (int64_t c = 0; c < s.c; c++) out[c] = -static_cast<T>(__builtin_inff()), at[c] = -1;
    }
}

template <class T>
void maxPool2dBackward(const Pool2dShape& s, int64_t rowBegin, int64_t rowEnd, const T* dy, const int32_t* index,
                       T* dx) {
  constexpr int64_t kFewCells = 16;  // which whole registers of channels may pass, though one cell in all has won
  if (s.kh * s.kw > kFewCells) {
    for (int64_t o = rowBegin * s.ow; o < rowEnd * s.ow; o++)
      for (int64_t c = 0; c < s.c; c++)
        if (const int64_t at = index[o * s.c + c]; at >= 0) dx[at * s.c + c] += dy[o * s.c + c];
    return;
  }
  for (int64_t oh = rowBegin; oh < rowEnd; oh++)
    for (int64_t ow = 0; ow < s.ow; ow++) {
      const Window w = windowAt(s, oh, ow);
      const T* __restrict from = dy + (oh * s.ow + ow) * s.c;
      const int32_t* __restrict at = index + (oh * s.ow + ow) * s.c;
      for (int64_t i = w.h0; i < w.h1; i++)
        for (int64_t j = w.w0; j < w.w1; j++) {
          const int32_t place = static_cast<int32_t>((w.top + i * s.dilationH) * s.w + w.left + j * s.dilationW);
          T* __restrict to = dx + place * s.c;
          for (int64_t c = 0; c < s.c; c++) to[c] += at[c] == place ? from[c] : T(0);
        }
    }
}

// out = the sum over rows by cols places / divisor, for all channels: four places in float, what they give in double.
template <class T>
void averageOverMany(int64_t rows, int64_t cols, int64_t rowStride, int64_t c, double divisor, const T* x, T* out) {
  constexpr int64_t kChannels = 64, kPlaces = 4;
  for (int64_t j = 0; j < c; j += kChannels) {
    const int64_t n = j + kChannels < c ? kChannels : c - j;
    double total[kChannels] = {};
    for (int64_t row = 0; row < rows; row++)
      for (int64_t col = 0; col < cols; col += kPlaces) {
        const T* in = x + row * rowStride + col * c + j;
        const int64_t places = col + kPlaces < cols ? kPlaces : cols - col;
        T part[kChannels] = {};
        for (int64_t i = 0; i < places; i++) INDEPENDENT for (int64_t k = 0; k < n; k++) part[k] += in[i * c + k];
        for (int64_t k = 0; k < n; k++) total[k] += static_cast<double>(part[k]);
      }
    for (int64_t k = 0; k < n; k++) out[j + k] = static_cast<T>(total[k] / divisor);
  }
}

// The same for few places, over which several registers pass at a time.
template <class T>
void averageOver(int64_t rows, int64_t cols, int64_t rowStride, int64_t c, double divisor, const T* x, T* out) {
  if (rows * cols > 16) return averageOverMany(rows, cols, rowStride, c, divisor, x, out);
  constexpr int64_t lanes = kLanes<T>, kRegisters = kRegisterBytes == 64 ? 4 : 8;
  const T by = static_cast<T>(divisor), inverse = 1 / by;
  // Where it is exact, a product does what the slower quotient does.
  const bool exact = (static_cast<int64_t>(divisor) & (static_cast<int64_t>(divisor) - 1)) == 0;
  int64_t j = 0;
  for (; j + kRegisters * lanes <= c; j += kRegisters * lanes) {
    Vec<T> sum[kRegisters] = {};
    for (int64_t row = 0; row < rows; row++)
      for (int64_t col = 0; col < cols; col++)
        for (int64_t l = 0; l < kRegisters; l++) sum[l] += load(x + row * rowStride + col * c + j + l * lanes);
    for (int64_t l = 0; l < kRegisters; l++) store(out + j + l * lanes, exact ? sum[l] * inverse : sum[l] / by);
  }
  for (int64_t k = j; k < c; k++) out[k] = 0;
  for (int64_t row = 0; row < rows; row++)
    for (int64_t col = 0; col < cols; col++)
      INDEPENDENT for (int64_t k = j; k < c; k++) out[k] += x[row * rowStride + col * c + k];
  for (int64_t k = j; k < c; k++) out[k] /= by;
}

inline double divisorOf(const Pool2dShape& s, const Window& w, bool countIncludePad, int64_t divisorOverride) {
  if (divisorOverride != 0) return static_cast<double>(divisorOverride);
  if (!countIncludePad) return static_cast<double>((w.h1 - w.h0) * (w.w1 - w.w0));
  // The window clipped to the padded input, as ceilMode may let it hang over.
  const int64_t bottom = w.top + s.kh < s.h + s.padH ? w.top + s.kh : s.h + s.padH,
                right = w.left + s.kw < s.w + s.padW ? w.left + s.kw : s.w + s.padW;
  return static_cast<double>((bottom - w.top) * (right - w.left));
}

template <class T>
void avgPool2d(const Pool2dShape& s, bool countIncludePad, int64_t divisorOverride, int64_t rowBegin, int64_t rowEnd,
               const T* x, T* y) {
  for (int64_t oh = rowBegin; oh < rowEnd; oh++)
    for (int64_t ow = 0; ow < s.ow; ow++) {
      const Window w = windowAt(s, oh, ow);
      averageOver(w.h1 - w.h0, w.w1 - w.w0, s.w * s.c, s.c, divisorOf(s, w, countIncludePad, divisorOverride),
                  x + ((w.top + w.h0) * s.w + w.left + w.w0) * s.c, y + (oh * s.ow + ow) * s.c);
    }
}

template <class T>
void avgPool2dBackward(const Pool2dShape& s, bool countIncludePad, int64_t divisorOverride, const T* dy, T* dx) {
  for (int64_t i = 0; i < s.h * s.w * s.c; i++) dx[i] = 0;
  for (int64_t oh = 0; oh < s.oh; oh++)
    for (int64_t ow = 0; ow < s.ow; ow++) {
      const Window w = windowAt(s, oh, ow);
      const T* __restrict g = dy + (oh * s.ow + ow) * s.c;
      const T divisor = static_cast<T>(divisorOf(s, w, countIncludePad, divisorOverride));
      for (int64_t i = w.h0; i < w.h1; i++)
        for (int64_t j = w.w0; j < w.w1; j++) {
          T* __restrict out = dx + ((w.top + i) * s.w + w.left + j) * s.c;
          for (int64_t c = 0; c < s.c; c++) out[c] += g[c] / divisor;
        }
    }
}

// The part of `in` places that output i of `out` averages.
struct Part {
  int64_t begin, end;
  Part(int64_t i, int64_t in, int64_t out) : begin(i * in / out), end(((i + 1) * in + out - 1) / out) {}
};

template <class T> void adaptiveAvgPool2d(const Pool2dShape& s, int64_t rowBegin, int64_t rowEnd, const T* x, T* y) {
  for (int64_t oh = rowBegin; oh < rowEnd; oh++)
    for (int64_t ow = 0; ow < s.ow; ow++) {
      const Part rows(oh, s.h, s.oh), cols(ow, s.w, s.ow);
      const int64_t h = rows.end - rows.begin, w = cols.end - cols.begin;
      averageOver(h, w, s.w * s.c, s.c, static_cast<double>(h * w), x + (rows.begin * s.w + cols.begin) * s.c,
                  y + (oh * s.ow + ow) * s.c);
    }
}

template <class T> void adaptiveAvgPool2dBackward(const Pool2dShape& s, const T* dy, T* dx) {
  for (int64_t i = 0; i < s.h * s.w * s.c; i++) dx[i] = 0;
  for (int64_t oh = 0; oh < s.oh; oh++)
    for (int64_t ow = 0; ow < s.ow; ow++) {
      const Part rows(oh, s.h, s.oh), cols(ow, s.w, s.ow);
      const T* __restrict g = dy + (oh * s.ow + ow) * s.c;
      const T count = static_cast<T>((rows.end - rows.begin) * (cols.end - cols.begin));
      for (int64_t i = rows.begin; i < rows.end; i++)
        for (int64_t j = cols.begin; j < cols.end; j++) {
          T* __restrict out = dx + (i * s.w + j) * s.c;
          for (int64_t c = 0; c < s.c; c++) out[c] += g[c] / count;
        }
    }
}

template <class T> void add(FloatKernels<T>& k) {
  k.maxPool2d = maxPool2d<T>;
  k.maxPool2dBackward = maxPool2dBackward<T>;
  k.avgPool2d = avgPool2d<T>;
  k.avgPool2dBackward = avgPool2dBackward<T>;
  k.adaptiveAvgPool2d = adaptiveAvgPool2d<T>;
  k.adaptiveAvgPool2dBackward = adaptiveAvgPool2dBackward<T>;
}

}  // namespace

void addPool2d(Kernels& k) {
  add(k.f32);
  add(k.f64);
}

}  // namespace cresset::ISA
