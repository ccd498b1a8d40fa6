// Making tensors, and the life of their storage.
#include "core/tensor.h"

#include "core/context.h"

namespace cresset {
namespace {

thread_local Context* current = nullptr;

// Bytes of a shape, with every overflow refused.
int64_t bytesOf(const Dims& shape, DType dtype) {
  int64_t bytes = sizeOf(dtype);
  bool zero = false;
  for (int64_t s : shape) {
    if (s < 0) shapeError("a tensor cannot have the negative size ", s, " in shape ", toString(shape));
    zero |= s == 0;
  }
  if (zero) return 0;
  for (int64_t s : shape)
    if (__builtin_mul_overflow(bytes, s, &bytes))
      fail(ErrorKind::memory, "out of memory: a tensor of shape ", toString(shape), " does not fit");
  return bytes;
}

Tensor make(const Dims& shape, const Dims& strides, DType dtype, bool forHost) {
  const int64_t bytes = bytesOf(shape, dtype);
  Context& c = context();
  if (c.beforeAllocate) c.beforeAllocate(c.owner, bytes);
  Block* block = forHost ? c.allocator.allocateForHost(bytes) : c.allocator.allocate(bytes);
  auto* impl = new TensorImpl;
  impl->storage = Ref<Storage>(new Storage(c, block, bytes));
  impl->shape = shape;
  impl->strides = strides;
  impl->dtype = dtype;
  return Tensor(impl);
}

}  // namespace

Context& context() { return *current; }
void setContext(Context* c) { current = c; }

Storage::~Storage() { context.allocator.release(block); }

bool Tensor::isContiguous() const {
  int64_t step = 1;
  for (int i = dim() - 1; i >= 0; i--) {
    if (shape()[i] == 0) return true;
    if (shape()[i] == 1) continue;
    if (strides()[i] != step) return false;
    step *= shape()[i];
  }
  return true;
}

bool Tensor::isChannelsLast() const {
  if (dim() != 4) return false;
  const Dims expected = channelsLastStrides(shape());
  for (int i = 0; i < 4; i++)
    if (shape()[i] > 1 && strides()[i] != expected[i]) return false;
  return true;
}

bool Tensor::isDense() const {
  if (isContiguous()) return true;
  // In a dense tensor the strides, sorted, are running products of the sizes.
  Dims left = shape();
  int64_t expected = 1;
  for (int step = 0; step < dim(); step++) {
    int found = -1;
    for (int i = 0; i < dim(); i++)
      if (left[i] > 1 && strides()[i] == expected) found = i;
    if (found < 0) break;
    expected *= size(found);
    left[found] = 0;
  }
  return expected == numel();
}

Tensor makeTensor(const Dims& shape, DType dtype) { return make(shape, contiguousStrides(shape), dtype, false); }
Tensor makeTensor(const Dims& shape, const Dims& strides, DType dtype) {
  Tensor t = make(shape, strides, dtype, false);
  t.impl()->storage->channelsLast = t.isChannelsLast() && !t.isContiguous();
  return t;
}
Tensor makeHostTensor(const Dims& shape, DType dtype) { return make(shape, contiguousStrides(shape), dtype, true); }

Tensor asStrided(const Tensor& x, const Dims& shape, const Dims& strides, int64_t offset) {
  auto* impl = new TensorImpl;
  impl->storage = x.impl()->storage;
  impl->shape = shape;
  impl->strides = strides;
  impl->offset = offset;
  impl->dtype = x.dtype();
  return Tensor(impl);
}

Tensor alias(const Tensor& x) { return asStrided(x, x.shape(), x.strides(), x.impl()->offset); }

int wrapDim(const char* op, int64_t dim, int ndim) {
  const int limit = ndim == 0 ? 1 : ndim;
  if (dim < -limit || dim >= limit)
    fail(ErrorKind::range, op, ": dimension ", dim, " is out of range for ", ndim, " dimensions (expected ", -limit,
         " to ", limit - 1, ")");
  return static_cast<int>(dim < 0 ? dim + limit : dim);
}

}  // namespace cresset
