// Optimizer steps over all parameters in one call, in place. A step without a gradient, or whose gradient could not be
// computed, leaves its parameter alone.
#include "core/thread_pool.h"
#include "ops/common.h"
#include "ops/ops.h"

namespace cresset::ops {
namespace {

void checkState(const char* op, const char* name, const Tensors& params, const Tensors& state, bool optional) {
  if (state.size() != params.size() && !(optional && state.empty()))
    argumentError(op, ": got ", int64_t(params.size()), " parameters but ", int64_t(state.size()), " ", name);
  for (size_t i = 0; i < state.size(); i++)
    if (state[i].shape() != params[i].shape() || state[i].dtype() != params[i].dtype() || !state[i].isContiguous())
      shapeError(op, ": ", name, " ", int64_t(i), " has shape ", toString(state[i].shape()), " and dtype ",
                 nameOf(state[i].dtype()), " but its parameter has shape ", toString(params[i].shape()), " and dtype ",
                 nameOf(params[i].dtype()));
}

// Calls launch(i, parameter, gradient) for every parameter with a gradient, both contiguous.
template <class Launch> void eachParameter(const char* op, const Tensors& params, Launch launch) {
  NoGrad off;
  for (size_t i = 0; i < params.size(); i++) {
    const Tensor& p = params[i];
    checkFloat(op, p);
    if (!p.impl()->grad) continue;
    const Tensor grad = contiguous(Tensor(p.impl()->grad));
    beforeInPlace(op, p);
    if (p.isContiguous()) {
      launch(i, p, grad);
    } else {
      const Tensor dense = contiguous(p);
      launch(i, dense, grad);
      copy_(p, dense);
    }
  }
}

// Optional state.
const Tensor* at(const Tensors& state, size_t i) {
  static const Tensor none;
  return state.empty() ? &none : &state[i];
}
template <class T> T* dataOf(const Tensors& state, size_t i) { return state.empty() ? nullptr : state[i].data<T>(); }

}  // namespace

void sgd(Tensors params, Tensors momentumBuffers, double lr, double momentum, double dampening, double weightDecay,
         bool nesterov, bool maximize, bool first) {
  checkState("sgd", "momentumBuffers", params, momentumBuffers, momentum == 0);
  const SgdStep step{lr, momentum, dampening, weightDecay, nesterov, maximize, first};
  eachParameter("sgd", params, [&](size_t i, const Tensor& p, const Tensor& grad) {
    dispatchFloat("sgd", p.dtype(), [&](auto zero) {
      using T = decltype(zero);
      auto* kernel = kernels().floating<T>().sgd;
      enqueue("sgd", cost(p.numel()), {&grad}, {}, {&p, at(momentumBuffers, i)},
              [=, n = p.numel(), g = grad.data<T>(), b = dataOf<T>(momentumBuffers, i), w = p.data<T>()] {
                parallelSpans(n, kGrain, [&](int64_t begin, int64_t end) {
                  kernel(step, end - begin, g + begin, b ? b + begin : nullptr, w + begin);
                });
              });
    });
  });
}

void adam(Tensors params, Tensors expAvgs, Tensors expAvgSqs, Tensors maxExpAvgSqs, double lr, double beta1,
          double beta2, double eps, double weightDecay, bool decoupled, bool maximize, int64_t step) {
  checkState("adam", "expAvgs", params, expAvgs, false);
  checkState("adam", "expAvgSqs", params, expAvgSqs, false);
  checkState("adam", "maxExpAvgSqs", params, maxExpAvgSqs, true);
  const AdamStep options{lr, beta1, beta2, eps, weightDecay, decoupled, !maxExpAvgSqs.empty(), maximize, step};
  eachParameter("adam", params, [&](size_t i, const Tensor& p, const Tensor& grad) {
    dispatchFloat("adam", p.dtype(), [&](auto zero) {
      using T = decltype(zero);
      auto* kernel = kernels().floating<T>().adam;
      enqueue("adam", cost(2 * p.numel()), {&grad}, {}, {&p, &expAvgs[i], &expAvgSqs[i], at(maxExpAvgSqs, i)},
              [=, n = p.numel(), g = grad.data<T>(), m = expAvgs[i].data<T>(), v = expAvgSqs[i].data<T>(),
               x = dataOf<T>(maxExpAvgSqs, i), w = p.data<T>()] {
                parallelSpans(n, kGrain, [&](int64_t begin, int64_t end) {
                  kernel(options, end - begin, g + begin, m + begin, v + begin, x ? x + begin : nullptr, w + begin);
                });
              });
    });
  });
}

void adadelta(Tensors params, Tensors squareAvgs, Tensors accDeltas, double lr, double rho, double eps,
              double weightDecay, bool maximize) {
  checkState("adadelta", "squareAvgs", params, squareAvgs, false);
  checkState("adadelta", "accDeltas", params, accDeltas, false);
  const AdadeltaStep options{lr, rho, eps, weightDecay, maximize};
  eachParameter("adadelta", params, [&](size_t i, const Tensor& p, const Tensor& grad) {
    dispatchFloat("adadelta", p.dtype(), [&](auto zero) {
      using T = decltype(zero);
      auto* kernel = kernels().floating<T>().adadelta;
      enqueue("adadelta", cost(2 * p.numel()), {&grad}, {}, {&p, &squareAvgs[i], &accDeltas[i]},
              [=, n = p.numel(), g = grad.data<T>(), s = squareAvgs[i].data<T>(), d = accDeltas[i].data<T>(),
               w = p.data<T>()] {
                parallelSpans(n, kGrain, [&](int64_t begin, int64_t end) {
                  kernel(options, end - begin, g + begin, s + begin, d + begin, w + begin);
                });
              });
    });
  });
}

}  // namespace cresset::ops
