// Sorting and merging of dimensions.
#include "ops/strided.h"

namespace cresset {

StridedLoop makeLoop(const Dims& shape, std::initializer_list<const Tensor*> operands) {
  StridedLoop loop;
  loop.operands = static_cast<int32_t>(operands.size());
  int64_t strides[kMaxOperands][kMaxDims];
  int k = 0;
  for (const Tensor* t : operands) {
    const int skip = shape.size() - t->dim();
    for (int d = 0; d < shape.size(); d++)
      strides[k][d] = d < skip || (t->size(d - skip) == 1 && shape[d] != 1) ? 0 : t->strides()[d - skip];
    k++;
  }
  // Largest stride outermost; operand 0 decides, the others break ties.
  int order[kMaxDims];
  for (int d = 0; d < shape.size(); d++) order[d] = d;
  auto before = [&](int a, int b) {
    for (int o = 0; o < loop.operands; o++) {
      const int64_t x = std::abs(strides[o][a]), y = std::abs(strides[o][b]);
      if (x != y && x != 0 && y != 0) return x > y;
    }
    return a < b;
  };
  for (int i = 1; i < shape.size(); i++)
    for (int j = i; j > 0 && before(order[j], order[j - 1]); j--) std::swap(order[j], order[j - 1]);
  for (int i = 0; i < shape.size(); i++) {
    const int d = order[i];
    if (shape[d] == 1) continue;
    bool merge = loop.dims > 0;
    for (int o = 0; o < loop.operands && merge; o++) merge = loop.strides[o][loop.dims - 1] == strides[o][d] * shape[d];
    if (merge) {
      loop.shape[loop.dims - 1] *= shape[d];
      for (int o = 0; o < loop.operands; o++) loop.strides[o][loop.dims - 1] = strides[o][d];
    } else {
      loop.shape[loop.dims] = shape[d];
      for (int o = 0; o < loop.operands; o++) loop.strides[o][loop.dims] = strides[o][d];
      loop.dims++;
    }
  }
  if (loop.dims == 0) {
    loop.dims = 1;
    loop.shape[0] = 1;
    for (int o = 0; o < loop.operands; o++) loop.strides[o][0] = 0;
  }
  return loop;
}

Dims resultStrides(const Dims& shape, std::initializer_list<const Tensor*> operands) {
  for (const Tensor* t : operands)
    if (t->shape() == shape && !t->isContiguous() && t->isDense()) return t->strides();
  return contiguousStrides(shape);
}

}  // namespace cresset
