// Sizes, strides and broadcasting.
#include "core/dims.h"

#include <cstdio>

#include "core/dtype.h"
#include "core/error.h"

namespace cresset {

std::string text(double v) {
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, "%g", v);
  return buffer;
}

void Dims::push(int64_t v) { insert(count, v); }

void Dims::insert(int at, int64_t v) {
  if (count == kMaxDims) shapeError("a tensor has at most ", kMaxDims, " dimensions");
  for (int i = count; i > at; i--) data[i] = data[i - 1];
  data[at] = v;
  count++;
}

void Dims::erase(int at) {
  for (int i = at; i + 1 < count; i++) data[i] = data[i + 1];
  count--;
}

bool Dims::operator==(const Dims& other) const {
  if (count != other.count) return false;
  for (int i = 0; i < count; i++)
    if (data[i] != other.data[i]) return false;
  return true;
}

int64_t product(const Dims& shape) {
  int64_t n = 1;
  for (int64_t s : shape) n *= s;
  return n;
}

std::string toString(const Dims& dims) {
  std::string out = "[";
  for (int i = 0; i < dims.size(); i++) out += (i ? ", " : "") + std::to_string(dims[i]);
  return out + "]";
}

Dims contiguousStrides(const Dims& shape) {
  Dims strides = shape;
  int64_t step = 1;
  for (int i = shape.size() - 1; i >= 0; i--) {
    strides[i] = step;
    step *= shape[i] > 1 ? shape[i] : 1;
  }
  return strides;
}

Dims channelsLastStrides(const Dims& shape) {
  const int64_t c = shape[1], h = shape[2], w = shape[3];
  return {h * w * c, 1, w * c, c};
}

Dims broadcast(const char* op, const Dims& a, const Dims& b) {
  const Dims& longer = a.size() >= b.size() ? a : b;
  const Dims& shorter = a.size() >= b.size() ? b : a;
  Dims out = longer;
  const int skip = longer.size() - shorter.size();
  for (int i = 0; i < shorter.size(); i++) {
    const int64_t x = longer[skip + i], y = shorter[i];
    if (x != y && x != 1 && y != 1)
      shapeError(op, ": shapes ", toString(a), " and ", toString(b), " do not broadcast: sizes ",
                 a.size() >= b.size() ? x : y, " and ", a.size() >= b.size() ? y : x, " differ at dimension ",
                 skip + i);
    out[skip + i] = x == 1 ? y : x;
  }
  return out;
}

DType promote(DType a, DType b) {
  if (a == b) return a;
  if (isFloating(a) != isFloating(b)) return isFloating(a) ? a : b;
  if (isFloating(a)) {
    if (a == DType::float64 || b == DType::float64) return DType::float64;
    return DType::float32;  // float16 with bfloat16, or either with float32
  }
  // Among integers the wider wins, and bool yields to all.
  constexpr int rank[kDTypes] = {0, 0, 4, 3, 2, 1, 0, 0};
  return rank[static_cast<int>(a)] > rank[static_cast<int>(b)] ? a : b;
}

}  // namespace cresset
