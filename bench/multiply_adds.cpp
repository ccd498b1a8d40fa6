// Multiply-adds that touch nothing but registers, compiled once per instruction set: the limit that kernels are
// measured against.
#include "kernels/simd.h"

namespace cresset::ISA {

// As many sums in flight as hide the latency of a multiply-add; returns the operations done.
double multiplyAdds(int64_t repeats, float* out) {
  constexpr int kSums = kRegisterBytes == 64 ? 24 : 12;
  using V = Vec<float>;
  const V x = broadcast(out[0]), y = broadcast(out[1]);
  V sum[kSums];
#pragma GCC unroll 32
  for (int i = 0; i < kSums; i++) sum[i] = broadcast(static_cast<float>(i));
  for (int64_t r = 0; r < repeats; r++) {
#pragma GCC unroll 32
    for (int i = 0; i < kSums; i++) sum[i] = sum[i] * x + y;
  }
  V total{};
#pragma GCC unroll 32
  for (int i = 0; i < kSums; i++) total += sum[i];
  store(out, total);
  return 2.0 * static_cast<double>(repeats * kSums * kLanes<float>);
}

}  // namespace cresset::ISA
