// The element types of tensors, their sizes, names and promotion.
#pragma once
#include <cstdint>

namespace cresset {

enum class DType : int8_t { float32, float64, int64, int32, uint8, boolean, float16, bfloat16 };
constexpr int kDTypes = 8;

constexpr int64_t sizeOf(DType t) {
  constexpr int8_t sizes[kDTypes] = {4, 8, 8, 4, 1, 1, 2, 2};
  return sizes[static_cast<int>(t)];
}
constexpr const char* nameOf(DType t) {
  constexpr const char* names[kDTypes] = {"float32", "float64", "int64",   "int32",
                                          "uint8",   "bool",    "float16", "bfloat16"};
  return names[static_cast<int>(t)];
}
// Gradients exist for these.
constexpr bool isFloating(DType t) { return t <= DType::float64 || t >= DType::float16; }
// The types that kernels compute in; float16 and bfloat16 only load, save and convert.
constexpr bool isComputeFloat(DType t) { return t == DType::float32 || t == DType::float64; }

// The common type of two operands as in PyTorch's torch.promote_types.
DType promote(DType a, DType b);

}  // namespace cresset
