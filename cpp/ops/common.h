// What the op families share: dtype dispatch, argument checks, the cost of a task.
#pragma once
#include <type_traits>

#include "core/enqueue.h"
#include "core/tensor.h"
#include "kernels/kernels.h"

namespace cresset {

// fn(T{}) with the C++ type of a float dtype; other dtypes are an error of `op`.
template <class F> void dispatchFloat(const char* op, DType dtype, F&& fn) {
  if (dtype == DType::float32)
    fn(float{});
  else if (dtype == DType::float64)
    fn(double{});
  else
    dtypeError(op, ": expected float32 or float64, got ", nameOf(dtype));
}

// fn(T{}) with the C++ type of any dtype that kernels compute in; bool computes as uint8.
template <class F> void dispatchNumeric(const char* op, DType dtype, F&& fn) {
  switch (dtype) {
    case DType::float32:
      return fn(float{});
    case DType::float64:
      return fn(double{});
    case DType::int64:
      return fn(int64_t{});
    case DType::int32:
      return fn(int32_t{});
    case DType::uint8:
    case DType::boolean:
      return fn(uint8_t{});
    default:
      dtypeError(op, ": ", nameOf(dtype), " stores and converts only; convert to float32 first");
  }
}

inline void checkFloat(const char* op, const Tensor& x) {
  if (!isComputeFloat(x.dtype())) dtypeError(op, ": expected float32 or float64, got ", nameOf(x.dtype()));
}

inline void checkSameDType(const char* op, const char* a, const Tensor& x, const char* b, const Tensor& y) {
  if (x.dtype() != y.dtype()) dtypeError(op, ": ", a, " is ", nameOf(x.dtype()), " but ", b, " is ", nameOf(y.dtype()));
}

// Null for an undefined tensor.
template <class T> T* dataOf(const Tensor& x) { return x.defined() ? x.data<T>() : nullptr; }

// Elements per chunk of simple loops: about ten microseconds of work.
constexpr int64_t kGrain = 32768;

// Nanoseconds that one thread takes for `n` simple elements.
inline double cost(int64_t n) { return 200 + 0.3 * static_cast<double>(n); }

// The float tensor in the memory order that ops over [n, h, w, c] want.
Tensor channelsLast(const Tensor& x);

// The integers of x in int64 and contiguous, at once where they are known, so that they can be checked at the call.
Tensor indices(const Tensor& x);

// x's dimensions, outermost first, in the order in which PyTorch's loops walk its memory.
Dims loopOrder(const Tensor& x);

// Notes that x was overwritten by values that do not depend on it.
Tensor overwritten(const char* op, const Tensor& x);

// The sum of `gradient` over the dimensions in which `shape` was broadcast.
Tensor sumTo(const Tensor& gradient, const Dims& shape);

}  // namespace cresset
