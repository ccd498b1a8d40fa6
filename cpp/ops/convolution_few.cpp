// Convolutions with few output channels: every tap's share of a row of pixels is a product of matrices, and the shares
// are added where they belong.
#include "ops/convolution_plan.h"

namespace cresset::convolution {

template <class T> void packForFew(const WeightView<T>& v, T* packed) {
  const Plan& p = v.p;
  for (int64_t g = 0; g < p.groups; g++)
    for (int64_t t = 0; t < v.taps; t++)
      for (int64_t o = 0; o < p.ocg(); o++)
        for (int64_t i = 0; i < p.cg(); i++) *packed++ = *v.at(g, i, o, t);
}

template <class T> void convolveFew(const Plan& p, const T* x, const T* packed, Epilogue<T> end, T* y) {
  const Kernels& table = kernels();
  const auto tile = table.floating<T>().tile;
  const auto add = table.numeric<T>().add;
  const int64_t element = sizeof(T), width = panelWidth<T>(), cg = p.cg(), ocg = p.ocg();
  const int64_t perRow = p.kw() * ocg, products = p.kh() * perRow;  // shares of a row of taps, and of all
  const int64_t rowStep = p.rowsPerChunk(1), rowChunks = (p.oh + rowStep - 1) / rowStep;
  const int64_t pitch = (p.w + width - 1) / width * width;  // columns of a row, in whole registers
  parallelFor(p.n * rowChunks, [&](int64_t chunk) {
    const int64_t n = chunk / rowChunks, row0 = chunk % rowChunks * rowStep, rows = std::min(rowStep, p.oh - row0);
    T* columns = static_cast<T*>(scratch(1, cg * pitch * element));       // an input row, [channel][column]
    T* shares = static_cast<T*>(scratch(4, products * pitch * element));  // [tap][out][column]
    T* sums = static_cast<T*>(scratch(5, rows * ocg * p.ow * element));   // [row][out][column]
    std::memset(columns, 0, static_cast<size_t>(cg * pitch * element));
    for (int64_t g = 0; g < p.groups; g++) {
      for (int64_t i = 0; i < rows * ocg; i++)
        std::fill_n(sums + i * p.ow, p.ow, end.bias ? end.bias[g * ocg + i % ocg] : T(0));
      const int64_t first = std::max<int64_t>(0, row0 - p.top);
      for (int64_t ih = first; ih < std::min(p.h, row0 + rows - 1 + p.spanH() - p.top); ih++) {
        // The rows of taps that meet this row of the input in a row of the chunk.
        const int64_t below = ih + p.top - row0, above = below - rows + 1;
        const int64_t tap0 = above > 0 ? (above + p.dilationH - 1) / p.dilationH : 0;
        const int64_t tap1 = std::min(p.kh(), below / p.dilationH + 1);
        if (tap0 >= tap1) continue;
        table.bytes.transpose(static_cast<int>(element), p.w, cg, x + (n * p.h + ih) * p.w * p.c + g * cg, p.c, columns,
                              pitch);
        const int64_t end = tap1 * perRow, step = evenPart(end - tap0 * perRow, table.tileRows), zero = 0;
        for (int64_t i = tap0 * perRow; i < end; i += step)
          for (int64_t j = 0; j < p.w; j += width)
            tile({std::min(step, end - i), width, cg, 1, &zero, cg, 1, pitch, 0, pitch, false},
                 packed + (g * products + i) * cg, columns + j, nullptr, shares + i * pitch + j);
        for (int64_t i = tap0 * perRow; i < end; i++) {
          const int64_t row = below - i / perRow * p.dilationH;
          const int64_t shift = i % perRow / ocg * p.dilationW - p.left;  // the input's column less the output's
          const int64_t begin = std::max<int64_t>(0, -shift), count = std::min(p.ow, p.w - shift) - begin;
          T* sum = sums + (row * ocg + i % ocg) * p.ow + begin;
          if (count > 0) add(count, sum, 1, shares + i * pitch + begin + shift, 1, sum, 1);
        }
      }
      if (end.relu)
        for (int64_t i = 0; i < rows * ocg * p.ow; i++) sums[i] = sums[i] < 0 ? T(0) : sums[i];
      for (int64_t row = 0; row < rows; row++)
        table.bytes.transpose(static_cast<int>(element), ocg, p.ow, sums + row * ocg * p.ow, p.ow,
                              y + p.outOffset + n * p.outSample + (row0 + row) * p.outRow + g * ocg, p.outCol);
    }
  });
}

#define INSTANTIATE(T)                                \
  template void packForFew(const WeightView<T>&, T*); \
  template void convolveFew(const Plan&, const T*, const T*, Epilogue<T>, T*);
INSTANTIATE(float)
INSTANTIATE(double)

}  // namespace cresset::convolution
