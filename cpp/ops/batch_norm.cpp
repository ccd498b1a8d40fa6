// Batch normalisation: y = (x - mean) / sqrt(var + eps) * weight + bias by channel, over rows of channels-last memory.
#include <algorithm>
#include <cmath>

#include "core/thread_pool.h"
#include "ops/common.h"
#include "ops/ops.h"

namespace cresset::ops {
namespace {

// sum and product of kernels.def's channelSums over all rows, by chunks that are added in order.
template <class T>
void channelSums(int64_t rows, int64_t c, const T* x, const T* dy, const double* shift, double* sum, double* product) {
  const int64_t span = std::max<int64_t>(1, 2 * kGrain / std::max<int64_t>(c, 1));
  const int64_t spans = (rows + span - 1) / span;
  auto* partial = static_cast<double*>(scratch(2, (spans + 1) * 2 * c * 8));
  parallelFor(spans, [&](int64_t s) {
    double* own = partial + s * 2 * c;
    std::fill_n(own, 2 * c, 0.0);
    const int64_t begin = s * span, count = std::min(span, rows - begin);
    kernels().floating<T>().channelSums(count, c, x + begin * c, dy ? dy + begin * c : nullptr, shift, own, own + c);
  });
  std::fill_n(sum, c, 0.0);
  std::fill_n(product, c, 0.0);
  for (int64_t s = 0; s < spans; s++)
    for (int64_t j = 0; j < c; j++) sum[j] += partial[s * 2 * c + j], product[j] += partial[s * 2 * c + c + j];
}

template <class F> void eachSpan(int64_t rows, int64_t c, F&& fn) {
  parallelSpans(rows, std::max<int64_t>(1, kGrain / std::max<int64_t>(c, 1)), fn);
}

// What of one channel is given: nullptr stands for a weight of 1 and a bias of 0.
template <class T> struct Affine {
  const T *weight, *bias;
  double scale(int64_t j) const { return weight ? static_cast<double>(weight[j]) : 1; }
  double shift(int64_t j) const { return bias ? static_cast<double>(bias[j]) : 0; }
};

template <class T> struct Running {
  T *mean, *var;
  double momentum;
};

// Fills stats, [mean, 1 / sqrt(var + eps)], from the batch; moves the running statistics, whose variance is unbiased.
template <class T>
void batchStats(int64_t rows, int64_t c, const T* x, double eps, const Running<T>& running, double* stats) {
  // Sums of what lies around the first row lose no digits to a large mean.
  auto* shift = static_cast<double*>(scratch(3, 3 * c * 8));
  double *sum = shift + c, *squares = shift + 2 * c;
  for (int64_t j = 0; j < c; j++) shift[j] = static_cast<double>(x[j]);
  channelSums<T>(rows, c, x, nullptr, shift, sum, squares);
  const double n = static_cast<double>(rows);
  for (int64_t j = 0; j < c; j++) {
    const double offset = sum[j] / n, mean = shift[j] + offset, var = std::max(0.0, squares[j] / n - offset * offset);
    stats[j] = mean;
    stats[c + j] = 1 / std::sqrt(var + eps);
    const auto move = [&](T* to, double value) {
      if (to) to[j] = static_cast<T>((1 - running.momentum) * static_cast<double>(to[j]) + running.momentum * value);
    };
    move(running.mean, mean);
    move(running.var, var * n / (n - 1));
  }
}

template <class T> void apply(int64_t rows, int64_t c, const T* x, const Affine<T>& affine, const double* stats, T* y) {
  T* mean = static_cast<T*>(scratch(3, 3 * c * static_cast<int64_t>(sizeof(T))));
  T *scale = mean + c, *bias = mean + 2 * c;
  for (int64_t j = 0; j < c; j++) {
    mean[j] = static_cast<T>(stats[j]);
    // What the mean loses by rounding goes into the bias.
    const double exact = stats[c + j] * affine.scale(j);
    scale[j] = static_cast<T>(exact);
    bias[j] = static_cast<T>(affine.shift(j) + (static_cast<double>(mean[j]) - stats[j]) * exact);
  }
  eachSpan(rows, c, [&](int64_t begin, int64_t end) {
    kernels().floating<T>().normalize(end - begin, c, x + begin * c, mean, scale, bias, y + begin * c);
  });
}

// sums: [sum of dy, sum of dy (x - mean)]
template <class T>
void gradInput(int64_t rows, int64_t c, const T* x, const T* dy, const Affine<T>& affine, const double* stats,
               const double* sums, bool training, T* dx) {
  T* mean = static_cast<T*>(scratch(3, 4 * c * static_cast<int64_t>(sizeof(T))));
  T *dyMean = mean + c, *slope = mean + 2 * c, *scale = mean + 3 * c;
  const double n = training ? static_cast<double>(rows) : static_cast<double>(INFINITY);
  for (int64_t j = 0; j < c; j++) {
    const double inverse = stats[c + j];
    mean[j] = static_cast<T>(stats[j]);
    dyMean[j] = training ? static_cast<T>(sums[j] / n) : T(0);
    slope[j] = training ? static_cast<T>(sums[c + j] / n * inverse * inverse) : T(0);
    scale[j] = static_cast<T>(inverse * affine.scale(j));
  }
  eachSpan(rows, c, [&](int64_t begin, int64_t end) {
    kernels().floating<T>().normalizeBackward(end - begin, c, x + begin * c, dy + begin * c, mean, dyMean, slope, scale,
                                              dx + begin * c);
  });
}

void checkChannels(const char* name, const Tensor& t, const Tensor& x) {
  if (!t.defined()) return;
  checkSameDType("batchNorm", "input", x, name, t);
  if (t.dim() != 1 || t.size(0) != x.size(1))
    shapeError("batchNorm: ", name, " has shape ", toString(t.shape()), " but input has ", x.size(1), " channels");
}

}  // namespace

Tensor batchNorm(Tensor input, Optional weight, Optional bias, Optional runningMean, Optional runningVar, bool training,
                 double momentum, double eps) {
  checkFloat("batchNorm", input);
  if (input.dim() < 2)
    shapeError("batchNorm: input must have at least 2 dimensions [n, c, ...], got shape ", toString(input.shape()));
  checkChannels("weight", weight, input);
  checkChannels("bias", bias, input);
  checkChannels("runningMean", runningMean, input);
  checkChannels("runningVar", runningVar, input);
  if (!training && !(runningMean.defined() && runningVar.defined()))
    argumentError("batchNorm: outside training, runningMean and runningVar are needed");
  const int64_t n = input.size(0), c = input.size(1);
  if (input.dim() != 4) {
    Dims rest = input.shape();
    rest.erase(0), rest.erase(0);
    const Tensor picture = reshape(input, {n, c, product(rest), 1});
    return reshape(batchNorm(picture, weight, bias, runningMean, runningVar, training, momentum, eps), input.shape());
  }
  const int64_t rows = n * input.size(2) * input.size(3);
  if (training && rows == 1)
    shapeError("batchNorm: training needs more than 1 value per channel, got shape ", toString(input.shape()));
  const Tensor x = channelsLast(input), w = weight.defined() ? contiguous(weight) : Tensor(),
               b = bias.defined() ? contiguous(bias) : Tensor();
  const Tensor y = makeTensor(x.shape(), channelsLastStrides(x.shape()), x.dtype());
  const Tensor stats = makeTensor({2, c}, DType::float64);
  const bool moves = training && rows > 0;
  for (const Optional* running : {&runningMean, &runningVar})
    if (moves && running->defined()) {
      if (!running->isContiguous()) argumentError("batchNorm: running statistics must be contiguous");
      beforeInPlace("batchNorm", *running);
    }
  dispatchFloat("batchNorm", x.dtype(), [&](auto zero) {
    using T = decltype(zero);
    const Tensor mean = moves || !runningMean.defined() ? Tensor(runningMean) : contiguous(runningMean),
                 var = moves || !runningVar.defined() ? Tensor(runningVar) : contiguous(runningVar);
    const Tensor none;
    const Tensor *readMean = training ? &none : &mean, *readVar = training ? &none : &var;
    const Tensor *movedMean = moves ? &mean : &none, *movedVar = moves ? &var : &none;
    enqueue("batchNorm", 3 * cost(x.numel()), {&x, &w, &b, readMean, readVar}, {&y, &stats}, {movedMean, movedVar},
            [=, px = x.data<T>(), py = y.data<T>(), ps = stats.data<double>(),
             affine = Affine<T>{dataOf<T>(w), dataOf<T>(b)},
             running = Running<T>{dataOf<T>(mean), dataOf<T>(var), momentum}] {
              if (rows == 0) return std::fill_n(ps, 2 * c, 0.0), void();
              if (training)
                batchStats<T>(rows, c, px, eps, running, ps);
              else
                for (int64_t j = 0; j < c; j++) {
                  ps[j] = static_cast<double>(running.mean[j]);
                  ps[c + j] = 1 / std::sqrt(static_cast<double>(running.var[j]) + eps);
                }
              apply<T>(rows, c, px, affine, ps, py);
            });
  });
  if (!needsGrad({&input, &w, &b})) return y;
  return record("batchNorm", y, {input, w, b},
                [sx = Saved(x), sw = w.defined() ? Saved(w) : Saved(), stats, training, rows, c](const Tensor& gradient,
                                                                                                 Gradients& to) {
                  const Tensor dy = channelsLast(gradient), x = sx.get("batchNorm");
                  const Tensor w = sw.defined() ? sw.get("batchNorm") : Tensor();
                  const Tensor sums = makeTensor({2, c}, DType::float64);
                  const Tensor dx =
                      to.needs(0) ? makeTensor(x.shape(), channelsLastStrides(x.shape()), x.dtype()) : Tensor();
                  const Tensor dw = to.needs(1) ? makeTensor({c}, x.dtype()) : Tensor();
                  const Tensor db = to.needs(2) ? makeTensor({c}, x.dtype()) : Tensor();
                  dispatchFloat("batchNorm", x.dtype(), [&](auto zero) {
                    using T = decltype(zero);
                    enqueue("batchNorm gradient", 3 * cost(x.numel()), {&x, &dy, &w, &stats}, {&dx, &dw, &db},
                            [=, px = x.data<T>(), pg = dy.data<T>(), ps = stats.data<double>(),
                             pt = sums.data<double>(), affine = Affine<T>{dataOf<T>(w), nullptr}, pdx = dataOf<T>(dx),
                             pdw = dataOf<T>(dw), pdb = dataOf<T>(db)] {
                              channelSums<T>(rows, c, px, pg, ps, pt, pt + c);
                              for (int64_t j = 0; pdw && j < c; j++) pdw[j] = static_cast<T>(pt[c + j] * ps[c + j]);
                              for (int64_t j = 0; pdb && j < c; j++) pdb[j] = static_cast<T>(pt[j]);
                              if (pdx) gradInput<T>(rows, c, px, pg, affine, ps, pt, training, pdx);
                            });
                  });
                  if (dx.defined()) to.add(0, dx);
                  if (dw.defined()) to.add(1, dw);
                  if (db.defined()) to.add(2, db);
                });
}

}  // namespace cresset::ops
