// Chooses the kernels at run time. Compiled once, for the baseline.
#include <cstdlib>
#include <cstring>

#include "kernels/kernels.h"

namespace cresset {

#define DECLARE(isa)     \
  namespace isa {        \
  void fill(Kernels& k); \
  }
#ifdef CRESSET_ARM64
DECLARE(neon)
#else
DECLARE(baseline)
DECLARE(avx2)
DECLARE(avx512)
#endif
#undef DECLARE

namespace {

struct Candidate {
  const char* name;
  bool supported;
  void (*fill)(Kernels&);
  Kernels table;
};

constexpr int kCandidates = 3;

// Best first.
Candidate* candidates() {
  static Candidate* list = [] {
#ifdef CRESSET_ARM64
    auto* all =
        new Candidate[kCandidates]{{"neon", true, neon::fill, {}}, {"", false, nullptr, {}}, {"", false, nullptr, {}}};
#else
    __builtin_cpu_init();
    const bool avx2 =
        __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("pclmul");
    const bool avx512 = avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
    auto* all = new Candidate[kCandidates]{
        {"avx512", avx512, avx512::fill, {}}, {"avx2", avx2, avx2::fill, {}}, {"baseline", true, baseline::fill, {}}};
#endif
    for (int i = 0; i < kCandidates; i++)
      if (all[i].supported) all[i].fill(all[i].table);
    return all;
  }();
  return list;
}

}  // namespace

const Kernels* kernelsFor(const char* isa) {
  Candidate* list = candidates();
  for (int i = 0; i < kCandidates; i++)
    if (list[i].supported && std::strcmp(list[i].name, isa) == 0) return &list[i].table;
  return nullptr;
}

const Kernels& kernels() {
  static const Kernels* chosen = [] {
    const char* forced = std::getenv("CRESSET_ISA");
    const Kernels* table = forced ? kernelsFor(forced) : nullptr;
    Candidate* list = candidates();
    for (int i = 0; i < kCandidates && !table; i++)
      if (list[i].supported) table = &list[i].table;
    return table;
  }();
  return *chosen;
}

}  // namespace cresset
