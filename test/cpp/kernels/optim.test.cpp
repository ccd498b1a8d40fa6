// Optimizer steps against PyTorch's formulas in double.
#include "every_isa.h"

using namespace cresset;

namespace {

template <class T> void sgd(const FloatKernels<T>& k, const SgdStep& o, bool momentum) {
  for (int64_t n : kSizes) {
    const std::vector<T> grad = samples<T>(n, 1), start = samples<T>(n, 2), buffer = samples<T>(n, 3);
    std::vector<T> param = start, b = buffer;
    k.sgd(o, n, grad.data(), momentum ? b.data() : nullptr, param.data());
    for (int64_t i = 0; i < n; i++) {
      const double w = static_cast<double>(start[i]);
      const double g = (o.maximize ? -1 : 1) * static_cast<double>(grad[i]) + o.weightDecay * w;
      const double m = o.first ? g : o.momentum * static_cast<double>(buffer[i]) + (1 - o.dampening) * g;
      CHECK_CLOSE(param[i], w - o.lr * (!momentum ? g : o.nesterov ? g + o.momentum * m : m), 1e-6);
      if (momentum) CHECK_CLOSE(b[i], m, 1e-6);
    }
  }
}

template <class T> void adam(const FloatKernels<T>& k, const AdamStep& o) {
  for (int64_t n : kSizes) {
    const std::vector<T> grad = samples<T>(n, 1), start = samples<T>(n, 2), m0 = samples<T>(n, 3);
    std::vector<T> v0 = samples<T>(n, 4), x0 = samples<T>(n, 5);
    for (T& v : v0) v = std::abs(v);
    for (T& v : x0) v = std::abs(v);
    std::vector<T> param = start, m = m0, v = v0, x = x0;
    k.adam(o, n, grad.data(), m.data(), v.data(), o.amsgrad ? x.data() : nullptr, param.data());
    for (int64_t i = 0; i < n; i++) {
      double w = static_cast<double>(start[i]), g = (o.maximize ? -1 : 1) * static_cast<double>(grad[i]);
      if (o.decoupled)
        w *= 1 - o.lr * o.weightDecay;
      else
        g += o.weightDecay * w;
      const double mean = o.beta1 * static_cast<double>(m0[i]) + (1 - o.beta1) * g;
      const double square = o.beta2 * static_cast<double>(v0[i]) + (1 - o.beta2) * g * g;
      const double largest = o.amsgrad ? std::max(square, static_cast<double>(x0[i])) : square;
      const double step = static_cast<double>(o.step), unbias1 = 1 - std::pow(o.beta1, step),
                   unbias2 = 1 - std::pow(o.beta2, step);
      CHECK_CLOSE(m[i], mean, 1e-6);
      CHECK_CLOSE(v[i], square, 1e-6);
      if (o.amsgrad) CHECK_CLOSE(x[i], largest, 1e-6);
      CHECK_CLOSE(param[i], w - o.lr / unbias1 * mean / (std::sqrt(largest / unbias2) + o.eps), 1e-5);
    }
  }
}

template <class T> void adadelta(const FloatKernels<T>& k, const AdadeltaStep& o) {
  for (int64_t n : kSizes) {
    const std::vector<T> grad = samples<T>(n, 1), start = samples<T>(n, 2);
    std::vector<T> s0 = samples<T>(n, 3), d0 = samples<T>(n, 4);
    for (T& v : s0) v = std::abs(v);
    for (T& v : d0) v = std::abs(v);
    std::vector<T> param = start, square = s0, delta = d0;
    k.adadelta(o, n, grad.data(), square.data(), delta.data(), param.data());
    for (int64_t i = 0; i < n; i++) {
      const double w = static_cast<double>(start[i]);
      const double g = (o.maximize ? -1 : 1) * static_cast<double>(grad[i]) + o.weightDecay * w;
      const double s = o.rho * static_cast<double>(s0[i]) + (1 - o.rho) * g * g;
      const double d = std::sqrt(static_cast<double>(d0[i]) + o.eps) / std::sqrt(s + o.eps) * g;
      CHECK_CLOSE(square[i], s, 1e-6);
      CHECK_CLOSE(delta[i], o.rho * static_cast<double>(d0[i]) + (1 - o.rho) * d * d, 1e-5);
      CHECK_CLOSE(param[i], w - o.lr * d, 1e-5);
    }
  }
}

template <class T> void all(const FloatKernels<T>& k) {
  sgd(k, {0.1, 0, 0, 0, false, false, false}, false);
  sgd(k, {0.1, 0.9, 0, 0.01, true, false, false}, true);
  sgd(k, {0.1, 0.9, 0.5, 0, false, true, false}, true);
  sgd(k, {0.1, 0.9, 0.5, 0, false, false, true}, true);
  adam(k, {0.1, 0.9, 0.999, 1e-8, 0, false, false, false, 1});
  adam(k, {0.1, 0.8, 0.99, 1e-3, 0.1, false, true, false, 7});
  adam(k, {0.1, 0.8, 0.99, 1e-3, 0.1, true, false, true, 3});
  adadelta(k, {1, 0.9, 1e-6, 0, false});
  adadelta(k, {0.5, 0.7, 1e-3, 0.1, true});
}

}  // namespace

TEST(kernels_optim) {
  onEveryIsa([](const Kernels& k) {
    all(k.f32);
    all(k.f64);
  });
}
