// Optimizer updates of one span, in PyTorch's order of operations.
#include <math.h>

#include "kernels/simd.h"
#include "kernels/table.h"

namespace cresset::ISA {
namespace {

// a * b + c with one rounding, as PyTorch's kernels are compiled; the baseline has no such instruction.
#if defined(__FMA__) || defined(__aarch64__)
inline float fused(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
inline double fused(double a, double b, double c) { return __builtin_fma(a, b, c); }
#else
inline float fused(float a, float b, float c) { return a * b + c; }
inline double fused(double a, double b, double c) { return a * b + c; }
#endif

// Without decay an infinite parameter must not turn its gradient into NaN.
template <class T> inline T decayed(T grad, T decay, T param) { return decay != 0 ? fused(decay, param, grad) : grad; }

inline float root(float x) { return __builtin_sqrtf(x); }
inline double root(double x) { return __builtin_sqrt(x); }

template <class T> void sgd(const SgdStep& o, int64_t n, const T* grad, T* momentumBuffer, T* param) {
  const T step = static_cast<T>(-o.lr), decay = static_cast<T>(o.weightDecay), momentum = static_cast<T>(o.momentum);
  const T fresh = static_cast<T>(1 - o.dampening), sign = o.maximize ? T(-1) : T(1);
  if (!momentumBuffer) {
    for (int64_t i = 0; i < n; i++) param[i] = fused(step, decayed(sign * grad[i], decay, param[i]), param[i]);
    return;
  }
  for (int64_t i = 0; i < n; i++) {
    const T g = decayed(sign * grad[i], decay, param[i]);
    const T b = o.first ? g : fused(fresh, g, momentum * momentumBuffer[i]);
    momentumBuffer[i] = b;
    param[i] = fused(step, o.nesterov ? fused(momentum, b, g) : b, param[i]);
  }
}

// `kNear`: the average is reached from its own end, not from the gradient's, as torch.lerp chooses it.
template <class T, bool kNear, bool kMax>
void adamLoop(const AdamStep& o, int64_t n, const T* grad, T* expAvg, T* expAvgSq, T* maxExpAvgSq, T* param) {
  const double correction1 = 1 - pow(o.beta1, static_cast<double>(o.step)),
               correction2 = 1 - pow(o.beta2, static_cast<double>(o.step));
  const T step = static_cast<T>(-(o.lr / correction1)), root2 = static_cast<T>(__builtin_sqrt(correction2)),
          eps = static_cast<T>(o.eps);
  const T decay = o.decoupled ? T(0) : static_cast<T>(o.weightDecay);
  const T weight = static_cast<T>(1 - o.beta1), beta2 = static_cast<T>(o.beta2), fresh2 = static_cast<T>(1 - o.beta2);
  const T sign = o.maximize ? T(-1) : T(1);
  for (int64_t i = 0; i < n; i++) {
    const T g = decayed(sign * grad[i], decay, param[i]);
    const T away = g - expAvg[i];
    const T m = kNear ? fused(weight, away, expAvg[i]) : fused(weight - 1, away, g);
    T v = fused(fresh2 * g, g, beta2 * expAvgSq[i]);
    expAvg[i] = m;
    expAvgSq[i] = v;
    if constexpr (kMax) v = maxExpAvgSq[i] = v > maxExpAvgSq[i] || v != v ? v : maxExpAvgSq[i];
    param[i] += step * m / (root(v) / root2 + eps);
  }
}

template <class T>
void adam(const AdamStep& o, int64_t n, const T* grad, T* expAvg, T* expAvgSq, T* maxExpAvgSq, T* param) {
  const bool near = static_cast<T>(1 - o.beta1) < T(0.5);
  auto* loop = maxExpAvgSq ? (near ? adamLoop<T, true, true> : adamLoop<T, false, true>)
                           : (near ? adamLoop<T, true, false> : adamLoop<T, false, false>);
  if (!o.decoupled) return loop(o, n, grad, expAvg, expAvgSq, maxExpAvgSq, param);
  // The decay has a loop of its own, or the compiler would fuse it with the update; a block stays in the cache.
  const T shrink = static_cast<T>(1 - o.lr * o.weightDecay);
  constexpr int64_t kBlock = 4096;
  for (int64_t begin = 0; begin < n; begin += kBlock) {
    const int64_t count = n - begin < kBlock ? n - begin : kBlock;
    for (int64_t i = begin; i < begin + count; i++) param[i] *= shrink;
    loop(o, count, grad + begin, expAvg + begin, expAvgSq + begin, maxExpAvgSq ? maxExpAvgSq + begin : nullptr,
         param + begin);
  }
}

template <class T> void adadelta(const AdadeltaStep& o, int64_t n, const T* grad, T* squareAvg, T* accDelta, T* param) {
  const T step = static_cast<T>(-o.lr), rho = static_cast<T>(o.rho), fresh = static_cast<T>(1 - o.rho),
          eps = static_cast<T>(o.eps);
  const T decay = static_cast<T>(o.weightDecay), sign = o.maximize ? T(-1) : T(1);
  for (int64_t i = 0; i < n; i++) {
    const T g = decayed(sign * grad[i], decay, param[i]);
    const T s = fused(fresh * g, g, rho * squareAvg[i]);
    const T delta = root(accDelta[i] + eps) / root(s + eps) * g;
    squareAvg[i] = s;
    accDelta[i] = fused(fresh * delta, delta, rho * accDelta[i]);
    param[i] = fused(step, delta, param[i]);
  }
}

template <class T> void add(FloatKernels<T>& k) {
  k.sgd = sgd<T>;
  k.adam = adam<T>;
  k.adadelta = adadelta<T>;
}

}  // namespace

void addOptim(Kernels& k) {
  add(k.f32);
  add(k.f64);
}

}  // namespace cresset::ISA
