// Walking the tape: gradients go from the roots through the nodes, latest first, to the leaves or the wanted tensors.
#include <algorithm>
#include <unordered_map>

#include "autograd/tape.h"

namespace cresset {
namespace {

Tensor accumulate(Tensor sum, Tensor gradient) {
  if (!sum.defined()) return gradient;
  if (sum.unique() && sum.isDense()) return arithmetic.addInPlace(sum, gradient, 1);
  return arithmetic.add(sum, gradient, 1);
}

// The strides that .grad has: the tensor's own, or those of row-major order where it is a view with gaps.
Dims gradStrides(const Tensor& owner) { return owner.isDense() ? owner.strides() : contiguousStrides(owner.shape()); }

Tensor copyFor(const Tensor& owner, const Tensor& gradient) {
  return arithmetic.copyInPlace(makeTensor(owner.shape(), gradStrides(owner), owner.dtype()), gradient);
}

// The gradient itself where nobody else knows it and it lies in memory as .grad does, else a copy.
Tensor ownedBy(const Tensor& owner, Tensor gradient) {
  const Dims strides = gradStrides(owner);
  bool fits = gradient.unique();
  for (int d = 0; d < strides.size(); d++) fits &= owner.size(d) <= 1 || gradient.strides()[d] == strides[d];
  return fits ? gradient : copyFor(owner, gradient);
}

// Gradients come from closures of many ops: one of another shape or dtype would be read out of bounds further on.
void check(const char* op, const Dims& shape, DType dtype, const Tensor& gradient) {
  if (gradient.shape() != shape)
    shapeError("backward: ", op, " gives a gradient of shape ", toString(gradient.shape()), " to a tensor of shape ",
               toString(shape));
  if (gradient.dtype() != dtype)
    dtypeError("backward: ", op, " gives a gradient of dtype ", nameOf(gradient.dtype()), " to a tensor of dtype ",
               nameOf(dtype));
}

class Walk {
 public:
  // With `wanted`, only those tensors' gradients are collected; otherwise leaves accumulate into .grad.
  Walk(const char* op, bool retainGraph, const Tensors* wanted) : op_(op), retainGraph_(retainGraph), wanted_(wanted) {
    if (wanted) collected_.resize(wanted->size());
  }

  Tensors run(const Tensors& roots, Tensors seeds) {
    for (const Tensor& root : roots) collectNodes(gradFnOf(root));
    std::sort(order_.begin(), order_.end(), [](Node* a, Node* b) { return a->sequence > b->sequence; });
    for (Node* node : order_) retain(node);
    struct Release {
      std::vector<Node*>& nodes;
      ~Release() {
        for (Node* node : nodes) release(node);
      }
    } hold{order_};
    chooseNodes();
    for (size_t i = 0; i < roots.size(); i++) {
      Node* made = gradFnOf(roots[i]);
      send(op_, Edge{made, made ? Tensor() : roots[i]}, std::move(seeds[i]));
    }
    for (Node* node : order_) visit(node);
    deliver();
    return std::move(collected_);
  }

 private:
  struct State {
    Tensor dy;
    std::vector<size_t> wanted;  // which of the wanted tensors it made
    bool runs = false;           // its inputs need gradients
  };
  struct Leaf {
    Tensor tensor, gradient;
  };

  void collectNodes(Node* root) {
    if (!root) return;
    std::vector<Node*> stack{root};
    while (!stack.empty()) {
      Node* node = stack.back();
      stack.pop_back();
      if (!states_.try_emplace(node).second) continue;
      order_.push_back(node);
      for (Edge& edge : node->inputs)
        if (edge.node) stack.push_back(edge.node);
    }
  }

  // Only what leads to a wanted tensor runs, and is freed: the graph below stays for others. Inputs are older than
  // their node.
  void chooseNodes() {
    for (size_t i = 0; i < collected_.size(); i++)
      if (const auto found = states_.find(gradFnOf((*wanted_)[i])); found != states_.end())
        found->second.wanted.push_back(i);
    for (auto it = order_.rbegin(); it != order_.rend(); ++it)
      states_[*it].runs = std::any_of((*it)->inputs.begin(), (*it)->inputs.end(), [&](auto& e) { return needs(e); });
  }

  bool needs(const Edge& edge) const {
    if (edge.node) {
      const State& state = states_.at(edge.node);
      return !state.wanted.empty() || state.runs;
    }
    return edge.leaf.defined() && (!wanted_ || std::any_of(wanted_->begin(), wanted_->end(), [&](const Tensor& t) {
             return t.impl() == edge.leaf.impl();
           }));
  }

