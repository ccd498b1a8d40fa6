// The tape: gradients flow, graphs are freed, long chains do not recurse, overwritten values are noticed.
#include "fixture.h"
#include "test.h"

using namespace cresset;

static Tensor leaf(const std::vector<float>& values) {
  Tensor t = tensorOf<float>({static_cast<int64_t>(values.size())}, DType::float32, values);
  t.impl()->requiresGrad = true;
  return t;
}

static Tensor total(const Tensor& x) { return ops::sum(x, {}, false); }
static Tensor gradOf(const Tensor& x) { return Tensor(x.impl()->grad); }

template <class F> static bool fails(ErrorKind kind, F body) {
  try {
    body();
  } catch (const Error& error) {
    return error.kind == kind;
  }
  return false;
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

TEST(gradients_that_are_expanded_views_add_up) {
  Fixture f;
  const Tensor x = leaf({1, 2, 4, 8});
  const Tensor y = ops::mul(x, ops::scalar(1));
  // The walk meets the mean first, whose gradient repeats one number in memory.
  const Tensor squares = total(ops::square(y)), mean = ops::mean(y, {}, false);
  backward({ops::add(squares, mean, 1)}, {}, false);
  CHECK((valuesOf<float>(gradOf(x)) == std::vector<float>{2.25, 4.25, 8.25, 16.25}));
}

TEST(a_leaf_takes_over_a_gradient_that_nobody_else_knows) {
  Fixture f;
  const int64_t n = 1 << 20, bytes = n * 4;
  const Tensor x = leaf(std::vector<float>(n, 1.0f));
  Tensor loss = total(ops::mul(x, ops::scalar(2)));
  const int64_t before = f.context.allocator.counters().live;
  f.context.allocator.resetPeak();
  backward({loss}, {}, false);
  CHECK(f.context.allocator.counters().peak - before < bytes + 4096);
}

TEST(a_gradient_is_laid_out_as_its_leaf) {
  Fixture f;
  const Tensor x = tensorOf<float>({2, 3}, DType::float32, {1, 2, 3, 4, 5, 6});
  x.impl()->requiresGrad = true;
  const Tensor factor = tensorOf<float>({3, 2}, DType::float32, {1, 2, 3, 4, 5, 6});
  backward({total(ops::mul(ops::transpose(x, 0, 1), factor))}, {}, false);
  CHECK(gradOf(x).isContiguous());
  CHECK((valuesOf<float>(gradOf(x)) == std::vector<float>{1, 3, 5, 2, 4, 6}));
}

TEST(gradients_leave_the_graph_below_their_inputs_alone) {
  Fixture f;
  const Tensor x = leaf({1, 2}), other = leaf({3, 4}), h = ops::mul(x, x);
  int below = 0;
  const Tensor side =
      record("side", ops::mul(other, ops::scalar(1)), {other}, [&](const Tensor&, Gradients&) { below++; });
  const Tensors dh = gradients({total(ops::mul(ops::square(h), side))}, {h}, {}, false, false);
  CHECK((valuesOf<float>(dh[0]) == std::vector<float>{6, 32}));
  CHECK(below == 0);
  backward({total(h)}, {}, false);
  CHECK((valuesOf<float>(gradOf(x)) == std::vector<float>{2, 4}));
}

TEST(gradients_of_a_tensor_and_of_what_it_was_made_of) {
  Fixture f;
  const Tensor x = leaf({3}), h = ops::mul(x, x), y = ops::mul(h, h);
  const Tensors d = gradients({y}, {h, x, h, y}, {}, false, false);
  const float expected[] = {18, 108, 18, 1};
  for (size_t i = 0; i < 4; i++) CHECK(valuesOf<float>(d[i])[0] == expected[i]);
}

TEST(gradients_of_another_shape_or_dtype_are_refused) {
  Fixture f;
  const Tensor x = leaf({1, 2});
  const auto run = [&](const Tensor& input, Dims shape, DType dtype) {
    const Tensor y = record("wrong", ops::clone(alias(input)), {input},
                            [=](const Tensor&, Gradients& to) { to.add(0, ops::full(shape, 1, dtype)); });
    backward({total(y)}, {}, false);
  };
  for (const Tensor& input : {x, ops::exp(x)}) {
    CHECK(fails(ErrorKind::dtype, [&] { run(input, {2}, DType::float64); }));
    CHECK(fails(ErrorKind::shape, [&] { run(input, {1}, DType::float32); }));
  }
  CHECK(!gradOf(x).defined());
}

TEST(hooks_may_not_change_shape_or_dtype) {
  Fixture f;
  const Tensor x = leaf({1, 2});
  for (const bool inner : {true, false}) {
    const Tensor y = inner ? ops::exp(x) : x;
    const int64_t dtype = addHook(y, [](const Tensor& g) { return ops::to(g, DType::float64); });
    CHECK(fails(ErrorKind::dtype, [&] { backward({total(y)}, {}, true); }));
    removeHook(dtype);
    const int64_t shape = addHook(y, [](const Tensor& g) { return ops::unsqueeze(g, 0); });
    CHECK(fails(ErrorKind::shape, [&] { backward({total(y)}, {}, true); }));
    removeHook(shape);
  }
  CHECK(!gradOf(x).defined());
}

TEST(a_hook_that_throws_leaves_all_leaves_as_they_were) {
  Fixture f;
  const Tensor x = leaf({1}), y = leaf({2});
  addHook(y, [](const Tensor&) -> Tensor { argumentError("from a hook"); });
  CHECK(fails(ErrorKind::argument, [&] { backward({ops::mul(x, y)}, {}, false); }));
  CHECK(!gradOf(x).defined());
}

TEST(a_hook_is_removed_where_it_was_added_and_no_other) {
  Fixture f;
  const Tensor x = leaf({1});
  std::string ran;
  const auto hook = [&](char name) {
    return [&ran, name](const Tensor&) {
      ran += name;
      return Tensor();
    };
  };
  const int64_t a = addHook(x, hook('a'));
  removeHook(a);
  addHook(x, hook('b'));
  removeHook(a);
  const Tensor y = ops::mul(x, ops::scalar(1));
  const int64_t c = addHook(y, hook('c'));
  ops::mul_(y, ops::scalar(2));  // y has another node now
  addHook(y, hook('d'));
  removeHook(c);
  backward({y}, {}, false);
  CHECK(ran == "db");
}

TEST(hooks_go_with_the_freed_graph) {
  Fixture f;
  const Tensor x = leaf({1}), y = ops::exp(x);
  const auto held = std::make_shared<int>(0);
  const int64_t id = addHook(y, [held](const Tensor&) { return Tensor(); });
  backward({y}, {}, true);
  CHECK(held.use_count() == 2);
  backward({y}, {}, false);
  CHECK(held.use_count() == 1);
  CHECK(f.context.hookOwners.empty());
  removeHook(id);
}

TEST(hooks_cannot_turn_recording_on_for_the_walk) {
  Fixture f;
  const Tensor x = leaf({1, 2}), factor = leaf({3, 3}), y = ops::mul(x, factor);
  addHook(y, [&](const Tensor&) {
    f.context.gradMode = GradMode::grad;
    return ops::mul(factor, factor);
  });
  backward({total(y)}, {}, false);
  CHECK(!gradOf(x).requiresGrad());
  CHECK((valuesOf<float>(gradOf(x)) == std::vector<float>{27, 27}));
}

TEST(retained_gradients_are_copies_that_add_up) {
  Fixture f;
  const Tensor x = leaf({1, 2}), y = ops::mul(x, ops::scalar(2)), seed = tensorOf<float>({2}, DType::float32, {5, 6});
  retainGrad(y);
  backward({y}, {seed}, true);
  const Tensor first = gradOf(y);
  CHECK(first.impl()->storage != seed.impl()->storage);
  backward({y}, {seed}, true);
  CHECK((valuesOf<float>(first) == std::vector<float>{5, 6}));
  CHECK((valuesOf<float>(gradOf(y)) == std::vector<float>{10, 12}));
  gradients({y}, {x}, {seed}, false, false);  // as in PyTorch
  CHECK((valuesOf<float>(gradOf(y)) == std::vector<float>{15, 18}));
}
