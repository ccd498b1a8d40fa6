// Source of the recipes: ATen's CPU kernels as PyTorch 2.6 runs them in a build without MKL.
#include "core/random.h"

#include <cmath>
#include <cstring>

namespace cresset {

void Generator::manualSeed(uint64_t seed) {
  seed_ = seed;
  words_[0] = static_cast<uint32_t>(seed);
  for (int i = 1; i < kN; i++)
    words_[i] = 1812433253u * (words_[i - 1] ^ (words_[i - 1] >> 30)) + static_cast<uint32_t>(i);
  next_ = kN;
  normal_.reset();
}

void Generator::refill() {
  auto twist = [](uint32_t upper, uint32_t lower) {
    const uint32_t y = (upper & 0x80000000u) | (lower & 0x7fffffffu);
    return (y >> 1) ^ (lower & 1 ? 0x9908b0dfu : 0u);
  };
  for (int i = 0; i < kN; i++) words_[i] = words_[(i + kM) % kN] ^ twist(words_[i], words_[(i + 1) % kN]);
  next_ = 0;
}

uint32_t Generator::random() {
  if (next_ == kN) refill();
  uint32_t y = words_[next_++];
  y ^= y >> 11;
  y ^= (y << 7) & 0x9d2c5680u;
  y ^= (y << 15) & 0xefc60000u;
  return y ^ (y >> 18);
}

uint64_t Generator::random64() {
  const uint64_t high = random();
  return (high << 32) | random();
}

double Generator::normal() {
  if (normal_) {
    const double value = *normal_;
    normal_.reset();
    return value;
  }
  const double u1 = uniformDouble(), u2 = uniformDouble();
  const double radius = std::sqrt(-2 * std::log1p(-u2)), theta = 2 * M_PI * u1;
  normal_ = radius * std::sin(theta);
  return radius * std::cos(theta);
}

std::vector<uint8_t> Generator::state() const {
  std::vector<uint8_t> bytes(sizeof seed_ + sizeof words_ + sizeof next_ + 1 + sizeof(double));
  uint8_t* p = bytes.data();
  auto put = [&](const auto& v) {
    std::memcpy(p, &v, sizeof v);
    p += sizeof v;
  };
  put(seed_);
  put(words_);
  put(next_);
  put(static_cast<uint8_t>(normal_.has_value()));
  put(normal_.value_or(0.0));
  return bytes;
}

bool Generator::setState(const uint8_t* bytes, size_t size) {
  if (size != state().size()) return false;
  auto get = [&](auto& v) {
    std::memcpy(&v, bytes, sizeof v);
    bytes += sizeof v;
  };
  int next;
  std::memcpy(&next, bytes + sizeof seed_ + sizeof words_, sizeof next);
  if (next < 0 || next > kN) return false;
  get(seed_);
  get(words_);
  get(next_);
  uint8_t hasNormal;
  double value;
  get(hasNormal);
  get(value);
  normal_ = hasNormal ? std::optional(value) : std::nullopt;
  return true;
}

template <class T> static T uniform(Generator& g) {
  if constexpr (sizeof(T) == 4)
    return g.uniformFloat();
  else
    return g.uniformDouble();
}

template <class T> void fillUniform(Generator& g, int64_t n, T* out, double from, double to) {
  const T low = static_cast<T>(from), width = static_cast<T>(to) - low;
  // PyTorch's kernel is compiled with fused multiply-add; unfused, the last bit differs.
  for (int64_t i = 0; i < n; i++) out[i] = std::fma(uniform<T>(g), width, low);
}

template <class T> void fillNormalSingly(Generator& g, int64_t n, T* out, double mean, double std) {
  for (int64_t i = 0; i < n; i++) out[i] = static_cast<T>(g.normal() * std + mean);
}

template <class T> void fillNormal(Generator& g, int64_t n, T* out, double mean, double std) {
  if (n < 16) return fillNormalSingly(g, n, out, mean, std);
  // Box-Muller on blocks of 16 uniforms; a ragged end draws its last block anew.
  auto block = [&](T* data) {
    for (int j = 0; j < 8; j++) {
      const T u1 = 1 - data[j], u2 = data[j + 8];
      const T radius = std::sqrt(T(-2) * std::log(u1)), theta = T(2 * M_PI) * u2;
      data[j] = radius * std::cos(theta) * static_cast<T>(std) + static_cast<T>(mean);
      data[j + 8] = radius * std::sin(theta) * static_cast<T>(std) + static_cast<T>(mean);
    }
  };
  for (int64_t i = 0; i < n; i++) out[i] = uniform<T>(g);
  for (int64_t i = 0; i + 16 <= n; i += 16) block(out + i);
  if (n % 16 == 0) return;
  for (int i = 0; i < 16; i++) out[n - 16 + i] = uniform<T>(g);
  block(out + n - 16);
}

void fillPermutation(Generator& g, int64_t n, int64_t* out) {
  for (int64_t i = 0; i < n; i++) out[i] = i;
  for (int64_t i = 0; i < n - 1; i++)
    std::swap(out[i], out[i + static_cast<int64_t>(g.random() % static_cast<uint64_t>(n - i))]);
}

void fillIntegers(Generator& g, int64_t n, int64_t* out, int64_t low, uint64_t range) {
  const bool wide = range >= uint64_t{1} << 32;
  for (int64_t i = 0; i < n; i++) out[i] = static_cast<int64_t>((wide ? g.random64() : g.random()) % range) + low;
}

template void fillUniform(Generator&, int64_t, float*, double, double);
template void fillUniform(Generator&, int64_t, double*, double, double);
template void fillNormal(Generator&, int64_t, float*, double, double);
template void fillNormal(Generator&, int64_t, double*, double, double);
template void fillNormalSingly(Generator&, int64_t, float*, double, double);
template void fillNormalSingly(Generator&, int64_t, double*, double, double);

}  // namespace cresset
