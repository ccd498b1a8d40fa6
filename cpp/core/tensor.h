// What a tensor is: a strided view of a shared storage. All of this lives on the environment's thread; only the bytes
// are touched by tasks.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "core/allocator.h"
#include "core/dims.h"
#include "core/dtype.h"
#include "core/error.h"

namespace cresset {

struct Context;

// Intrusive, single-threaded reference counting.
template <class T> class Ref {
 public:
  Ref() = default;
  explicit Ref(T* p) : p_(p) {
    if (p_) p_->references++;
  }
  Ref(const Ref& other) : Ref(other.p_) {}
  Ref(Ref&& other) noexcept : p_(other.p_) { other.p_ = nullptr; }
  ~Ref() { reset(); }
  Ref& operator=(Ref other) noexcept {
    std::swap(p_, other.p_);
    return *this;
  }
  void reset() {
    T* p = p_;
    p_ = nullptr;
    if (p && --p->references == 0) delete p;
  }
  T* get() const { return p_; }
  T* operator->() const { return p_; }
  T& operator*() const { return *p_; }
  explicit operator bool() const { return p_ != nullptr; }
  bool operator==(const Ref& other) const { return p_ == other.p_; }

 private:
  T* p_ = nullptr;
};

// Bytes in the environment's allocator, shared by views.
struct Storage {
  Storage(Context& context, Block* block, int64_t bytes) : context(context), block(block), bytes(bytes) {}
  ~Storage();
  Context& context;
  Block* block;
  int64_t bytes;              // asked for
  uint64_t lastWrite = 0;     // task that last writes it; 0: none does
  uint32_t version = 0;       // bumped by in-place ops
  bool channelsLast = false;  // laid out so by the library: in PyTorch its tensors are contiguous
  int references = 0;
};

class Tensor;

// Functions on the gradient of one node or leaf, in the order of their adding; an undefined result leaves the gradient
// as it is. (autograd/hooks.cpp)
class Hooks {
 public:
  using Function = std::function<Tensor(const Tensor&)>;
  Hooks() = default;
  Hooks(const Hooks&) = delete;
  ~Hooks() { clear(); }
  int64_t add(Function hook);  // its number, unique in the context
  void remove(int64_t id);
  void clear();
  // The gradient after all functions; throws if one changes its shape or dtype.
  Tensor run(Tensor gradient) const;

 private:
  std::vector<std::pair<int64_t, Function>> list_;
};

struct Node;  // autograd/tape.h
void retain(Node* node);
void release(Node* node);

struct PackedWeight;  // ops/conv2d.cpp

struct TensorImpl {
  ~TensorImpl();
  Ref<Storage> storage;
  Dims shape, strides;
  int64_t offset = 0;  // elements
  DType dtype = DType::float32;
  bool requiresGrad = false;   // of a leaf
  bool wrappedNumber = false;  // a JavaScript number: yields to tensors in type promotion
  bool retainsGrad = false;
  // Of a view: the tensor whose memory it shows and whose history it shares. An in-place op on either moves `history`
  // of the base on; the view's own says which it has seen.
  Ref<TensorImpl> base;
  uint32_t history = 0;
  bool viewWithoutGrad = false;  // made while nothing was recorded, so that in-place ops cannot be
  int references = 0;
  int64_t handle = 0;      // in the binding's table; 0: unknown to JavaScript
  Node* gradFn = nullptr;  // owned reference
  Ref<TensorImpl> grad;
  std::unique_ptr<Hooks> hooks;          // of a leaf; a node has its own
  std::shared_ptr<PackedWeight> packed;  // of a weight: as its convolution last read it
};

class Tensor {
 public:
  Tensor() = default;
  explicit Tensor(TensorImpl* impl) : impl_(impl) {}
  explicit Tensor(Ref<TensorImpl> impl) : impl_(std::move(impl)) {}

  bool defined() const { return static_cast<bool>(impl_); }
  TensorImpl* impl() const { return impl_.get(); }
  const Ref<TensorImpl>& ref() const { return impl_; }
  const Dims& shape() const { return impl_->shape; }
  const Dims& strides() const { return impl_->strides; }
  int64_t size(int d) const { return impl_->shape[d]; }
  int dim() const { return impl_->shape.size(); }
  int64_t numel() const { return product(impl_->shape); }
  DType dtype() const { return impl_->dtype; }
  bool isContiguous() const;
  bool isChannelsLast() const;  // 4-d, dense, and its memory is [n, h, w, c]
  bool isDense() const;         // every element has its own place and none lies between them
  // The first element. Only tasks and synchronised host code may look behind it.
  void* raw() const { return static_cast<char*>(impl_->storage->block->data) + impl_->offset * sizeOf(impl_->dtype); }
  template <class T> T* data() const { return static_cast<T*>(raw()); }
  bool requiresGrad() const {
    return impl_->requiresGrad || impl_->gradFn != nullptr || (impl_->base && impl_->base->history != impl_->history);
  }
  // Nobody but this handle knows the tensor or its storage (the table of JavaScript's handles counts as a reference):
  // it may be overwritten.
  bool unique() const { return impl_->references == 1 && impl_->storage->references == 1; }

 private:
  Ref<TensorImpl> impl_;
};

using Tensors = std::vector<Tensor>;

// An optional tensor argument.
struct Optional : Tensor {
  using Tensor::Tensor;
  Optional() = default;
  Optional(Tensor t) : Tensor(std::move(t)) {}  // NOLINT: an argument converts
};

struct Size2 {
  int64_t h, w;
};

// Uninitialised memory for the stream to write. Throws on sizes that do not fit.
Tensor makeTensor(const Dims& shape, DType dtype);
Tensor makeTensor(const Dims& shape, const Dims& strides, DType dtype);  // dense strides
// Memory that the host writes right away.
Tensor makeHostTensor(const Dims& shape, DType dtype);
// A tensor over the same storage, without history.
Tensor alias(const Tensor& x);
Tensor asStrided(const Tensor& x, const Dims& shape, const Dims& strides, int64_t offset);

// The dimension `dim` counts from the end if negative; throws outside [-ndim, ndim).
int wrapDim(const char* op, int64_t dim, int ndim);

}  // namespace cresset
