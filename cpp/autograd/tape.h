// Reverse-mode automatic differentiation: ops record a node with a closure, backward walks the nodes in the reverse
// order of making.
#pragma once
#include <functional>
#include <memory>
#include <span>

#include "core/context.h"
#include "core/tensor.h"

namespace cresset {

// Where an op's closure puts the gradients of its inputs.
class Gradients {
 public:
  virtual bool needs(int input) const = 0;
  virtual void add(int input, Tensor gradient) = 0;

 protected:
  ~Gradients() = default;
};

using Backward = std::function<void(const Tensor& dy, Gradients& to)>;

// What a node's input came from: another node, or a leaf that collects its gradient; neither if it needs none.
struct Edge {
  Node* node = nullptr;  // owned reference
  Tensor leaf;
};

struct Node {
  const char* op;
  uint64_t sequence;
  Backward backward;  // empty once the graph was freed
  Dims shape;         // of the output, and so of its gradient
  DType dtype;
  bool freed = false;
  std::vector<Edge> inputs;
  Hooks hooks;                         // on the gradient of the node's output; gone once the graph was freed
  std::vector<TensorImpl*> retainers;  // outputs whose .grad is kept; cleared when they die
  int references = 0;
  Node* next = nullptr;  // of those that wait to be freed
};

// A tensor kept for backward: the bytes without the history, and a check that nobody has overwritten them.
class Saved {
 public:
  Saved() = default;
  explicit Saved(const Tensor& x);
  Tensor get(const char* op) const;  // throws Error(autograd) if an in-place op has changed it
  bool defined() const { return tensor_.defined(); }

 private:
  Tensor tensor_;
  uint32_t version_ = 0;
};

bool gradEnabled();
// The node that made x; nullptr for leaves. A view whose base was changed in place first takes on the base's new
// history.
Node* gradFnOf(const Tensor& x);
// Whether an op over these inputs has to be recorded.
bool needsGrad(std::initializer_list<const Tensor*> inputs);
bool needsGrad(std::span<const Tensor> inputs);

// Records `y = op(inputs)` if any input needs a gradient; returns y.
Tensor record(const char* op, Tensor y, std::span<const Tensor> inputs, Backward backward);
inline Tensor record(const char* op, Tensor y, std::initializer_list<Tensor> inputs, Backward backward) {
  return record(op, std::move(y), std::span(inputs.begin(), inputs.size()), std::move(backward));
}
// An op without gradient: backward through it throws.
Tensor notDifferentiable(const char* op, Tensor y, const Tensors& inputs);
// For in-place ops: checks that `x` may be overwritten, then bumps its version.
void beforeInPlace(const char* op, const Tensor& x);
// Gives `x`, and the tensor that it is a view of, the history of the in-place op that just changed it. `inputs` start
// with x as it was.
Tensor recordInPlace(const char* op, Tensor x, const Tensors& inputs, Backward backward);

// Adds up gradients into the leaves; without gradients the roots must have one element.
void backward(const Tensors& roots, const Tensors& gradients, bool retainGraph);
// The gradients of `outputs` with respect to `inputs` alone; undefined where unused (an error unless allowed).
Tensors gradients(const Tensors& outputs, const Tensors& inputs, const Tensors& gradients, bool retainGraph,
                  bool allowUnused);

// Keeps the gradient of a non-leaf in its .grad.
void retainGrad(const Tensor& x);
// The number of the hook, which stays on the node or leaf that x has now.
int64_t addHook(const Tensor& x, Hooks::Function hook);
// Nothing happens if the hook is gone already.
void removeHook(int64_t id);

// The ops by which the tape makes, adds, converts and copies gradients; cpp/ops defines them, so that no arrow points
// up.
struct Arithmetic {
  Tensor (*full)(Dims shape, double value, DType dtype);
  Tensor (*add)(Tensor x, Tensor y, double alpha);
  Tensor (*addInPlace)(Tensor x, Tensor y, double alpha);
  Tensor (*to)(Tensor x, DType dtype);
  Tensor (*clone)(Tensor x);
  Tensor (*copyInPlace)(Tensor x, Tensor source);
  Tensor (*sum)(Tensor x, Dims dims, bool keepdim);
};
extern const Arithmetic arithmetic;

// While one lives, nothing is recorded.
class NoGrad {
 public:
  NoGrad() : saved_(context().gradMode) { context().gradMode = GradMode::noGrad; }
  ~NoGrad() { context().gradMode = saved_; }
  NoGrad(const NoGrad&) = delete;

 private:
  GradMode saved_;
};

}  // namespace cresset
