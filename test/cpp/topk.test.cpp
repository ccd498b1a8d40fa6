// The largest elements, gathering and counting, against plain loops over shapes that threads share and that are empty.
#include <algorithm>
#include <array>
#include <random>

#include "fixture.h"
#include "test.h"

using namespace cresset;

namespace {

std::vector<float> randomValues(int64_t n, uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<float> v(static_cast<size_t>(n));
  for (float& x : v) x = static_cast<float>(random() % 1000);  // with ties
  return v;
}

}  // namespace

TEST(topk_finds_the_values_that_sorting_finds) {
  Fixture f;
  for (const auto& [rows, n, k] : std::vector<std::array<int64_t, 3>>{
           {1, 1, 1}, {3, 0, 0}, {0, 3, 2}, {5, 7, 0}, {5, 7, 7}, {300, 65, 1}, {300, 64, 3}, {2, 9000, 100}}) {
    const std::vector<float> v = randomValues(rows * n, 1);
    const Tensor x = tensorOf<float>({rows, n}, DType::float32, v);
    for (const bool largest : {false, true})
      for (const bool acrossRows : {false, true}) {
        const Tensor at = acrossRows ? ops::transpose(x, 0, 1) : x;
        const int64_t dim = acrossRows ? 0 : 1;
        const Tensor best = ops::gather(at, dim, ops::topkIndices(at, k, dim, largest, true));
        const std::vector<float> found = valuesOf<float>(acrossRows ? ops::transpose(best, 0, 1) : best);
        CHECK(static_cast<int64_t>(found.size()) == rows * k);
        for (int64_t r = 0; r < rows; r++) {
          std::vector<float> row(v.begin() + r * n, v.begin() + (r + 1) * n);
          std::sort(row.begin(), row.end(), [&](float a, float b) { return largest ? a > b : a < b; });
          CHECK(std::equal(row.begin(), row.begin() + k, found.begin() + r * k));
        }
      }
  }
}

TEST(gather_sends_the_gradient_to_the_elements_it_picked) {
  Fixture f;
  const int64_t rows = 400, n = 90, k = 130;
  std::mt19937 random(2);
  std::vector<int64_t> index(static_cast<size_t>(rows * k));
  for (int64_t& i : index) i = static_cast<int64_t>(random() % n);
  Tensor x = tensorOf<float>({rows + 3, n}, DType::float32, randomValues((rows + 3) * n, 3));
  x.impl()->requiresGrad = true;
  const Tensor y = ops::gather(x, 1, tensorOf<int64_t>({rows, k}, DType::int64, index));
  backward({y}, {ops::full({rows, k}, 1, DType::float32)}, false);
  std::vector<float> expected(static_cast<size_t>((rows + 3) * n));
  for (int64_t i = 0; i < rows * k; i++) expected[static_cast<size_t>(i / k * n + index[static_cast<size_t>(i)])]++;
  CHECK(valuesOf<float>(Tensor(x.impl()->grad)) == expected);
}

TEST(gather_and_metrics_check_what_the_stream_computes) {
  Fixture f;
  const Tensor late = ops::add(tensorOf<int32_t>({2, 1}, DType::int32, {0, 8}), ops::scalar(1), 1);
  const Tensor x = ops::full({2, 3}, 0, DType::float32), flat = ops::reshape(late, {2});
  CHECK(messageOf([&] { valuesOf<float>(ops::gather(x, 1, late)); }) == "gather: index 9 is out of range for size 3");
  CHECK(messageOf([&] { valuesOf<int64_t>(ops::accuracy(late, flat, 3)); }) ==
        "accuracy: target 9 at position 1 is out of range for 3 classes");
  CHECK(messageOf([&] { valuesOf<int64_t>(ops::confusionMatrix(flat, flat, 3)); }) ==
        "confusionMatrix: output 9 at position 1 is out of range for 3 classes");
}

TEST(metrics_count) {
  Fixture f;
  const Tensor best = tensorOf<uint8_t>({3, 2}, DType::uint8, {0, 1, 2, 1, 1, 0});
  const Tensor target = tensorOf<int32_t>({3}, DType::int32, {1, 2, 2});
  CHECK(valuesOf<int64_t>(ops::accuracy(best, target, 3)) == (std::vector<int64_t>{1, 2}));
  CHECK(valuesOf<int64_t>(ops::confusionMatrix(ops::select(best, 1, 0), target, 3)) ==
        (std::vector<int64_t>{0, 0, 0, 1, 0, 0, 0, 1, 1}));
}
