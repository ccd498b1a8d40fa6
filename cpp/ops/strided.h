// Loops over strided operands: dimensions are sorted by memory order and merged, the innermost is left to a kernel.
#pragma once
#include "core/tensor.h"

namespace cresset {

constexpr int kMaxOperands = 4;

// Trivially copyable, so tasks carry it. Strides count elements; the last dimension is the innermost.
struct StridedLoop {
  int32_t dims = 0, operands = 0;
  int64_t shape[kMaxDims];
  int64_t strides[kMaxOperands][kMaxDims];

  int64_t inner() const { return shape[dims - 1]; }
  int64_t innerStride(int operand) const { return strides[operand][dims - 1]; }
  int64_t rowStride(int operand) const { return dims > 1 ? strides[operand][dims - 2] : 0; }
  int64_t rows() const {
    int64_t n = 1;
    for (int i = 0; i + 1 < dims; i++) n *= shape[i];
    return n;
  }
  int64_t numel() const { return rows() * inner(); }
};

// Operand 0 decides the order; each operand's shape is broadcast to `shape`.
StridedLoop makeLoop(const Dims& shape, std::initializer_list<const Tensor*> operands);

// Calls fn(rows, n, offsets) for rows of the two innermost dimensions, in parallel; offsets[k] is the element offset of
// operand k.
template <class F> void runRows(const StridedLoop& loop, F&& fn);
// Calls fn(n, offsets) for spans of the innermost dimension.
template <class F> void runLoop(const StridedLoop& loop, F&& fn);

// The strides an elementwise result takes: those of the first operand that is dense and of full shape, else contiguous.
Dims resultStrides(const Dims& shape, std::initializer_list<const Tensor*> operands);

}  // namespace cresset

#include "ops/strided_impl.h"
