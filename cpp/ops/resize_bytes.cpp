// Resizing of pictures of bytes in whole numbers, as PIL does it: columns first, then rows, each rounded to bytes.
#include <algorithm>

#include "core/thread_pool.h"
#include "ops/ops.h"
#include "ops/taps.h"

namespace cresset::ops {
namespace {

// Taps in memory that tasks may read, with weights in steps of 2^-22.
struct WholeTaps {
  Tensor places, weight;
  const int64_t *first, *offset;
  const int32_t* weights;

  explicit WholeTaps(const TapTable& table) {
    const auto n = static_cast<int64_t>(table.first.size()), count = static_cast<int64_t>(table.weight.size());
    places = makeHostTensor({2 * n + 1}, DType::int64);
    weight = makeHostTensor({count}, DType::int32);
    std::copy_n(table.first.data(), n, places.data<int64_t>());
    std::copy_n(table.offset.data(), n + 1, places.data<int64_t>() + n);
    for (int64_t i = 0; i < count; i++) {
      const double scaled = table.weight[i] * (1 << 22);
      weight.data<int32_t>()[i] = static_cast<int32_t>(scaled < 0 ? scaled - 0.5 : scaled + 0.5);
    }
    first = places.data<int64_t>(), offset = first + n, weights = weight.data<int32_t>();
  }
};

}  // namespace

Tensor resizeBytes(Tensor input, Size2 size, int64_t filter) {
  if (input.dtype() != DType::uint8) dtypeError("resizeBytes: expected uint8, got ", nameOf(input.dtype()));
  if (input.dim() != 3) shapeError("resizeBytes: input must have shape [h, w, c], got ", toString(input.shape()));
  if (filter < bilinear || filter > hamming) argumentError("resizeBytes: there is no filter ", filter);
  const int64_t h = input.size(0), w = input.size(1), c = input.size(2);
  if (h < 1 || w < 1 || size.h < 1 || size.w < 1)
    shapeError("resizeBytes: input and output sizes must be greater than 0, got ", h, "x", w, " and ", size.h, "x",
               size.w);
  const Tensor x = contiguous(input);
  // The columns' result lives between the two passes; a side that stays is not touched.
  const Tensor middle = size.w == w ? x : makeTensor({h, size.w, c}, DType::uint8);
  const Tensor y = size.h == h ? middle : makeTensor({size.h, size.w, c}, DType::uint8);
  if (c == 0) return y;
  const auto axis = [&](int64_t in, int64_t out) {
    return tapsOf({in, out, static_cast<Mode>(filter), false, true, 0});
  };
  const int64_t row = w * c, outRow = size.w * c;
  if (size.w != w) {
    const TapTable table = axis(w, size.w);
    const WholeTaps taps(table);
    const int64_t work = static_cast<int64_t>(table.weight.size()) * c;
    enqueue("resizeBytes", 200 + 0.5 * static_cast<double>(work * h), {&x, &taps.places, &taps.weight}, {&middle},
            [=, first = taps.first, offset = taps.offset, weights = taps.weights, from = x.data<uint8_t>(),
             to = middle.data<uint8_t>()] {
              parallelSpans(h, std::max<int64_t>(1, kGrain / work), [&](int64_t begin, int64_t end) {
                for (int64_t i = begin; i < end; i++)
                  kernels().bytes.mixBytePlaces(c, size.w, first, offset, weights, from + i * row, to + i * outRow);
              });
            });
  }
  if (size.h != h) {
    const TapTable table = axis(h, size.h);
    const WholeTaps taps(table);
    const int64_t work = (static_cast<int64_t>(table.weight.size()) / size.h + 1) * outRow;
    enqueue("resizeBytes", 200 + 0.1 * static_cast<double>(work * size.h), {&middle, &taps.places, &taps.weight}, {&y},
            [=, first = taps.first, offset = taps.offset, weights = taps.weights, from = middle.data<uint8_t>(),
             to = y.data<uint8_t>()] {
              parallelSpans(size.h, std::max<int64_t>(1, kGrain / work), [&](int64_t begin, int64_t end) {
                for (int64_t i = begin; i < end; i++)
                  kernels().bytes.mixByteRows(outRow, offset[i + 1] - offset[i], weights + offset[i],
                                              from + first[i] * outRow, to + i * outRow);
              });
            });
  }
  return y;
}

}  // namespace cresset::ops
