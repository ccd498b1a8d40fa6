// The body of runLoop.
#pragma once
#include "core/thread_pool.h"
#include "ops/common.h"

namespace cresset {

template <class F> void runLoop(const StridedLoop& loop, F&& fn) {
  const int64_t rows = loop.rows(), inner = loop.inner();
  if (rows == 0 || inner == 0) return;
  // Long rows are cut, short ones are taken together: a chunk is about kGrain elements either way.
  const int64_t pieces = (inner + kGrain - 1) / kGrain;
  const int64_t rowsPerChunk = pieces > 1 ? 1 : (inner >= kGrain ? 1 : kGrain / inner);
  const int64_t rowChunks = (rows + rowsPerChunk - 1) / rowsPerChunk;
  parallelFor(rowChunks * pieces, [&](int64_t chunk) {
    const int64_t piece = chunk % pieces, firstRow = chunk / pieces * rowsPerChunk;
    const int64_t lastRow = firstRow + rowsPerChunk < rows ? firstRow + rowsPerChunk : rows;
    const int64_t begin = piece * kGrain, end = begin + kGrain < inner && pieces > 1 ? begin + kGrain : inner;
    int64_t index[kMaxDims];
    int64_t offsets[kMaxOperands];
    int64_t rest = firstRow;
    for (int k = 0; k < loop.operands; k++) offsets[k] = begin * loop.innerStride(k);
    for (int d = loop.dims - 2; d >= 0; d--) {
      index[d] = rest % loop.shape[d];
      rest /= loop.shape[d];
      for (int k = 0; k < loop.operands; k++) offsets[k] += index[d] * loop.strides[k][d];
    }
    for (int64_t row = firstRow; row < lastRow; row++) {
      fn(end - begin, static_cast<const int64_t*>(offsets));
      for (int d = loop.dims - 2; d >= 0; d--) {
        for (int k = 0; k < loop.operands; k++) offsets[k] += loop.strides[k][d];
        if (++index[d] < loop.shape[d]) break;
        for (int k = 0; k < loop.operands; k++) offsets[k] -= loop.strides[k][d] * loop.shape[d];
        index[d] = 0;
      }
    }
  });
}

}  // namespace cresset
