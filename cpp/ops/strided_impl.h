// The bodies of runRows and runLoop.
#pragma once
#include <algorithm>

#include "core/thread_pool.h"
#include "ops/common.h"

namespace cresset {

template <class F> void runRows(const StridedLoop& loop, F&& fn) {
  const int64_t rows = loop.rows(), inner = loop.inner();
  if (rows == 0 || inner == 0) return;
  // Long rows are cut, short ones are taken together: a chunk is about kGrain elements either way.
  const int64_t pieces = (inner + kGrain - 1) / kGrain;
  const int64_t rowsPerChunk = pieces > 1 ? 1 : (inner >= kGrain ? 1 : kGrain / inner);
  const int64_t rowChunks = (rows + rowsPerChunk - 1) / rowsPerChunk;
  parallelFor(rowChunks * pieces, [&](int64_t chunk) {
    const int64_t piece = chunk % pieces, firstRow = chunk / pieces * rowsPerChunk;
    const int64_t lastRow = std::min(firstRow + rowsPerChunk, rows);
    const int64_t begin = piece * kGrain, end = pieces > 1 ? std::min(begin + kGrain, inner) : inner;
    const int last = loop.dims - 2;  // the dimension of the rows
    int64_t index[kMaxDims];
    int64_t offsets[kMaxOperands];
    int64_t rest = firstRow;
    for (int k = 0; k < loop.operands; k++) offsets[k] = begin * loop.innerStride(k);
    for (int d = last; d >= 0; d--) {
      index[d] = rest % loop.shape[d];
      rest /= loop.shape[d];
      for (int k = 0; k < loop.operands; k++) offsets[k] += index[d] * loop.strides[k][d];
    }
    for (int64_t row = firstRow; row < lastRow;) {
      const int64_t run = last < 0 ? 1 : std::min(lastRow - row, loop.shape[last] - index[last]);
      fn(run, end - begin, static_cast<const int64_t*>(offsets));
      row += run;
      if (row == lastRow) break;
      // On to the next row of the dimensions further out.
      int d = last;
      for (int k = 0; k < loop.operands; k++) offsets[k] -= index[d] * loop.strides[k][d];
      for (index[d--] = 0; ++index[d] == loop.shape[d]; index[d--] = 0)
        for (int k = 0; k < loop.operands; k++) offsets[k] -= loop.strides[k][d] * (loop.shape[d] - 1);
      for (int k = 0; k < loop.operands; k++) offsets[k] += loop.strides[k][d];
    }
  });
}

template <class F> void runLoop(const StridedLoop& loop, F&& fn) {
  runRows(loop, [&](int64_t rows, int64_t n, const int64_t* offsets) {
    int64_t at[kMaxOperands];
    for (int k = 0; k < loop.operands; k++) at[k] = offsets[k];
    for (int64_t row = 0; row < rows; row++) {
      fn(n, static_cast<const int64_t*>(at));
      for (int k = 0; k < loop.operands; k++) at[k] += loop.rowStride(k);
    }
  });
}

}  // namespace cresset
