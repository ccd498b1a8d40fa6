// One vector register of the instruction set this file is compiled for, on the compiler's vector extensions.
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "kernels/kernels.h"

// Before a loop whose iterations do not depend on each other, though its spans may be the same one.
#ifdef __clang__
#define INDEPENDENT _Pragma("clang loop vectorize(assume_safety)")
#else
#define INDEPENDENT _Pragma("GCC ivdep")
#endif

namespace cresset::ISA {
namespace {

#if defined(__AVX512F__)
constexpr int kRegisterBytes = 64;
#elif defined(__AVX2__)
constexpr int kRegisterBytes = 32;
#else
constexpr int kRegisterBytes = 16;
#endif

// Unaligned by declaration: tensors start aligned, their spans need not.
template <class T> struct Register {
  typedef T type __attribute__((vector_size(kRegisterBytes), aligned(sizeof(T)), may_alias));
};
template <class T> using Vec = typename Register<T>::type;

template <class T> constexpr int64_t kLanes = kRegisterBytes / static_cast<int64_t>(sizeof(T));

template <class T> inline __attribute__((always_inline)) Vec<T> load(const T* p) {
  return *reinterpret_cast<const Vec<T>*>(p);
}
template <class T> inline __attribute__((always_inline)) void store(T* p, Vec<T> v) {
  *reinterpret_cast<Vec<T>*>(p) = v;
}
template <class T> inline __attribute__((always_inline)) Vec<T> broadcast(T x) { return x - Vec<T>{}; }
// Negative values become 0; NaN stays.
template <class V> inline __attribute__((always_inline)) V positive(V x) { return x < 0 ? V{} : x; }

}  // namespace
}  // namespace cresset::ISA