  void send(const char* op, const Edge& edge, Tensor gradient) {
    if (!needs(edge)) return;
    if (edge.node) {
      check(op, edge.node->shape, edge.node->dtype, gradient);
      Tensor& slot = states_[edge.node].dy;
      slot = accumulate(std::move(slot), std::move(gradient));
      return;
    }
    check(op, edge.leaf.shape(), edge.leaf.dtype(), gradient);
    const auto [found, isNew] = leafAt_.try_emplace(edge.leaf.impl(), leaves_.size());
    if (isNew) leaves_.push_back({edge.leaf, Tensor()});
    Tensor& slot = leaves_[found->second].gradient;
    slot = accumulate(std::move(slot), std::move(gradient));
  }

  void visit(Node* node) {
    State& state = states_[node];
    Tensor dy = std::move(state.dy);
    if (!dy.defined()) return;
    dy = node->hooks.run(std::move(dy));
    retainGradients(node, dy);
    for (size_t i : state.wanted) collected_[i] = dy;
    if (!state.runs) return;
    if (node->freed)
      fail(ErrorKind::autograd, "backward: the graph of ", node->op,
           " was freed by an earlier backward; pass retainGraph: true there to go through it again");
    struct To final : Gradients {
      Walk& walk;
      Node* node;
      To(Walk& walk, Node* node) : walk(walk), node(node) {}
      bool needs(int input) const override { return walk.needs(node->inputs[static_cast<size_t>(input)]); }
      void add(int input, Tensor gradient) override {
        walk.send(node->op, node->inputs[static_cast<size_t>(input)], std::move(gradient));
      }
    } to(*this, node);
    node->backward(dy, to);
    if (retainGraph_) return;
    node->freed = true;
    node->backward = nullptr;
    node->hooks.clear();  // what they refer to may refer to this graph
  }

  void retainGradients(Node* node, const Tensor& dy) {
    Tensors owners;  // held, as allocating may collect the last handle of one
    for (TensorImpl* impl : node->retainers) owners.emplace_back(Ref(impl));
    for (const Tensor& owner : owners) {
      Ref<TensorImpl>& grad = owner.impl()->grad;
      grad = (grad ? arithmetic.add(Tensor(grad), dy, 1) : copyFor(owner, dy)).ref();
    }
  }

  // Leaves change only when the whole walk and all hooks have succeeded.
  void deliver() {
    for (Leaf& leaf : leaves_)
      if (const auto& hooks = leaf.tensor.impl()->hooks) leaf.gradient = hooks->run(std::move(leaf.gradient));
    for (auto& [tensor, gradient] : leaves_) {
      Ref<TensorImpl>& grad = tensor.impl()->grad;
      if (wanted_) {
        for (size_t i = 0; i < wanted_->size(); i++)
          if ((*wanted_)[i].impl() == tensor.impl()) collected_[i] = gradient;
      } else if (grad) {
        arithmetic.addInPlace(Tensor(grad), gradient, 1);
      } else {
        grad = ownedBy(tensor, std::move(gradient)).ref();
      }
    }
  }

  const char* op_;
  bool retainGraph_;
  const Tensors* wanted_;
  std::unordered_map<Node*, State> states_;
  std::vector<Node*> order_;
  std::vector<Leaf> leaves_;
  std::unordered_map<TensorImpl*, size_t> leafAt_;
  Tensors collected_;
};

// What backward starts from: given gradients, or one for a single element.
Tensors seeds(const char* op, const Tensors& roots, const Tensors& given) {
  Tensors out;
  for (size_t i = 0; i < roots.size(); i++) {
    const Tensor& root = roots[i];
    if (!root.requiresGrad())
      fail(ErrorKind::autograd, op, ": the tensor does not require grad and has no gradient function");
    if (i < given.size() && given[i].defined()) {
      if (given[i].shape() != root.shape())
        shapeError(op, ": the gradient has shape ", toString(given[i].shape()), " but the tensor has shape ",
                   toString(root.shape()));
      out.push_back(given[i].dtype() == root.dtype() ? given[i] : arithmetic.to(given[i], root.dtype()));
    } else {
      if (root.numel() != 1)
        fail(ErrorKind::autograd, op, ": a gradient can be left out only for a tensor of one element, got shape ",
             toString(root.shape()));
      out.push_back(arithmetic.full(root.shape(), 1, root.dtype()));
    }
  }
  return out;
}

}  // namespace

void backward(const Tensors& roots, const Tensors& given, bool retainGraph) {
  NoGrad off;
  Walk("backward", retainGraph, nullptr).run(roots, seeds("backward", roots, given));
}

Tensors gradients(const Tensors& outputs, const Tensors& inputs, const Tensors& given, bool retainGraph,
                  bool allowUnused) {
  for (const Tensor& input : inputs)
    if (!input.requiresGrad()) fail(ErrorKind::autograd, "grad: an input does not require grad");
  NoGrad off;
  const Tensors collected = Walk("grad", retainGraph, &inputs).run(outputs, seeds("grad", outputs, given));
  for (const Tensor& gradient : collected)
    if (!gradient.defined() && !allowUnused)
      fail(ErrorKind::autograd, "grad: an input was not used in the graph; pass allowUnused: true to get null for it");
  return collected;
}

}  // namespace cresset
