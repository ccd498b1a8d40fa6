// General matrix multiplication, parallel over blocks fixed by the problem.
#pragma once
#include <cstdint>

namespace cresset {

// C[m x n] = op(A) op(B), plus C if `accumulate`, plus bias[n] on every row. Row-major; ld is a row's stride.
template <class T>
void gemm(bool transA, bool transB, int64_t m, int64_t n, int64_t k, const T* a, int64_t lda, const T* b, int64_t ldb,
          T* c, int64_t ldc, bool accumulate = false, const T* bias = nullptr);

// `batch` products; a stride of 0 shares the matrix.
template <class T>
void gemmBatched(bool transA, bool transB, int64_t m, int64_t n, int64_t k, const T* a, int64_t lda, int64_t strideA,
                 const T* b, int64_t ldb, int64_t strideB, T* c, int64_t ldc, int64_t strideC, int64_t batch);

}  // namespace cresset
