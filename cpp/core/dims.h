// Short lists of sizes: shapes, strides, dimensions.
#pragma once
#include <cstdint>
#include <initializer_list>
#include <string>

namespace cresset {

constexpr int kMaxDims = 8;

struct Dims {
  int64_t data[kMaxDims] = {};
  int32_t count = 0;

  Dims() = default;
  Dims(std::initializer_list<int64_t> values) {
    for (int64_t v : values) push(v);
  }
  int size() const { return count; }
  bool empty() const { return count == 0; }
  int64_t& operator[](int i) { return data[i]; }
  int64_t operator[](int i) const { return data[i]; }
  int64_t* begin() { return data; }
  int64_t* end() { return data + count; }
  const int64_t* begin() const { return data; }
  const int64_t* end() const { return data + count; }
  int64_t back() const { return data[count - 1]; }
  void push(int64_t v);            // throws beyond kMaxDims
  void insert(int at, int64_t v);  // likewise
  void erase(int at);
  bool operator==(const Dims& other) const;
  bool operator!=(const Dims& other) const { return !(*this == other); }
};

int64_t product(const Dims& shape);
std::string toString(const Dims& dims);  // "[2, 3]"
Dims contiguousStrides(const Dims& shape);
Dims channelsLastStrides(const Dims& shape);  // of a 4-d shape [n, c, h, w]
Dims broadcast(const char* op, const Dims& a, const Dims& b);

}  // namespace cresset
