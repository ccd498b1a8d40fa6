// Counts of what was predicted and what is true, over class indices.
#include "ops/common.h"
#include "ops/ops.h"

namespace cresset::ops {
namespace {

void checkIntegers(const char* op, const char* name, const Tensor& x) {
  if (isFloating(x.dtype()) || x.dtype() == DType::boolean)
    dtypeError(op, ": ", name, " must be int64, int32 or uint8, got ", nameOf(x.dtype()));
}

void checkClasses(const char* op, const char* name, const int64_t* x, int64_t n, int64_t classes) {
  for (int64_t i = 0; i < n; i++)
    if (x[i] < 0 || x[i] >= classes)
      fail(ErrorKind::range, op, ": ", name, " ", x[i], " at position ", i, " is out of range for ", classes,
           " classes");
}

// Checks at the call what is already known.
void checkNow(const char* op, const char* name, const Tensor& x, int64_t classes) {
  if (isMaterialised(x)) checkClasses(op, name, x.data<int64_t>(), x.numel(), classes);
}

}  // namespace

// [k]: in how many rows of `output`, [n, k], best first, the target is among the first 1, 2, ... k.
Tensor accuracy(Tensor output, Tensor target, int64_t classes) {
  checkIntegers("accuracy", "output", output);
  checkIntegers("accuracy", "target", target);
  if (output.dim() != 2 || target.dim() != 1 || output.size(0) != target.size(0))
    shapeError("accuracy: output of shape ", toString(output.shape()), " does not fit target of shape ",
               toString(target.shape()));
  const Tensor predicted = indices(output), truth = indices(target);
  const int64_t n = output.size(0), k = output.size(1);
  checkNow("accuracy", "target", truth, classes);
  Tensor out = makeTensor({k}, DType::int64);
  enqueue("accuracy", cost(n * k), {&predicted, &truth}, {&out},
          [=, p = predicted.data<int64_t>(), t = truth.data<int64_t>(), o = out.data<int64_t>()] {
            checkClasses("accuracy", "target", t, n, classes);
            for (int64_t j = 0; j < k; j++) o[j] = 0;
            for (int64_t i = 0; i < n; i++) {
              int64_t j = 0;
              while (j < k && p[i * k + j] != t[i]) j++;
              if (j < k) o[j]++;
            }
            for (int64_t j = 1; j < k; j++) o[j] += o[j - 1];
          });
  return out;
}

// [classes, classes]: how often the class of the row was predicted as that of the column.
Tensor confusionMatrix(Tensor output, Tensor target, int64_t classes) {
  checkIntegers("confusionMatrix", "output", output);
  checkIntegers("confusionMatrix", "target", target);
  if (output.shape() != target.shape())
    shapeError("confusionMatrix: output of shape ", toString(output.shape()), " does not fit target of shape ",
               toString(target.shape()));
  const Tensor predicted = indices(output), truth = indices(target);
  const int64_t n = target.numel();
  checkNow("confusionMatrix", "output", predicted, classes);
  checkNow("confusionMatrix", "target", truth, classes);
  Tensor out = makeTensor({classes, classes}, DType::int64);
  enqueue("confusionMatrix", cost(n + classes * classes), {&predicted, &truth}, {&out},
          [=, p = predicted.data<int64_t>(), t = truth.data<int64_t>(), o = out.data<int64_t>()] {
            checkClasses("confusionMatrix", "output", p, n, classes);
            checkClasses("confusionMatrix", "target", t, n, classes);
            for (int64_t i = 0; i < classes * classes; i++) o[i] = 0;
            for (int64_t i = 0; i < n; i++) o[t[i] * classes + p[i]]++;
          });
  return out;
}

}  // namespace cresset::ops
