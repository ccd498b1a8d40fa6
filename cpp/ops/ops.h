// The declarations of all ops, from ops.def.
#pragma once
#include "autograd/tape.h"
#include "core/context.h"
#include "core/tensor.h"

namespace cresset::ops {

#define OP(result, name, params) result name params;
#include "ops/ops.def"
#undef OP

// How losses combine their elements.
enum Reduction : int64_t { none = 0, mean_ = 1, sum_ = 2 };

}  // namespace cresset::ops
