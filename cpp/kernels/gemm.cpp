// The micro-kernel under matrix products and convolutions, and what feeds it.
#include <utility>

#include "kernels/simd.h"
#include "kernels/table.h"

namespace cresset::ISA {
namespace {

#if defined(__AVX512F__)
constexpr int kTileRows = 14, kTileVectors = 2, kDotRows = 6;
#elif defined(__aarch64__)
constexpr int kTileRows = 8, kTileVectors = 2, kDotRows = 6;
#else
constexpr int kTileRows = 6, kTileVectors = 2, kDotRows = 2;
#endif

// M rows by kTileVectors registers of C stay in registers over the whole sum.
template <class T, int M> inline void tileRows(const Tile& t, const T* a, const T* b, const T* bias, T* c) {
  using V = Vec<T>;
  constexpr int64_t lanes = kLanes<T>;
  V sum[M][kTileVectors];
#pragma GCC unroll 16
  for (int m = 0; m < M; m++)
#pragma GCC unroll 4
    for (int v = 0; v < kTileVectors; v++) sum[m][v] = V{};
  const int64_t am = t.am, ak = t.ak, bk = t.bk, k = t.k;
  const char* next = static_cast<const char*>(t.next ? t.next : a);
  const int64_t nextStep = t.next ? 64 : 0;
#pragma GCC unroll 16
  for (int m = 0; m < M; m++)
#pragma GCC unroll 4
    for (int v = 0; v < kTileVectors; v++) __builtin_prefetch(c + m * t.ldc + v * lanes, 1);
  for (int64_t run = 0; run < t.runs; run++) {
    const T* y = b + run * t.bRun;
    // Pointers five rows apart: the rows between them are what addressing can reach.
    const T* x[(M + 4) / 5];
#pragma GCC unroll 4
    for (int q = 0; q < (M + 4) / 5; q++) x[q] = a + t.aRuns[run] + 5 * q * am;
    for (int64_t i = 0; i < k; i++, y += bk, next += nextStep) {
      V row[kTileVectors];
#pragma GCC unroll 4
      for (int v = 0; v < kTileVectors; v++) row[v] = load(y + v * lanes);
#pragma GCC unroll 4
      for (int v = 0; v < kTileVectors; v++) __builtin_prefetch(y + 4 * bk + v * lanes);
      __builtin_prefetch(next);
#pragma GCC unroll 16
      for (int m = 0; m < M; m++) {
        const V scalar = broadcast(x[m / 5][m % 5 * am]);
#pragma GCC unroll 4
        for (int v = 0; v < kTileVectors; v++) sum[m][v] += scalar * row[v];
      }
#pragma GCC unroll 4
      for (int q = 0; q < (M + 4) / 5; q++) x[q] += ak;
    }
  }
#pragma GCC unroll 16
  for (int m = 0; m < M; m++) {
    T* out = c + m * t.ldc;
    if (t.n == kTileVectors * lanes) {
#pragma GCC unroll 4
      for (int v = 0; v < kTileVectors; v++) {
        V value = sum[m][v];
        if (t.accumulate) value += load(out + v * lanes);
        if (bias) value += load(bias + v * lanes);
        store(out + v * lanes, t.relu ? positive(value) : value);
      }
    } else {
      T edge[kTileVectors * lanes];
#pragma GCC unroll 4
      for (int v = 0; v < kTileVectors; v++) store(edge + v * lanes, sum[m][v]);
      for (int64_t j = 0; j < t.n; j++) {
        const T value = edge[j] + (t.accumulate ? out[j] : T(0)) + (bias ? bias[j] : T(0));
        out[j] = t.relu && value < 0 ? T(0) : value;
      }
    }
  }
}

template <class T, int M> void tileUpTo(const Tile& t, const T* a, const T* b, const T* bias, T* c) {
  if (t.m == M) {
    for (int64_t i = 0; i < t.tiles; i++) tileRows<T, M>(t, a + i * M * t.am, b, bias, c + i * M * t.ldc);
    return;
  }
  if constexpr (M > 1) tileUpTo<T, M - 1>(t, a, b, bias, c);
}

template <class T> void tile(const Tile& t, const T* a, const T* b, const T* bias, T* c) {
  tileUpTo<T, kTileRows>(t, a, b, bias, c);
}

template <int S, class V, int... Lane> inline V halvedGroups(V a, V b, std::integer_sequence<int, Lane...>) {
  constexpr int lanes = sizeof...(Lane), half = S / 2;
  return __builtin_shufflevector(a, b, (Lane / half % 2 * lanes + Lane / S * S + Lane % half)...) +
         __builtin_shufflevector(a, b, (Lane / half % 2 * lanes + Lane / S * S + Lane % half + half)...);
}
// Groups of S lanes become groups of half as many with the same sums: one of a, one of b, and so on.
template <int S, class T> inline Vec<T> halvedGroups(Vec<T> a, Vec<T> b) {
  return halvedGroups<S>(a, b, std::make_integer_sequence<int, kLanes<T>>());
}

// Adds up the lanes of each of four registers.
template <class T> inline void addLanes(const Vec<T>* v, T* sums) {
  constexpr int lanes = kLanes<T>;
  if constexpr (lanes == 2) {
    store(sums, halvedGroups<2, T>(v[0], v[1]));
    store(sums + 2, halvedGroups<2, T>(v[2], v[3]));
  } else {
    Vec<T> all = halvedGroups<lanes / 2, T>(halvedGroups<lanes, T>(v[0], v[2]), halvedGroups<lanes, T>(v[1], v[3]));
    if constexpr (lanes >= 8) all = halvedGroups<lanes / 4, T>(all, all);
    if constexpr (lanes >= 16) all = halvedGroups<lanes / 8, T>(all, all);
    for (int j = 0; j < 4; j++) sums[j] = all[j * (lanes / 4)];
  }
}

// M rows of A times four rows of B.
template <class T, int M> void dotRows(int64_t k, const T* a, int64_t lda, const T* b, int64_t ldb, T* sums) {
  constexpr int64_t lanes = kLanes<T>, most = 128 * lanes;
  for (int m = 0; m < 4 * M; m++) sums[m] = 0;
  for (int64_t begin = 0; begin < k; begin += most) {  // sums of sums round less
    const int64_t end = begin + most < k ? begin + most : k;
    Vec<T> sum[M][4];
#pragma GCC unroll 8
    for (int m = 0; m < M; m++)
#pragma GCC unroll 4
      for (int j = 0; j < 4; j++) sum[m][j] = Vec<T>{};
    const auto add = [&](const T* x, int64_t xStep, const T* y, int64_t yStep) __attribute__((always_inline)) {
      Vec<T> column[4];
#pragma GCC unroll 4
      for (int j = 0; j < 4; j++) column[j] = load(y + j * yStep);
#pragma GCC unroll 8
      for (int m = 0; m < M; m++) {
        const Vec<T> row = load(x + m * xStep);
#pragma GCC unroll 4
        for (int j = 0; j < 4; j++) sum[m][j] += row * column[j];
      }
    };
    int64_t i = begin;
    for (; i + lanes <= end; i += lanes) add(a + i, lda, b + i, ldb);
    if (i < end) {
      T rest[M + 4][lanes] = {};
      for (int m = 0; m < M + 4; m++)
        for (int64_t l = 0; l < end - i; l++) rest[m][l] = m < M ? a[m * lda + i + l] : b[(m - M) * ldb + i + l];
      add(rest[0], lanes, rest[M], lanes);
    }
#pragma GCC unroll 8
    for (int m = 0; m < M; m++) {
      T part[4];
      addLanes<T>(sum[m], part);
      for (int j = 0; j < 4; j++) sums[4 * m + j] += part[j];
    }
  }
}

template <class T, int M>
void dotUpTo(int64_t m, int64_t k, const T* a, int64_t lda, const T* b, int64_t ldb, T* sums) {
  if (m == M) return dotRows<T, M>(k, a, lda, b, ldb, sums);
  if constexpr (M > 1) dotUpTo<T, M - 1>(m, k, a, lda, b, ldb, sums);
}

template <class T>
void dots(int64_t m, int64_t n, int64_t k, const T* a, int64_t lda, const T* b, int64_t ldb, const T* bias,
          bool accumulate, T* c, int64_t ldc) {
  const int64_t parts = (m + kDotRows - 1) / kDotRows, step = (m + parts - 1) / parts;
  for (int64_t done = 0, end; done < n; done = end) {
    // The last four rows of B are partly met again; where there are not four at all, each is met four times over.
    end = n < 4 ? done + 1 : done + 4 < n ? done + 4 : n;
    const int64_t j = n < 4 ? done : end - 4;
    for (int64_t i = 0; i < m; i += step) {
      const int64_t rows = m - i < step ? m - i : step;
      T sums[4 * kDotRows];
      dotUpTo<T, kDotRows>(rows, k, a + i * lda, lda, b + j * ldb, n < 4 ? 0 : ldb, sums);
      for (int64_t r = 0; r < rows; r++)
        for (int64_t q = done; q < end; q++) {
          T& out = c[(i + r) * ldc + q];
          out = sums[4 * r + q - j] + (bias ? bias[q] : T(0)) + (accumulate ? out : T(0));
        }
    }
  }
}

}  // namespace

void addGemm(Kernels& k) {
  k.tileRows = kTileRows;
  k.tileBytes = kTileVectors * kRegisterBytes;
  k.dotRows = kDotRows;
  k.f32.tile = tile<float>;
  k.f32.dots = dots<float>;
  k.f64.tile = tile<double>;
  k.f64.dots = dots<double>;
}

}  // namespace cresset::ISA
