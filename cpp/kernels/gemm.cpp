// The micro-kernel under matrix products and convolutions, and what feeds it.
#include "kernels/simd.h"
#include "kernels/table.h"

namespace cresset::ISA {
namespace {

#if defined(__AVX512F__)
constexpr int kTileRows = 14, kTileVectors = 2;
#elif defined(__aarch64__)
constexpr int kTileRows = 8, kTileVectors = 2;
#else
constexpr int kTileRows = 6, kTileVectors = 2;
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

// One row of C for a transposed B: y[j] = sum over i of x[i] * b[j * ldb + i].
template <class T>
void dots(int64_t n, int64_t k, const T* x, const T* b, int64_t ldb, const T* bias, bool accumulate, T* y) {
  using V = Vec<T>;
  constexpr int64_t lanes = kLanes<T>;
  for (int64_t j = 0; j < n; j++) {
    const T* row = b + j * ldb;
    V all = {};
    int64_t i = 0;
    while (i + lanes <= k) {  // sums of sums round less
      V sum[4] = {};
      const int64_t end = i + 128 * lanes < k ? i + 128 * lanes : k;
      for (; i + 4 * lanes <= end; i += 4 * lanes)
#pragma GCC unroll 4
        for (int u = 0; u < 4; u++) sum[u] += load(x + i + u * lanes) * load(row + i + u * lanes);
      for (; i + lanes <= end; i += lanes) sum[0] += load(x + i) * load(row + i);
      all += (sum[0] + sum[1]) + (sum[2] + sum[3]);
    }
    T total = 0;
    for (int64_t l = 0; l < lanes; l++) total += all[l];
    for (; i < k; i++) total += x[i] * row[i];
    y[j] = total + (bias ? bias[j] : T(0)) + (accumulate ? y[j] : T(0));
  }
}

}  // namespace

void addGemm(Kernels& k) {
  k.tileRows = kTileRows;
  k.tileBytes = kTileVectors * kRegisterBytes;
  k.f32.tile = tile<float>;
  k.f32.dots = dots<float>;
  k.f64.tile = tile<double>;
  k.f64.dots = dots<double>;
}

}  // namespace cresset::ISA
