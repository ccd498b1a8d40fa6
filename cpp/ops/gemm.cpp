// Packing, blocking and parallel hand-out of matrix products.
#include "ops/gemm.h"

#include <algorithm>

#include "core/thread_pool.h"
#include "kernels/kernels.h"

namespace cresset {
namespace {

constexpr int64_t kDepth = 256;  // rows of a packed panel of B: with the tile's A it stays in the first-level cache
constexpr int64_t kColumns = 1024;

// Columns [j0, j0 + cols) of op(B), rows [k0, k0 + depth), as panels of `width` columns padded with zeros.
template <class T>
void packB(bool trans, const T* b, int64_t ldb, int64_t k0, int64_t depth, int64_t j0, int64_t cols, int64_t width,
           T* out) {
  if (trans) {
    for (int64_t j = 0; j < width; j++)
      for (int64_t i = 0; i < depth; i++) out[i * width + j] = j < cols ? b[(j0 + j) * ldb + k0 + i] : T(0);
    return;
  }
  for (int64_t i = 0; i < depth; i++) {
    const T* row = b + (k0 + i) * ldb + j0;
    for (int64_t j = 0; j < width; j++) out[i * width + j] = j < cols ? row[j] : T(0);
  }
}

// Rows [i0, i0 + rows) of op(A) as [depth][rows].
template <class T>
void packA(bool trans, const T* a, int64_t lda, int64_t i0, int64_t rows, int64_t k0, int64_t depth, T* out) {
  if (trans) {
    for (int64_t k = 0; k < depth; k++)
      for (int64_t i = 0; i < rows; i++) out[k * rows + i] = a[(k0 + k) * lda + i0 + i];
    return;
  }
  for (int64_t i = 0; i < rows; i++)
    for (int64_t k = 0; k < depth; k++) out[k * rows + i] = a[(i0 + i) * lda + k0 + k];
}

// A product over nothing: C keeps or loses its values and takes the bias.
template <class T> void gemmEmpty(int64_t m, int64_t n, T* c, int64_t ldc, bool accumulate, const T* bias) {
  for (int64_t i = 0; i < m; i++)
    for (int64_t j = 0; j < n; j++) c[i * ldc + j] = (accumulate ? c[i * ldc + j] : T(0)) + (bias ? bias[j] : T(0));
}

// One thread, whole problem; for small products.
template <class T>
void gemmSmall(bool transA, bool transB, int64_t m, int64_t n, int64_t k, const T* a, int64_t lda, const T* b,
               int64_t ldb, T* c, int64_t ldc, bool accumulate, const T* bias) {
  const Kernels& table = kernels();
  const auto& f = table.floating<T>();
  if (m == 1 && transB && (!transA || k == 1 || lda == 1)) return f.dots(n, k, a, b, ldb, bias, accumulate, c);
  const int64_t width = table.tileBytes / static_cast<int64_t>(sizeof(T)), tileRows = table.tileRows;
  T* panel = static_cast<T*>(scratch(0, width * k * static_cast<int64_t>(sizeof(T))));
  const int64_t zero = 0;
  for (int64_t j = 0; j < n; j += width) {
    const int64_t cols = std::min(width, n - j);
    const bool direct = !transB && cols == width;
    if (!direct) packB(transB, b, ldb, 0, k, j, cols, width, panel);
    for (int64_t i = 0; i < m; i += tileRows) {
      const int64_t rows = std::min(tileRows, m - i);
      f.tile({rows, cols, k, 1, &zero, transA ? 1 : lda, transA ? lda : 1, direct ? ldb : width, 0, ldc, accumulate},
             a + (transA ? i : i * lda), direct ? b + j : panel, bias ? bias + j : nullptr, c + i * ldc + j);
    }
  }
}

}  // namespace

template <class T>
void gemm(bool transA, bool transB, int64_t m, int64_t n, int64_t k, const T* a, int64_t lda, const T* b, int64_t ldb,
          T* c, int64_t ldc, bool accumulate, const T* bias) {
  if (m == 0 || n == 0) return;
  if (k == 0) return gemmEmpty(m, n, c, ldc, accumulate, bias);
  const Kernels& table = kernels();
  const auto& f = table.floating<T>();
  const int64_t width = table.tileBytes / static_cast<int64_t>(sizeof(T)), tileRows = table.tileRows;
  if (m * n * k <= 64 * 64 * 64) return gemmSmall(transA, transB, m, n, k, a, lda, b, ldb, c, ldc, accumulate, bias);
  if (m == 1 && transB && (!transA || lda == 1)) {
    parallelSpans(n, std::max<int64_t>(1, 65536 / k), [&](int64_t begin, int64_t end) {
      f.dots(end - begin, k, a, b + begin * ldb, ldb, bias ? bias + begin : nullptr, accumulate, c + begin);
    });
    return;
  }
  // Rows per chunk: enough tiles to use a packed A well, few enough to share the work.
  const int64_t rowTiles = (m + tileRows - 1) / tileRows;
  const int64_t blockRows = std::min<int64_t>(rowTiles, 8) * tileRows;
  const int64_t rowBlocks = (m + blockRows - 1) / blockRows;
  T* packed = static_cast<T*>(
      scratch(0, (std::min(n, kColumns) + width) * std::min(k, kDepth) * static_cast<int64_t>(sizeof(T))));
  for (int64_t j0 = 0; j0 < n; j0 += kColumns) {
    const int64_t nc = std::min(kColumns, n - j0), panels = (nc + width - 1) / width;
    // With few rows the columns are shared out as well.
    const int64_t panelsPerChunk = rowBlocks >= 8 ? panels : std::max<int64_t>(1, panels * rowBlocks / 8);
    const int64_t columnBlocks = (panels + panelsPerChunk - 1) / panelsPerChunk;
    for (int64_t k0 = 0; k0 < k; k0 += kDepth) {
      const int64_t depth = std::min(kDepth, k - k0);
      parallelFor(panels, [&](int64_t p) {
        packB(transB, b, ldb, k0, depth, j0 + p * width, std::min(width, nc - p * width), width,
              packed + p * width * depth);
      });
      const bool add = accumulate || k0 > 0;
      const T* biasNow = k0 == 0 && bias ? bias + j0 : nullptr;
      parallelFor(rowBlocks * columnBlocks, [&](int64_t chunk) {
        const int64_t i0 = chunk / columnBlocks * blockRows, i1 = std::min(i0 + blockRows, m);
        const int64_t p0 = chunk % columnBlocks * panelsPerChunk, p1 = std::min(p0 + panelsPerChunk, panels);
        T* rowsPacked = static_cast<T*>(scratch(1, blockRows * depth * static_cast<int64_t>(sizeof(T))));
        for (int64_t i = i0; i < i1; i += tileRows)
          packA(transA, a, lda, i, std::min(tileRows, i1 - i), k0, depth, rowsPacked + (i - i0) * depth);
        const int64_t zero = 0;
        for (int64_t p = p0; p < p1; p++)
          for (int64_t i = i0; i < i1; i += tileRows) {
            const int64_t rows = std::min(tileRows, i1 - i);
            f.tile({rows, std::min(width, nc - p * width), depth, 1, &zero, 1, rows, width, 0, ldc, add},
                   rowsPacked + (i - i0) * depth, packed + p * width * depth, biasNow ? biasNow + p * width : nullptr,
                   c + i * ldc + j0 + p * width);
          }
      });
    }
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
