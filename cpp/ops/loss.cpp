// Losses: cross-entropy over class indices or probabilities, absolute and squared error.
#include "core/thread_pool.h"
#include "ops/common.h"
#include "ops/ops.h"

namespace cresset::ops {
namespace {

void checkReduction(const char* op, int64_t reduction) {
  if (reduction < 0 || reduction > 2) argumentError(op, ": reduction must be none, mean or sum");
}

Tensor reduceLoss(const Tensor& loss, int64_t reduction) {
  return reduction == none ? loss : reduction == mean_ ? mean(loss, {}, false) : sum(loss, {}, false);
}

// Classes last: [rows, classes].
Tensor classRows(const Tensor& x) {
  const int64_t classes = x.dim() == 1 ? x.size(0) : x.size(1);
  Dims order;
  for (int d = 0; d < x.dim(); d++)
    if (d != 1) order.push(d);
  if (x.dim() > 1) order.push(1);
  const Tensor last = x.dim() > 2 ? permute(x, order) : x;
  return reshape(last, {classes > 0 ? x.numel() / classes : 0, classes});
}

struct ClassTargets {
  int64_t rows, classes, ignoreIndex;
  double smoothing;
  int64_t reduction;
};

void checkClasses(const int64_t* target, const ClassTargets& t) {
  for (int64_t i = 0; i < t.rows; i++)
    if (target[i] != t.ignoreIndex && (target[i] < 0 || target[i] >= t.classes))
      fail(ErrorKind::range, "crossEntropy: target ", target[i], " at position ", i, " is out of range for ", t.classes,
           " classes");
}

// Sum of the weights of all rows that count: what the mean divides by.
template <class T> double totalWeight(const int64_t* target, const T* weight, const ClassTargets& t) {
  double total = 0;
  for (int64_t i = 0; i < t.rows; i++)
    if (target[i] != t.ignoreIndex) total += weight ? static_cast<double>(weight[target[i]]) : 1;
  return total;
}

template <class T>
void indexLoss(const T* logp, const int64_t* target, const T* weight, const ClassTargets& t, T* out) {
  checkClasses(target, t);
  double sum = 0;
  for (int64_t i = 0; i < t.rows; i++) {
    double loss = 0;
    if (target[i] != t.ignoreIndex) {
      const T* row = logp + i * t.classes;
      loss = -(1 - t.smoothing) * static_cast<double>(row[target[i]]) *
             (weight ? static_cast<double>(weight[target[i]]) : 1);
      if (t.smoothing > 0) {
        double smooth = 0;
        for (int64_t c = 0; c < t.classes; c++)
          smooth -= static_cast<double>(row[c]) * (weight ? static_cast<double>(weight[c]) : 1);
        loss += t.smoothing / static_cast<double>(t.classes) * smooth;
      }
    }
    if (t.reduction == none) out[i] = static_cast<T>(loss);
    sum += loss;
  }
  if (t.reduction == mean_) *out = static_cast<T>(sum / totalWeight(target, weight, t));
  if (t.reduction == sum_) *out = static_cast<T>(sum);
}

// The gradient with respect to the log-probabilities.
template <class T>
void indexLossBackward(const T* dy, const int64_t* target, const T* weight, const ClassTargets& t, T* dlogp) {
  const double scale = t.reduction == mean_ ? 1 / totalWeight(target, weight, t) : 1;
  for (int64_t i = 0; i < t.rows; i++) {
    T* row = dlogp + i * t.classes;
    for (int64_t c = 0; c < t.classes; c++) row[c] = 0;
    if (target[i] == t.ignoreIndex) continue;
    const double g = scale * static_cast<double>(t.reduction == none ? dy[i] : *dy);
    if (t.smoothing > 0)
      for (int64_t c = 0; c < t.classes; c++)
        row[c] = static_cast<T>(-g * t.smoothing / static_cast<double>(t.classes) *
                                (weight ? static_cast<double>(weight[c]) : 1));
    row[target[i]] += static_cast<T>(-g * (1 - t.smoothing) * (weight ? static_cast<double>(weight[target[i]]) : 1));
  }
}

Tensor crossEntropyIndices(const Tensor& x, const Tensor& target, const Tensor& weight, ClassTargets t,
                           const Dims& lossShape) {
  const Tensor rows = contiguous(classRows(x)), classes = indices(target);
  if (isMaterialised(classes)) checkClasses(classes.data<int64_t>(), t);
  Tensor logp = makeTensor(rows.shape(), x.dtype()),
         out = makeTensor(t.reduction == none ? lossShape : Dims{}, x.dtype());
  dispatchFloat("crossEntropy", x.dtype(), [&](auto zero) {
    using T = decltype(zero);
    auto* kernel = kernels().floating<T>().logSoftmax;
    enqueue("crossEntropy", 500 + 3.0 * static_cast<double>(rows.numel()), {&rows, &classes, &weight}, {&logp, &out},
            [=, in = rows.data<T>(), l = logp.data<T>(), c = classes.data<int64_t>(),
             w = weight.defined() ? weight.data<T>() : nullptr, o = out.data<T>()] {
              parallelSpans(t.rows, kGrain / 8 / (t.classes + 1) + 1, [&](int64_t begin, int64_t end) {
                kernel(end - begin, t.classes, in + begin * t.classes, l + begin * t.classes);
              });
              indexLoss(l, c, w, t, o);
            });
  });
  if (!needsGrad({&rows})) return out;
  return record(
      "crossEntropy", out, {rows},
      [t, sl = Saved(logp), sc = Saved(classes), sw = weight.defined() ? Saved(weight) : Saved()](
          const Tensor& gradient, Gradients& to) {
        const Tensor logp = sl.get("crossEntropy"), classes = sc.get("crossEntropy"), dy = contiguous(gradient);
        const Tensor weight = sw.defined() ? sw.get("crossEntropy") : Tensor();
        Tensor dlogp = makeTensor(logp.shape(), logp.dtype()), dx = makeTensor(logp.shape(), logp.dtype());
        dispatchFloat("crossEntropy", logp.dtype(), [&](auto zero) {
          using T = decltype(zero);
          auto* kernel = kernels().floating<T>().logSoftmaxBackward;
          enqueue(
              "crossEntropy gradient", 500 + 3.0 * static_cast<double>(logp.numel()), {&logp, &classes, &weight, &dy},
              {&dlogp, &dx},
              [=, l = logp.data<T>(), c = classes.data<int64_t>(), w = weight.defined() ? weight.data<T>() : nullptr,
               g = dy.data<T>(), d = dlogp.data<T>(), o = dx.data<T>()] {
                indexLossBackward(g, c, w, t, d);
                parallelSpans(t.rows, kGrain / 8 / (t.classes + 1) + 1, [&](int64_t begin, int64_t end) {
                  kernel(end - begin, t.classes, l + begin * t.classes, d + begin * t.classes, o + begin * t.classes);
                });
              });
        });
        to.add(0, dx);
      });
}

Tensor crossEntropyProbabilities(const Tensor& x, Tensor target, const Tensor& weight, double smoothing,
                                 int64_t reduction) {
  const int dim = x.dim() == 1 ? 0 : 1;
  const double classes = static_cast<double>(x.size(dim));
  target = to(target, x.dtype());
  if (smoothing > 0) target = add(mul(target, scalar(1 - smoothing)), scalar(smoothing / classes), 1);
  Tensor weighted = mul(logSoftmax(x, dim), target);
  if (weight.defined()) {
    Dims shape;
    for (int d = 0; d < x.dim(); d++) shape.push(d == dim ? x.size(d) : 1);
    weighted = mul(weighted, reshape(weight, shape));
  }
  const Tensor loss = neg(sum(weighted, {dim}, false));
  if (reduction == mean_) return div(sum(loss, {}, false), scalar(static_cast<double>(x.numel()) / classes));
  return reduceLoss(loss, reduction);
}

}  // namespace

Tensor crossEntropy(Tensor x, Tensor target, Optional weight, int64_t ignoreIndex, int64_t reduction,
                    double labelSmoothing) {
  checkFloat("crossEntropy", x);
  checkReduction("crossEntropy", reduction);
  if (!(labelSmoothing >= 0 && labelSmoothing <= 1))
    argumentError("crossEntropy: labelSmoothing must be between 0 and 1, got ", labelSmoothing);
  if (x.dim() == 0) shapeError("crossEntropy: input must have at least one dimension, got a 0-d tensor");
  const int64_t classes = x.size(x.dim() == 1 ? 0 : 1);
  if (classes == 0) shapeError("crossEntropy: input of shape ", toString(x.shape()), " has no classes");
  if (weight.defined()) {
    checkSameDType("crossEntropy", "input", x, "weight", weight);
    if (weight.dim() != 1 || weight.size(0) != classes)
      shapeError("crossEntropy: weight has shape ", toString(weight.shape()), " but there are ", classes, " classes");
  }
  const Tensor w = weight.defined() ? contiguous(weight) : Tensor();
  if (isFloating(target.dtype())) {
    if (ignoreIndex >= 0)
      argumentError("crossEntropy: ignoreIndex ", ignoreIndex, " needs class indices, but target holds probabilities");
    if (target.shape() != x.shape())
      shapeError("crossEntropy: class probabilities of shape ", toString(target.shape()),
                 " must have the input's shape ", toString(x.shape()),
                 "; class indices must be an integer tensor, made with { dtype: 'int64' }");
    return crossEntropyProbabilities(x, target, w, labelSmoothing, reduction);
  }
  if (target.dtype() == DType::boolean)
    dtypeError("crossEntropy: class indices must be int64, int32 or uint8, got bool");
  Dims expected;
  for (int d = 0; d < x.dim(); d++)
    if (d != 1 && x.dim() > 1) expected.push(x.size(d));
  if (target.shape() != expected)
    shapeError("crossEntropy: input of shape ", toString(x.shape()), " expects targets of shape ", toString(expected),
               ", got ", toString(target.shape()));
  return crossEntropyIndices(x, target, w, {product(expected), classes, ignoreIndex, labelSmoothing, reduction},
                             expected);
}

Tensor l1Loss(Tensor x, Tensor target, int64_t reduction) {
  checkReduction("l1Loss", reduction);
  broadcast("l1Loss", x.shape(), target.shape());
  return reduceLoss(abs(sub(x, target, 1)), reduction);
}

Tensor mseLoss(Tensor x, Tensor target, int64_t reduction) {
  checkReduction("mseLoss", reduction);
  broadcast("mseLoss", x.shape(), target.shape());
  return reduceLoss(square(sub(x, target, 1)), reduction);
}

}  // namespace cresset::ops
