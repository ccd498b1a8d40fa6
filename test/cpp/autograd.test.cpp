// The tape: gradients flow, graphs are freed, long chains do not recurse, overwritten values are noticed.
#include "fixture.h"
#include "test.h"

using namespace cresset;

static Tensor leaf(const std::vector<float>& values) {
  Tensor t = tensorOf<float>({static_cast<int64_t>(values.size())}, DType::float32, values);
  t.impl()->requiresGrad = true;
  return t;
}

TEST(backward_accumulates_into_leaves) {
  Fixture f;
  const Tensor x = leaf({1, 2, 3});
  for (int round = 1; round <= 2; round++) {
    backward({ops::sum(ops::mul(x, x), {}, false)}, {}, false);
    const auto g = valuesOf<float>(Tensor(x.impl()->grad));
    for (size_t i = 0; i < 3; i++) CHECK(g[i] == static_cast<float>(round) * 2 * static_cast<float>(i + 1));
  }
}

TEST(backward_frees_the_graph) {
  Fixture f;
  const Tensor x = leaf({1, 2});
  const Tensor y = ops::sum(ops::exp(x), {}, false);
  backward({y}, {}, false);
  bool thrown = false;
  try {
    backward({y}, {}, false);
  } catch (const Error& error) {
    thrown = error.kind == ErrorKind::autograd;
  }
  CHECK(thrown);
}

TEST(a_chain_of_many_nodes_is_walked_and_freed) {
  Fixture f;
  const Tensor x = leaf({1});
  Tensor y = x;
  for (int i = 0; i < 200'000; i++) y = ops::add(y, x, 1);
  backward({y}, {}, false);
  CHECK(valuesOf<float>(Tensor(x.impl()->grad))[0] == 200'001);
}

TEST(overwritten_saved_values_are_noticed) {
  Fixture f;
  const Tensor x = leaf({1, 2});
  const Tensor y = ops::mul(x, ops::scalar(2)), z = ops::mul(y, y);
  ops::add_(y, ops::scalar(1), 1);
  bool thrown = false;
  try {
    backward({ops::sum(z, {}, false)}, {}, false);
  } catch (const Error& error) {
    thrown = error.kind == ErrorKind::autograd;
  }
  CHECK(thrown);
}

TEST(memory_returns_to_the_allocator) {
  Fixture f;
  for (int i = 0; i < 100; i++) {
    const Tensor x = leaf(std::vector<float>(1000, 1.0f));
    backward({ops::sum(ops::tanh(ops::mul(x, x)), {}, false)}, {}, false);
  }
  CHECK(f.context.allocator.counters().live == 0);
}

TEST(in_place_ops_on_views_reach_the_base_and_its_other_views) {
  Fixture f;
  const Tensor x = leaf({1, 2, 3, 4}), y = ops::mul(x, ops::scalar(3));
  const Tensor other = ops::view(y, {2, 2});
  ops::mul_(ops::narrow(y, 0, 1, 2), ops::scalar(10));
  backward({ops::sum(ops::add(ops::sum(other, {}, false), ops::sum(y, {}, false), 1), {}, false)}, {}, false);
  CHECK((valuesOf<float>(Tensor(x.impl()->grad)) == std::vector<float>{6, 60, 60, 6}));
}
