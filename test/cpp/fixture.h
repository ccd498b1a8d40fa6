// A context for the calling thread, and plain data in and out of tensors.
#pragma once
#include <vector>

#include "core/context.h"
#include "core/enqueue.h"
#include "core/tensor.h"
#include "ops/ops.h"

struct Fixture {
  cresset::Context context;
  Fixture() { cresset::setContext(&context); }
  ~Fixture() { context.stream.drain(); }
};

template <class T>
cresset::Tensor tensorOf(const cresset::Dims& shape, cresset::DType dtype, const std::vector<T>& values) {
  cresset::Tensor t = cresset::makeHostTensor(shape, dtype);
  for (size_t i = 0; i < values.size(); i++) t.data<T>()[i] = values[i];
  return t;
}

template <class T> std::vector<T> valuesOf(const cresset::Tensor& t) {
  const cresset::Tensor dense = cresset::ops::contiguous(t);
  cresset::context().stream.drain();
  cresset::throwFailures(dense);
  return std::vector<T>(dense.data<T>(), dense.data<T>() + dense.numel());
}
