// The table of kernels: one `Kernels` per instruction set, filled by table.cpp from kernels.def and chosen once at run
// time. This header and kernels.def are the whole interface between ops and kernels: plain pointers, sizes and
// geometry.
#pragma once
#include <cstddef>
#include <cstdint>

namespace cresset {

// Geometry of a two-dimensional convolution; `groups` divides both channel counts.
// x: [n, h, w, c] (channels-last memory), y: [n, oh, ow, oc], weight: [oc, c / groups, kh, kw] as the user sees it.
struct Conv2dShape {
  int64_t n, h, w, c, oh, ow, oc, kh, kw;
  int64_t strideH, strideW, padH, padW, dilationH, dilationW, groups;
};

// Geometry of a two-dimensional pooling window; memory is channels-last. Window cells outside the input do not take
// part.
struct Pool2dShape {
  int64_t n, h, w, c, oh, ow, kh, kw;
  int64_t strideH, strideW, padH, padW, dilationH, dilationW;
};

// Geometry of a resampling from h x w to oh x ow places; memory is channels-last.
struct ResampleShape {
  int64_t h, w, c, oh, ow;
};

// What each place of a resampled axis is made of: place o is the sum of the old places from first[o] on, with the
// weights from weight[offset[o]] to weight[offset[o + 1]].
template <class T> struct Taps {
  const int64_t *first, *offset;
  const T* weight;
};

// One register tile of C = A B. Element (m, i) of A in run r is a[aRuns[r] + m * am + i * ak]; row i of B is b[r * bRun
// + i * bk].
struct Tile {
  int64_t m, n, k, runs;
  const int64_t* aRuns;
  int64_t am, ak, bk, bRun, ldc;
  bool accumulate;
  bool relu = false;           // C's negative values become 0 in the end
  const void* next = nullptr;  // what is needed soon and may not be in the cache: a line is fetched with each product
  int64_t tiles = 1;           // one below the other: the next takes the next m rows of A and C
};

// How far apart the tiles of a Winograd transform lie, and the rows and columns of one tile.
struct TileSteps {
  int64_t tile, row, col;
};

// Rows of n elements of two operands and a result: strides from row to row and within one.
struct BinaryRows {
  int64_t rows, n;
  int64_t rowA, a, rowB, b, rowOut, out;
};

// The scalars of one optimizer step.
struct SgdStep {
  double lr, momentum, dampening, weightDecay;
  bool nesterov, maximize, first;  // `first`: the momentum buffer is created by this step
};
struct AdamStep {
  double lr, beta1, beta2, eps, weightDecay;
  bool decoupled, amsgrad, maximize;  // `decoupled`: weight decay as AdamW does it
  int64_t step;                       // counted from 1
};
struct AdadeltaStep {
  double lr, rho, eps, weightDecay;
  bool maximize;
};

// Kernels over numbers of any kind (float, double, int64, int32, uint8).
template <class T> struct NumericKernels {
#define NUMERIC_KERNEL(name, params) void(*name) params;
#define FLOAT_KERNEL(name, params)
#define BYTE_KERNEL(name, params)
#define REDUCE_KERNEL(result, name, params)
#define UNARY_KERNEL(name)
#include "kernels/kernels.def"
};

// Kernels over float and double.
template <class T> struct FloatKernels {
#define NUMERIC_KERNEL(name, params)
#define FLOAT_KERNEL(name, params) void(*name) params;
#define BYTE_KERNEL(name, params)
#define REDUCE_KERNEL(result, name, params)
  // y = f(x), and dx = dy * f'(x); `p` and `q` are the op's parameters (0 where it has none).
#define UNARY_KERNEL(name)                                       \
  void (*name)(int64_t n, const T* x, T* y, double p, double q); \
  void (*name##Backward)(int64_t n, const T* x, const T* y, const T* dy, T* dx, double p, double q);
#include "kernels/kernels.def"
};

template <class T> struct ReduceKernels {
#define NUMERIC_KERNEL(name, params)
#define FLOAT_KERNEL(name, params)
#define BYTE_KERNEL(name, params)
#define REDUCE_KERNEL(result, name, params) result(*name) params;
#define UNARY_KERNEL(name)
#include "kernels/kernels.def"
};

// Kernels over raw memory and between dtypes.
struct ByteKernels {
#define NUMERIC_KERNEL(name, params)
#define FLOAT_KERNEL(name, params)
#define BYTE_KERNEL(name, params) void(*name) params;
#define REDUCE_KERNEL(result, name, params)
#define UNARY_KERNEL(name)
#include "kernels/kernels.def"
};

struct Kernels {
  const char* isa;  // "baseline", "avx2", "avx512", "neon"
  int vectorBytes;
  int tileRows;   // rows of the GEMM tile
  int tileBytes;  // bytes of one of its rows
  int dotRows;    // rows of A that `dots` takes at a time
  NumericKernels<float> f32n;
  NumericKernels<double> f64n;
  NumericKernels<int64_t> i64n;
  NumericKernels<int32_t> i32n;
  NumericKernels<uint8_t> u8n;
  ReduceKernels<float> f32r;
  ReduceKernels<double> f64r;
  ReduceKernels<int64_t> i64r;
  ReduceKernels<int32_t> i32r;
  ReduceKernels<uint8_t> u8r;
  FloatKernels<float> f32;
  FloatKernels<double> f64;
  ByteKernels bytes;

  template <class T> const NumericKernels<T>& numeric() const;
  template <class T> const ReduceKernels<T>& reduce() const;
  template <class T> const FloatKernels<T>& floating() const;
};
template <> inline const NumericKernels<float>& Kernels::numeric<float>() const { return f32n; }
template <> inline const NumericKernels<double>& Kernels::numeric<double>() const { return f64n; }
template <> inline const NumericKernels<int64_t>& Kernels::numeric<int64_t>() const { return i64n; }
template <> inline const NumericKernels<int32_t>& Kernels::numeric<int32_t>() const { return i32n; }
template <> inline const NumericKernels<uint8_t>& Kernels::numeric<uint8_t>() const { return u8n; }
template <> inline const ReduceKernels<float>& Kernels::reduce<float>() const { return f32r; }
template <> inline const ReduceKernels<double>& Kernels::reduce<double>() const { return f64r; }
template <> inline const ReduceKernels<int64_t>& Kernels::reduce<int64_t>() const { return i64r; }
template <> inline const ReduceKernels<int32_t>& Kernels::reduce<int32_t>() const { return i32r; }
template <> inline const ReduceKernels<uint8_t>& Kernels::reduce<uint8_t>() const { return u8r; }
template <> inline const FloatKernels<float>& Kernels::floating<float>() const { return f32; }
template <> inline const FloatKernels<double>& Kernels::floating<double>() const { return f64; }

// The kernels of the best instruction set of this processor, or of the lower one that CRESSET_ISA names.
const Kernels& kernels();

// The kernels of one instruction set by name; nullptr if unknown here or not supported by this processor. For tests.
const Kernels* kernelsFor(const char* isa);

}  // namespace cresset
