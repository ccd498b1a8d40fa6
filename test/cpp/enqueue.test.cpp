// Who wrote a tensor last is known, and what a failed task should have computed is never shown.
#include "core/enqueue.h"

#include "fixture.h"
#include "test.h"

using namespace cresset;

namespace {

Tensor integers(const std::vector<int64_t>& values) {
  return tensorOf<int64_t>({static_cast<int64_t>(values.size())}, DType::int64, values);
}
Tensor floats(const std::vector<float>& values) {
  return tensorOf<float>({static_cast<int64_t>(values.size())}, DType::float32, values);
}
// An index that the stream has yet to compute.
Tensor lateIndex(int64_t value) { return ops::add(integers({value}), ops::scalar(0), 1); }

std::string readError(const Tensor& t) {
  return messageOf([&] { valuesOf<float>(t); });
}
constexpr auto kOutOfRange = "indexSelect: index 9 is out of range for size 2";

}  // namespace

TEST(enqueue_notes_the_last_of_several_writers) {
  Fixture f;
  Tensor stale = ops::full({64}, 1e9, DType::int64);
  f.context.stream.drain();
  const Tensor parts[] = {integers(std::vector<int64_t>(32)), integers(std::vector<int64_t>(32))};
  stale = Tensor();  // its block, full of what is no index, serves next
  const Tensor index = ops::cat({parts[0], parts[1]}, 0);
  CHECK(index.impl()->storage->lastWrite == f.context.stream.enqueued());
  f.context.stream.drainTo(f.context.stream.enqueued() - 1);
  CHECK(!isMaterialised(index));
  CHECK(valuesOf<float>(ops::indexSelect(floats({5, 6}), 0, index)) == std::vector<float>(64, 5));
  const Tensor logits = ops::full({64, 3}, 0, DType::float32);
  CHECK(messageOf([&] { ops::crossEntropy(logits, index, {}, -100, ops::mean_, 0); }).empty());
}

TEST(enqueue_shows_no_result_of_a_failed_task) {
  Fixture f;
  const Tensor x = floats({1, 2}), good = ops::add(x, x, 1);
  const Tensor bad = ops::indexSelect(x, 0, lateIndex(9));
  const Tensor later = ops::add(ops::exp(bad), x, 1), joined = ops::cat({x, bad}, 0), after = ops::cat({bad, x}, 0);
  for (int i = 0; i < 2; i++)
    for (const Tensor& t : {later, joined, bad, after}) CHECK(readError(t) == kOutOfRange);
  // Told once, it is not told again for what does not depend on it.
  CHECK(valuesOf<float>(good) == (std::vector<float>{2, 4}));
}

TEST(enqueue_tells_every_tensor_its_own_failure) {
  Fixture f;
  const Tensor x = floats({1, 2});
  const Tensor a = ops::indexSelect(x, 0, lateIndex(9)), b = ops::indexSelect(x, 0, lateIndex(7));
  CHECK(readError(b) == "indexSelect: index 7 is out of range for size 2");
  CHECK(readError(x) == kOutOfRange);  // nobody had been told
  CHECK(readError(x).empty());
  CHECK(readError(a) == kOutOfRange);
}

TEST(enqueue_forgets_a_failure_that_was_overwritten) {
  Fixture f;
  Tensor bad = ops::indexSelect(floats({1, 2}), 0, lateIndex(9));
  CHECK(readError(bad) == kOutOfRange);
  CHECK(!isMaterialised(bad));
  ops::add_(bad, ops::scalar(1), 1);
  CHECK(readError(bad) == kOutOfRange);
  ops::fill_(bad, 3);
  CHECK(valuesOf<float>(bad) == std::vector<float>{3});
  // Neither does the next user of a block inherit one.
  bad = ops::indexSelect(floats({1, 2}), 0, lateIndex(9));
  CHECK(readError(bad) == kOutOfRange);
  bad = Tensor();
  CHECK(readError(ops::empty({1}, DType::float32)).empty());
  CHECK(readError(floats({1})).empty());
}

TEST(indexSelect_gradient_checks_the_index_itself) {
  Fixture f;
  const Tensor x = floats({1, 2});
  x.impl()->requiresGrad = true;
  backward({ops::sum(ops::indexSelect(x, 0, lateIndex(50'000'000)), {}, false)}, {Tensor()}, false);
  CHECK(readError(Tensor(x.impl()->grad)) == "indexSelect: index 50000000 is out of range for size 2");
}

TEST(crossEntropy_gradient_is_not_computed_from_a_bad_class) {
  Fixture f;
  const Tensor x = tensorOf<float>({1, 2}, DType::float32, {1, 2});
  x.impl()->requiresGrad = true;
  backward({ops::crossEntropy(x, lateIndex(50'000'000), {}, -100, ops::mean_, 0)}, {Tensor()}, false);
  CHECK(readError(Tensor(x.impl()->grad)) ==
        "crossEntropy: target 50000000 at position 0 is out of range for 2 classes");
}

TEST(running_statistics_outlive_a_failed_batch) {
  Fixture f;
  const Tensor x = ops::indexSelect(tensorOf<float>({2, 1}, DType::float32, {1, 2}), 0, lateIndex(9));
  const Tensor batch = ops::cat({x, x}, 0), mean = ops::full({1}, 5, DType::float32),
               var = ops::full({1}, 6, DType::float32);
  const Tensor y = ops::batchNorm(batch, {}, {}, mean, var, true, 0.1, 1e-5);
  CHECK(readError(y) == kOutOfRange);
  CHECK(valuesOf<float>(mean) == std::vector<float>{5});
  CHECK(valuesOf<float>(var) == std::vector<float>{6});
}

TEST(a_step_whose_gradient_failed_leaves_the_parameter_good) {
  Fixture f;
  const Tensor x = floats({1, 2});
  x.impl()->requiresGrad = true;
  backward({ops::sum(ops::indexSelect(x, 0, lateIndex(9)), {}, false)}, {Tensor()}, false);
  ops::sgd({x}, {}, 0.1, 0, 0, 0, false, false, true);
  CHECK(readError(Tensor(x.impl()->grad)) == kOutOfRange);
  readError(floats({1}));  // the forward's own failure
  CHECK(valuesOf<float>(x) == (std::vector<float>{1, 2}));
}
