// How fast the kernels run: GEMM and convolutions in GFLOP/s and as a share of this machine's multiply-add peak.
#include <chrono>
#include <cstdio>
#include <functional>
#include <string_view>
#include <vector>

#include "core/thread_pool.h"
#include "ops/convolution.h"
#include "ops/gemm.h"

namespace cresset {
#ifdef CRESSET_ARM64
namespace neon {
#else
namespace avx512 {
double multiplyAdds(int64_t repeats, float* out);
}
namespace avx2 {
double multiplyAdds(int64_t repeats, float* out);
}
namespace baseline {
#endif
double multiplyAdds(int64_t repeats, float* out);
}
}  // namespace cresset

using namespace cresset;

// The best of several runs, in seconds.
static double best(const std::function<void()>& work) {
  double least = 1e9;
  for (int i = 0; i < 7; i++) {
    const auto start = std::chrono::steady_clock::now();
    work();
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    if (seconds < least) least = seconds;
  }
  return least;
}

// Multiply-adds in registers alone, on all threads, in GFLOP/s.
static double peak() {
  const std::string_view isa = kernels().isa;
#ifdef CRESSET_ARM64
  const auto multiplyAdds = neon::multiplyAdds;
#else
  const auto multiplyAdds = isa == "avx512" ? avx512::multiplyAdds
                            : isa == "avx2" ? avx2::multiplyAdds
                                            : baseline::multiplyAdds;
#endif
  const int chunks = 4 * numThreads();
  double operations = 0;
  const double seconds = best([&] {
    parallelFor(chunks, [&](int64_t chunk) {
      float out[16] = {1e-3f, 1e-3f};
      const double done = multiplyAdds(1'000'000, out);
      if (chunk == 0) operations = done * chunks;
    });
  });
  return operations / seconds * 1e-9;
}

int main() {
  const int64_t layers[][6] = {{64, 32, 3, 32, 5, 1},    {64, 16, 32, 32, 5, 1},  {64, 8, 32, 64, 5, 1},
                               {1, 224, 3, 64, 3, 1},    {1, 56, 64, 64, 3, 1},   {16, 28, 128, 128, 3, 1},
                               {16, 14, 256, 256, 3, 1}, {16, 7, 512, 512, 3, 1}, {16, 28, 128, 256, 3, 2},
                               {16, 56, 64, 256, 1, 1}};
  for (int threads : {1, 2}) {
    setNumThreads(threads);
    const double limit = peak();
    std::printf("%s, %d thread(s): multiply-add peak %.0f GFLOP/s\n", kernels().isa, threads, limit);
    for (int64_t n : {256, 512, 1024, 2048}) {
      std::vector<float> a(static_cast<size_t>(n * n), 1), b(a), c(a);
      const double rate = 2.0 * static_cast<double>(n * n * n) /
                          best([&] { gemm<float>(false, false, n, n, n, a.data(), n, b.data(), n, c.data(), n); }) *
                          1e-9;
      std::printf("  gemm %-5ld %40.0f %4.0f %%\n", static_cast<long>(n), rate, 100 * rate / limit);
    }
    for (auto [n, size, c, oc, k, stride] : layers) {
      const int64_t pad = k / 2, out = (size + 2 * pad - k) / stride + 1;
      const Conv2dShape s{n, size, size, c, out, out, oc, k, k, stride, stride, pad, pad, 1, 1, 1};
      std::vector<float> x(static_cast<size_t>(n * size * size * c), 1), y(static_cast<size_t>(n * out * out * oc), 1),
          w(static_cast<size_t>(oc * c * k * k), 1);
      const double flops = 2e-9 * static_cast<double>(n * out * out * oc * c * k * k);
      const double forward = flops / best([&] { conv2dForward<float>(s, x.data(), w.data(), nullptr, y.data()); });
      const double gradInput = flops / best([&] { conv2dGradInput<float>(s, y.data(), w.data(), x.data()); });
      const double gradWeight = flops / best([&] { conv2dGradWeight<float>(s, x.data(), y.data(), w.data()); });
      std::printf(
          "  conv n%-2ld %3ldx%-3ld %3ld->%-3ld k%ld s%ld   forward %4.0f %3.0f %%   gradInput %4.0f %3.0f %%   "
          "gradWeight %4.0f %3.0f %%\n",
          static_cast<long>(n), static_cast<long>(size), static_cast<long>(size), static_cast<long>(c),
          static_cast<long>(oc), static_cast<long>(k), static_cast<long>(stride), forward, 100 * forward / limit,
          gradInput, 100 * gradInput / limit, gradWeight, 100 * gradWeight / limit);
    }
  }
}
