// Prints the multiply-add peak of the best instruction set on as many threads as the argument says, in GFLOP/s.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "core/thread_pool.h"
#include "kernels/kernels.h"

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

int main(int, char** arguments) {
  setNumThreads(arguments[1] ? std::atoi(arguments[1]) : 1);
  const std::string_view isa = kernels().isa;
#ifdef CRESSET_ARM64
  const auto multiplyAdds = neon::multiplyAdds;
#else
  const auto multiplyAdds = isa == "avx512" ? avx512::multiplyAdds
                            : isa == "avx2" ? avx2::multiplyAdds
                                            : baseline::multiplyAdds;
#endif
  const int chunks = 4 * numThreads();
  double best = 0;
  for (int run = 0; run < 9; run++) {
    double operations = 0;
    const auto start = std::chrono::steady_clock::now();
    parallelFor(chunks, [&](int64_t chunk) {
      float out[16] = {1e-3f, 1e-3f};
      const double done = multiplyAdds(1'000'000, out);
      if (chunk == 0) operations = done * chunks;
    });
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    const double rate = operations / seconds.count() * 1e-9;
    if (rate > best) best = rate;
  }
  std::printf("%.1f\n", best);
}
