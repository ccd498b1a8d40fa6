// Packing, blocking and parallel hand-out of matrix products.
#include "ops/gemm.h"

#include <algorithm>
#include <cstring>

#include "core/thread_pool.h"
#include "kernels/kernels.h"

namespace cresset {
namespace {

// Products that are summed in registers before C is touched. A tile's rows of A, this long, stay in the first-level
// cache while panels of B pass by from the second.
constexpr int64_t kDepth = 256;
// Columns of B that are packed at once.
constexpr int64_t kColumns = 1024;
// Tiles in the rows of a chunk, and chunks that give every thread its share; their number divides by as many threads as
// possible.
constexpr int64_t kTilesPerChunk = 4, kChunks = 12;
// Rows of which packing B would cost more than it brings, where it is transposed and where it is not.
constexpr int64_t kFewRows = 64, kDirectRows = 128;

// Whether A B^T is best taken as dot products of rows as they lie: of few rows, and of so long ones that the adding up
// of a register's lanes in the end counts little.
bool suitsDots(int64_t m, int64_t k) {
  const int64_t mostRows = kernels().dotRows > 2 ? kFewRows : 16;
  return m == 1 || (m <= mostRows && k >= 32 * std::min<int64_t>(m, 8));
}

// Keeps packed rows off each other's places in the cache.
template <class T> constexpr int64_t kPad = 64 / static_cast<int64_t>(sizeof(T));

// Columns [j0, j0 + cols) of op(B), rows [k0, k0 + depth), as a panel of `width` columns padded with zeros.
template <class T>
void packB(bool trans, const T* b, int64_t ldb, int64_t k0, int64_t depth, int64_t j0, int64_t cols, int64_t width,
           T* out) {
  constexpr int size = sizeof(T);
  if (cols < width) std::memset(out, 0, static_cast<size_t>(depth * width) * sizeof(T));
  if (trans) return kernels().bytes.transpose(size, cols, depth, b + j0 * ldb + k0, ldb, out, width);
  for (int64_t i = 0; i < depth; i++)
    std::memcpy(out + i * width, b + (k0 + i) * ldb + j0, static_cast<size_t>(cols) * sizeof(T));
}

// Rows of op(A) where a tile reads them: row i at i * am, depth k at k * ak.
template <class T> struct Rows {
  const T* data;
  int64_t am, ak;
};

// `rows` of op(A) as packA leaves them.
template <class T> Rows<T> packedRows(bool trans, const T* packed, int64_t rows, int64_t depth) {
  return trans ? Rows<T>{packed, 1, rows} : Rows<T>{packed, depth + kPad<T>, 1};
}

// Rows [i0, i0 + rows) of op(A), depth [k0, k0 + depth), close together in `out`: rows that lie a power of two apart
// would push each other out of the cache.
template <class T>
void packA(bool trans, const T* a, int64_t lda, int64_t i0, int64_t rows, int64_t k0, int64_t depth, T* out) {
  if (trans) {
    for (int64_t k = 0; k < depth; k++)
      std::memcpy(out + k * rows, a + (k0 + k) * lda + i0, static_cast<size_t>(rows) * sizeof(T));
    return;
  }
  const int64_t pitch = depth + kPad<T>;
  for (int64_t i = 0; i < rows; i++)
    std::memcpy(out + i * pitch, a + (i0 + i) * lda + k0, static_cast<size_t>(depth) * sizeof(T));
}

constexpr int64_t ceilDiv(int64_t a, int64_t b) { return (a + b - 1) / b; }

// A product over nothing: C keeps or loses its values and takes the bias.
template <class T> void gemmEmpty(int64_t m, int64_t n, T* c, int64_t ldc, bool accumulate, const T* bias) {
  for (int64_t i = 0; i < m; i++)
    for (int64_t j = 0; j < n; j++) c[i * ldc + j] = (accumulate ? c[i * ldc + j] : T(0)) + (bias ? bias[j] : T(0));
}

// Of a column and a row.
template <class T>
void outerProduct(int64_t m, int64_t n, const T* a, int64_t strideA, const T* b, int64_t strideB, T* c, int64_t ldc) {
  const int64_t cols = std::min<int64_t>(n, 65536), rows = 131072 / cols, across = ceilDiv(n, cols);
  parallelFor(ceilDiv(m, rows) * across, [&](int64_t chunk) {
    const int64_t i = chunk / across * rows, j = chunk % across * cols;
    kernels().numeric<T>().mul({std::min(rows, m - i), std::min(cols, n - j), strideA, 0, 0, strideB, ldc, 1},
                               a + i * strideA, b + j * strideB, c + i * ldc + j);
  });
}

// One thread, whole problem; for small products.
template <class T>
void gemmSmall(bool transA, bool transB, int64_t m, int64_t n, int64_t k, const T* a, int64_t lda, const T* b,
               int64_t ldb, T* c, int64_t ldc, bool accumulate, const T* bias) {
  const Kernels& table = kernels();
  const auto& f = table.floating<T>();
  if (transB && !transA && suitsDots(m, k)) return f.dots(m, n, k, a, lda, b, ldb, bias, accumulate, c, ldc);
  const int64_t width = table.tileBytes / static_cast<int64_t>(sizeof(T)), tileRows = table.tileRows, zero = 0;
  T* panel = static_cast<T*>(scratch(0, width * k * static_cast<int64_t>(sizeof(T))));
  // Rows [i0, i1) times columns [j, j + cols), which lie in `from`.
  const auto multiply = [&](int64_t i0, int64_t i1, int64_t j, int64_t cols, const T* from, int64_t ldFrom) {
    for (int64_t i = i0; i < i1; i += tileRows)
      f.tile({std::min(tileRows, i1 - i), cols, k, 1, &zero, transA ? 1 : lda, transA ? lda : 1, ldFrom, 0, ldc,
              accumulate},
             a + (transA ? i : i * lda), from, bias ? bias + j : nullptr, c + i * ldc + j);
  };
  // Whole panels of B as it is: rows of C, one after the other, are written along memory.
  const int64_t direct = transB ? 0 : n / width * width;
  for (int64_t i = 0; i < m; i += tileRows)
    for (int64_t j = 0; j < direct; j += width) multiply(i, std::min(i + tileRows, m), j, width, b + j, ldb);
  for (int64_t j = direct; j < n; j += width) {
    const int64_t cols = std::min(width, n - j);
    packB(transB, b, ldb, 0, k, j, cols, width, panel);
    multiply(0, m, j, cols, panel, width);
  }
}

// C = (op(B)^T op(A)^T)^T for few rows and a B whose columns lie together: B is read as it is, once, and the little
// that is op(A) is packed in its stead.
template <class T>
void gemmExchanged(bool transA, int64_t m, int64_t n, int64_t k, const T* a, int64_t lda, const T* b, int64_t ldb, T* c,
                   int64_t ldc, const T* bias) {
  constexpr int64_t element = sizeof(T), kBlock = 64;
  T* exchanged = static_cast<T*>(scratch(2, n * m * element));
  gemm<T>(false, !transA, n, m, k, b, ldb, a, lda, exchanged, m, false, nullptr);
  parallelSpans(n, kBlock, [&](int64_t begin, int64_t end) {
    kernels().bytes.transpose(element, end - begin, m, exchanged + begin * m, m, c + begin, ldc);
    for (int64_t i = 0; bias && i < m; i++)
      kernels().numeric<T>().add(end - begin, c + i * ldc + begin, 1, bias + begin, 1, c + i * ldc + begin, 1);
  });
}

// Sums longer than C is wide, and C wider than it is high, as weights' gradients are: A, the smaller, is packed for
// all, and chunks of columns pack their part of B, whose columns lie together, just before they use it.
template <class T>
void gemmDeep(bool transA, int64_t m, int64_t n, int64_t k, const T* a, int64_t lda, const T* b, int64_t ldb, T* c,
              int64_t ldc, bool accumulate, const T* bias) {
  const Kernels& table = kernels();
  const auto& f = table.floating<T>();
  constexpr int64_t element = sizeof(T), kTogether = 16 * kDepth;  // depth of A that is packed at once
  const int64_t width = table.tileBytes / element, rowStep = ceilDiv(m, ceilDiv(m, table.tileRows));
  const int64_t tiles = ceilDiv(m, rowStep), panels = ceilDiv(n, width), tileSize = rowStep * (kDepth + kPad<T>);
  const int64_t panelStep = std::max<int64_t>(1, panels / kChunks), panelSize = width * kDepth;
  T* packedA = static_cast<T*>(scratch(0, ceilDiv(std::min(k, kTogether), kDepth) * tiles * tileSize * element));
  for (int64_t begin = 0; begin < k; begin += kTogether) {
    const int64_t end = std::min(begin + kTogether, k);
    parallelFor(ceilDiv(end - begin, kDepth) * tiles, [&](int64_t chunk) {
      const int64_t k0 = begin + chunk / tiles * kDepth, i = chunk % tiles * rowStep;
      packA(transA, a, lda, i, std::min(rowStep, m - i), k0, std::min(kDepth, end - k0), packedA + chunk * tileSize);
    });
    parallelFor(ceilDiv(panels, panelStep), [&](int64_t chunk) {
      const int64_t panel0 = chunk * panelStep, panel1 = std::min(panel0 + panelStep, panels), zero = 0;
      const int64_t lastColumn = std::min(n, panel1 * width);
      T* packedB = static_cast<T*>(scratch(1, panelStep * panelSize * element));
      for (int64_t k0 = begin; k0 < end; k0 += kDepth) {
        const int64_t depth = std::min(kDepth, end - k0), following = std::min(kDepth, k - k0 - depth);
        for (int64_t panel = panel0; panel < panel1; panel++)
          packB(false, b, ldb, k0, depth, panel * width, std::min(width, n - panel * width), width,
                packedB + (panel - panel0) * panelSize);
        for (int64_t tile = 0; tile < tiles; tile++) {
          // Meanwhile a share of B's next rows comes near.
          for (int64_t row = following * tile / tiles; row < following * (tile + 1) / tiles; row++)
            for (int64_t j = panel0 * width; j < lastColumn; j += 64 / element)
              __builtin_prefetch(b + (k0 + depth + row) * ldb + j, 0, 2);
          const int64_t i = tile * rowStep, count = std::min(rowStep, m - i);
          const Rows<T> rows =
              packedRows(transA, packedA + ((k0 - begin) / kDepth * tiles + tile) * tileSize, count, depth);
          for (int64_t panel = panel0; panel < panel1; panel++)
            f.tile({count, std::min(width, n - panel * width), depth, 1, &zero, rows.am, rows.ak, width, 0, ldc,
                    accumulate || k0 > 0},
                   rows.data, packedB + (panel - panel0) * panelSize, k0 == 0 && bias ? bias + panel * width : nullptr,
                   c + i * ldc + panel * width);
        }
      }
    });
  }
}

}  // namespace

template <class T>
void gemm(bool transA, bool transB, int64_t m, int64_t n, int64_t k, const T* a, int64_t lda, const T* b, int64_t ldb,
          T* c, int64_t ldc, bool accumulate, const T* bias) {
  if (m == 0 || n == 0) return;
  if (k == 0) return gemmEmpty(m, n, c, ldc, accumulate, bias);
  if (m == 1 && lda == 1) transA = false;  // a column that lies together is a row
  if (k == 1 && !accumulate && !bias) return outerProduct(m, n, a, transA ? 1 : lda, b, transB ? ldb : 1, c, ldc);
  const Kernels& table = kernels();
  const auto& f = table.floating<T>();
  const int64_t width = table.tileBytes / static_cast<int64_t>(sizeof(T)), tileRows = table.tileRows;
  if (m * n * k <= 64 * 64 * 64) return gemmSmall(transA, transB, m, n, k, a, lda, b, ldb, c, ldc, accumulate, bias);
  if (transB && !transA && suitsDots(m, k))
    return parallelSpans(n, std::max<int64_t>(4, 65536 / (m * k) / 4 * 4), [&](int64_t begin, int64_t end) {
      f.dots(m, end - begin, k, a, lda, b + begin * ldb, ldb, bias ? bias + begin : nullptr, accumulate, c + begin,
             ldc);
    });
  if (transB && !accumulate && m <= kFewRows && n >= 4 * m)
    return gemmExchanged(transA, m, n, k, a, lda, b, ldb, c, ldc, bias);
  if (!transB && m > kDirectRows && n >= 2 * m && k > n)
    return gemmDeep(transA, m, n, k, a, lda, b, ldb, c, ldc, accumulate, bias);
  const int64_t depthBlocks = ceilDiv(k, kDepth), leastBlocks = ceilDiv(m, kTilesPerChunk * tileRows);
  const int64_t blockRows = ceilDiv(m, leastBlocks < kChunks / 2 ? leastBlocks : ceilDiv(leastBlocks, 4) * 4);
  const int64_t rowBlocks = ceilDiv(m, blockRows), rowStep = ceilDiv(blockRows, ceilDiv(blockRows, tileRows));
  T* packed =
      static_cast<T*>(scratch(0, ceilDiv(std::min(n, kColumns), width) * width * k * static_cast<int64_t>(sizeof(T))));
  for (int64_t j0 = 0; j0 < n; j0 += kColumns) {
    const int64_t nc = std::min(kColumns, n - j0), panels = ceilDiv(nc, width);
    const auto panelAt = [&](int64_t panel, int64_t k0) {
      return packed + (panels * k0 + panel * std::min(kDepth, k - k0)) * width;
    };
    // Few rows read whole panels of B as they are: packing would cost more than it brings.
    const int64_t direct = !transB && m <= kDirectRows ? nc / width : 0, others = panels - direct;
    parallelFor(depthBlocks * others, [&](int64_t chunk) {
      const int64_t k0 = chunk / others * kDepth, panel = direct + chunk % others;
      packB(transB, b, ldb, k0, std::min(kDepth, k - k0), j0 + panel * width, std::min(width, nc - panel * width),
            width, panelAt(panel, k0));
    });
    // Where rows make too few chunks, columns are shared out as well.
    const int64_t panelStep = ceilDiv(panels, std::clamp<int64_t>(ceilDiv(kChunks, rowBlocks), 1, panels));
    const int64_t columnBlocks = ceilDiv(panels, panelStep);
    parallelFor(rowBlocks * columnBlocks, [&](int64_t chunk) {
      const int64_t i0 = chunk / columnBlocks * blockRows, i1 = std::min(i0 + blockRows, m);
      const int64_t panel0 = chunk % columnBlocks * panelStep, panel1 = std::min(panel0 + panelStep, panels);
      T* rowsPacked = static_cast<T*>(scratch(1, tileRows * (kDepth + kPad<T>)*static_cast<int64_t>(sizeof(T))));
      for (int64_t k0 = 0; k0 < k; k0 += kDepth)
        for (int64_t i = i0; i < i1; i += rowStep) {
          const int64_t depth = std::min(kDepth, k - k0), count = std::min(rowStep, i1 - i), zero = 0;
          packA(transA, a, lda, i, count, k0, depth, rowsPacked);
          const Rows<T> rows = packedRows(transA, rowsPacked, count, depth);
          for (int64_t panel = panel0; panel < panel1; panel++)
            f.tile({count, std::min(width, nc - panel * width), depth, 1, &zero, rows.am, rows.ak,
                    panel < direct ? ldb : width, 0, ldc, accumulate || k0 > 0},
                   rows.data, panel < direct ? b + k0 * ldb + j0 + panel * width : panelAt(panel, k0),
                   k0 == 0 && bias ? bias + j0 + panel * width : nullptr, c + i * ldc + j0 + panel * width);
        }
    });
  }
}

template <class T>
void gemmBatched(bool transA, bool transB, int64_t m, int64_t n, int64_t k, const T* a, int64_t lda, int64_t strideA,
                 const T* b, int64_t ldb, int64_t strideB, T* c, int64_t ldc, int64_t strideC, int64_t batch) {
  if (m * n * k > 128 * 128 * 128) {
    for (int64_t i = 0; i < batch; i++)
      gemm(transA, transB, m, n, k, a + i * strideA, lda, b + i * strideB, ldb, c + i * strideC, ldc);
    return;
  }
  const int64_t grain = std::max<int64_t>(1, 64 * 64 * 64 / std::max<int64_t>(1, m * n * k));
  parallelSpans(batch, grain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++) {
      if (k == 0)
        gemmEmpty<T>(m, n, c + i * strideC, ldc, false, nullptr);
      else
        gemmSmall<T>(transA, transB, m, n, k, a + i * strideA, lda, b + i * strideB, ldb, c + i * strideC, ldc, false,
                     nullptr);
    }
  });
}

#define INSTANTIATE(T)                                                                                               \
  template void gemm(bool, bool, int64_t, int64_t, int64_t, const T*, int64_t, const T*, int64_t, T*, int64_t, bool, \
                     const T*);                                                                                      \
  template void gemmBatched(bool, bool, int64_t, int64_t, int64_t, const T*, int64_t, int64_t, const T*, int64_t,    \
                            int64_t, T*, int64_t, int64_t, int64_t);
INSTANTIATE(float)
INSTANTIATE(double)

}  // namespace cresset
