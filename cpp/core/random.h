// PyTorch's CPU random numbers: mt19937 and the recipes that turn its words into uniform, normal, Bernoulli and integer
// draws.
#pragma once
#include <cstdint>
#include <optional>
#include <vector>

namespace cresset {

class Generator {
 public:
  explicit Generator(uint64_t seed = 5489) { manualSeed(seed); }
  void manualSeed(uint64_t seed);
  uint64_t initialSeed() const { return seed_; }
  uint32_t random();
  uint64_t random64();

  float uniformFloat() { return static_cast<float>(random() & 0xffffff) * 0x1p-24f; }
  double uniformDouble() { return static_cast<double>(random64() & ((uint64_t{1} << 53) - 1)) * 0x1p-53; }
  double
  normal();  // one draw of the sequential recipe (fewer than 16 numbers); keeps its second number for the next call

  // The state as bytes, to be restored by setState; setState returns false if they are not a state.
  std::vector<uint8_t> state() const;
  bool setState(const uint8_t* bytes, size_t size);

 private:
  static constexpr int kN = 624, kM = 397;
  void refill();
  uint64_t seed_;
  uint32_t words_[kN];
  int next_;
  std::optional<double> normal_;
};

template <class T> void fillUniform(Generator& g, int64_t n, T* out, double from, double to);
// In blocks of 16 where there are as many, or one by one, which gives other numbers.
template <class T> void fillNormal(Generator& g, int64_t n, T* out, double mean, double std);
template <class T> void fillNormalSingly(Generator& g, int64_t n, T* out, double mean, double std);
// A permutation of 0 to n - 1.
void fillPermutation(Generator& g, int64_t n, int64_t* out);
// Integers in [low, low + range).
void fillIntegers(Generator& g, int64_t n, int64_t* out, int64_t low, uint64_t range);

}  // namespace cresset
