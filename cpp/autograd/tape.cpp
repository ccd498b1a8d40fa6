// Recording, walking and freeing the tape.
#include "autograd/tape.h"

#include <algorithm>
#include <unordered_map>

namespace cresset {

void retain(Node* node) { node->references++; }

void release(Node* node) {
  if (--node->references > 0) return;
  // A chain of a million nodes must not recurse: nodes to free are collected in a list.
  static thread_local std::vector<Node*>* pending = nullptr;
  if (pending) return pending->push_back(node);
  std::vector<Node*> list{node};
  pending = &list;
  while (!list.empty()) {
    Node* next = list.back();
    list.pop_back();
    for (Edge& edge : next->inputs)
      if (edge.node) release(edge.node);
    delete next;
  }
  pending = nullptr;
}

TensorImpl::~TensorImpl() {
  if (!gradFn) return;
  if (retainsGrad) std::erase(gradFn->retainers, this);
  release(gradFn);
}

Saved::Saved(const Tensor& x) : tensor_(alias(x)), version_(x.impl()->storage->version) {}

Tensor Saved::get(const char* op) const {
  const uint32_t now = tensor_.impl()->storage->version;
  if (now != version_)
    fail(ErrorKind::autograd, "backward: a tensor of shape ", toString(tensor_.shape()), " that ", op,
         " needs for its gradient was modified by an in-place operation (it is at version ", int64_t{now},
         ", expected version ", int64_t{version_}, ")");
  return tensor_;
}

bool gradEnabled() { return context().gradMode == GradMode::grad; }

bool needsGrad(std::initializer_list<const Tensor*> inputs) {
  if (!gradEnabled()) return false;
  return std::any_of(inputs.begin(), inputs.end(), [](const Tensor* t) { return t->defined() && t->requiresGrad(); });
}

bool needsGrad(const Tensors& inputs) {
  if (!gradEnabled()) return false;
  return std::any_of(inputs.begin(), inputs.end(), [](const Tensor& t) { return t.defined() && t.requiresGrad(); });
}

static Node* makeNode(const char* op, const Tensors& inputs, Backward backward) {
  // A view may get a new node here, which has to come before this one.
  for (const Tensor& t : inputs)
    if (t.defined()) gradFnOf(t);
  Node* node = new Node{op, ++context().nodes, std::move(backward), false, {}, {}, {}, 0};
  node->inputs.reserve(inputs.size());
  for (const Tensor& t : inputs) {
    Edge edge;
    if (Node* made = t.defined() ? t.impl()->gradFn : nullptr) {
      edge.node = made;
      retain(made);
    } else if (t.defined() && t.impl()->requiresGrad) {
      edge.leaf = t;
    }
    node->inputs.push_back(std::move(edge));
  }
  return node;
}

static void setGradFn(const Tensor& y, Node* node) {
  retain(node);
  if (y.impl()->retainsGrad) {
    std::erase(y.impl()->gradFn->retainers, y.impl());
    node->retainers.push_back(y.impl());
  }
  if (y.impl()->gradFn) release(y.impl()->gradFn);
  y.impl()->gradFn = node;
}

namespace {

// Where a tensor lies in its storage.
struct Place {
  Dims shape, strides;
  int64_t offset;
  DType dtype;

  explicit Place(const Tensor& x)
      : shape(x.shape()), strides(x.strides()), offset(x.impl()->offset), dtype(x.dtype()) {}
};

// Whether the elements fill a span of memory without gaps, in whatever order.
bool isDense(const Tensor& x) {
  int64_t span = 1;
  for (int d = 0; d < x.dim(); d++) span += (x.size(d) - 1) * x.strides()[d];
  return x.numel() == 0 || span == x.numel();
}

// `values`, broadcast, in the memory order of `base`.
Tensor laidOutAs(const Place& base, const Tensor& values) {
  return arithmetic.copyInPlace(makeTensor(base.shape, base.strides, base.dtype), values);
}

// The elements of a view in a tensor that is laid out as its base.
Tensor within(const Place& view, const Place& base, const Tensor& whole) {
  return asStrided(whole, view.shape, view.strides, view.offset - base.offset);
}

// dy of a view becomes the gradient of its base: zero outside the view, summed where an expanded view shows an element
// repeatedly.
Backward throughView(const Tensor& x, const Tensor& xBase) {
  return [view = Place(x), base = Place(xBase)](const Tensor& dy, Gradients& to) {
    Place once = view;
    Dims repeated;
    for (int d = 0; d < once.shape.size(); d++)
      if (once.strides[d] == 0 && once.shape[d] > 1) repeated.push(d), once.shape[d] = 1;
    const Tensor whole = laidOutAs(base, arithmetic.full({}, 0, base.dtype));
    arithmetic.copyInPlace(within(once, base, whole), repeated.empty() ? dy : arithmetic.sum(dy, repeated, true));
    to.add(0, whole);
  };
}

// What an in-place op on a view means to its base: the view's part of the gradient goes through the op, the rest
// passes.
Backward throughPart(const Tensor& x, const Tensor& xBase, Backward op) {
  return [view = Place(x), base = Place(xBase), op = std::move(op)](const Tensor& dy, Gradients& to) {
    const Tensor whole = laidOutAs(base, dy), part = within(view, base, whole);
    struct Part final : Gradients {
      Gradients& to;
      Tensor own;
      explicit Part(Gradients& to) : to(to) {}
      bool needs(int input) const override { return to.needs(input); }
      void add(int input, Tensor gradient) override {
        if (input != 0)
          to.add(input, std::move(gradient));
        else
          own = own.defined() ? arithmetic.add(own, gradient, 1) : gradient;
      }
    } through(to);
    op(arithmetic.clone(part), through);
    arithmetic.copyInPlace(part, through.own.defined() ? through.own : arithmetic.full({}, 0, base.dtype));
    if (to.needs(0)) to.add(0, whole);
  };
}

}  // namespace

Node* gradFnOf(const Tensor& x) {
  TensorImpl* view = x.impl();
  if (view->base && view->history != view->base->history) {
    view->history = view->base->history;
    const Tensor base(view->base);
    setGradFn(x, makeNode("asStrided", {base}, throughView(x, base)));
  }
  return view->gradFn;
}

Tensor record(const char* op, Tensor y, const Tensors& inputs, Backward backward) {
  if (needsGrad(inputs)) setGradFn(y, makeNode(op, inputs, std::move(backward)));
  return y;
}

Tensor notDifferentiable(const char* op, Tensor y, const Tensors& inputs) {
  if (!isFloating(y.dtype())) return y;
  return record(op, std::move(y), inputs,
                [op](const Tensor&, Gradients&) { fail(ErrorKind::autograd, "backward: ", op, " has no gradient"); });
}

void beforeInPlace(const char* op, const Tensor& x) {
  const auto leaf = [](const TensorImpl* t) { return t && t->requiresGrad && !t->gradFn; };
  if (gradEnabled() && (leaf(x.impl()) || leaf(x.impl()->base.get())))
    fail(ErrorKind::autograd, op, ": a leaf tensor that requires grad", x.impl()->base ? ", through a view," : "",
         " cannot be changed in place (use noGrad)");
  for (int i = 0; i < x.dim(); i++)
    if (x.strides()[i] == 0 && x.size(i) > 1 && x.numel() > 0)
      argumentError(op, ": several elements of the expanded tensor share one memory location (clone it first)");
  x.impl()->storage->version++;
  x.impl()->storage->lastWrite = context().stream.enqueued() + 1;
}

Tensor recordInPlace(const char* op, Tensor x, const Tensors& inputs, Backward backward) {
  if (!needsGrad(inputs)) return x;
  TensorImpl* view = x.impl();
  if (view->viewWithoutGrad)
    fail(ErrorKind::autograd, op, ": a view made inside noGrad cannot take on a gradient in place (make it outside)");
  const Tensor base = view->base ? Tensor(view->base) : x;
  if (!isDense(base))
    fail(ErrorKind::autograd, op,
         ": a tensor with gaps in its memory cannot take on a gradient in place (clone it first)");
  if (!view->base) {
    setGradFn(x, makeNode(op, inputs, std::move(backward)));
    view->history++;
    return x;
  }
  Tensors inputsOfBase = inputs;
  inputsOfBase[0] = base;
  setGradFn(base, makeNode(op, inputsOfBase, throughPart(x, base, std::move(backward))));
  base.impl()->history++;
  gradFnOf(x);
  return x;
}

namespace {

Tensor accumulate(Tensor sum, Tensor gradient) {
  if (!sum.defined()) return gradient;
  if (sum.unique()) return arithmetic.addInPlace(sum, gradient, 1);
  return arithmetic.add(sum, gradient, 1);
}

Tensor runHooks(const Hooks& hooks, Tensor gradient) {
  if (hooks.empty()) return gradient;
  const Hooks list = hooks;  // a hook may remove itself
  for (auto& [id, hook] : list)
    if (Tensor replaced = hook(gradient); replaced.defined()) gradient = replaced;
  return gradient;
}

class Walk {
 public:
  // With `wanted`, only those tensors' gradients are collected; otherwise leaves accumulate into .grad.
  Walk(bool retainGraph, const Tensors* wanted) : retainGraph_(retainGraph), wanted_(wanted) {
    if (wanted) collected_.resize(wanted->size());
  }

  void run(const Tensors& roots, const Tensors& seeds) {
    for (size_t i = 0; i < roots.size(); i++) {
      Node* made = gradFnOf(roots[i]);
      Edge edge{made, made ? Tensor() : roots[i]};
      collectNodes(edge.node);
      send(edge, seeds[i]);
    }
    std::sort(order_.begin(), order_.end(), [](Node* a, Node* b) { return a->sequence > b->sequence; });
    for (Node* node : order_) retain(node);
    struct Release {
      std::vector<Node*>& nodes;
      ~Release() {
        for (Node* node : nodes) release(node);
      }
    } hold{order_};
    for (Node* node : order_) visit(node);
    // Leaves change only when the whole walk has succeeded.
    for (auto& [impl, entry] : leaves_) deliver(entry.first, entry.second);
  }

  Tensors collected_;

 private:
  void collectNodes(Node* root) {
    if (!root) return;
    std::vector<Node*> stack{root};
    while (!stack.empty()) {
      Node* node = stack.back();
      stack.pop_back();
      if (!pending_.try_emplace(node).second) continue;
      order_.push_back(node);
      for (Edge& edge : node->inputs)
        if (edge.node) stack.push_back(edge.node);
    }
  }

  void send(const Edge& edge, Tensor gradient) {
    if (edge.node) {
      Tensor& slot = pending_[edge.node];
      slot = accumulate(std::move(slot), std::move(gradient));
    } else if (edge.leaf.defined()) {
      auto& entry = leaves_[edge.leaf.impl()];
      entry.first = edge.leaf;
      entry.second = accumulate(std::move(entry.second), std::move(gradient));
    }
  }

  void visit(Node* node) {
    Tensor dy = std::move(pending_[node]);
    pending_[node] = Tensor();
    if (!dy.defined()) return;
    dy = runHooks(node->hooks, dy);
    if (wanted_) {
      for (size_t i = 0; i < wanted_->size(); i++)
        if (gradFnOf((*wanted_)[i]) == node) collected_[i] = dy;
    } else {
      for (TensorImpl* impl : node->retainers) impl->grad = dy.ref();
    }
    if (node->freed)
      fail(ErrorKind::autograd, "backward: the graph of ", node->op,
           " was freed by an earlier backward; pass retainGraph: true there to go through it again");
    struct To final : Gradients {
      Walk& walk;
      Node* node;
      To(Walk& walk, Node* node) : walk(walk), node(node) {}
      bool needs(int input) const override { return node->inputs[input].node || node->inputs[input].leaf.defined(); }
      void add(int input, Tensor gradient) override { walk.send(node->inputs[input], std::move(gradient)); }
    } to(*this, node);
    node->backward(dy, to);
    if (retainGraph_) return;
    node->freed = true;
    node->backward = nullptr;
  }

  void deliver(const Tensor& leaf, Tensor gradient) {
    if (leaf.impl()->hooks) gradient = runHooks(*leaf.impl()->hooks, gradient);
    if (wanted_) {
      for (size_t i = 0; i < wanted_->size(); i++)
        if ((*wanted_)[i].impl() == leaf.impl()) collected_[i] = gradient;
      return;
    }
    if (leaf.impl()->grad) {
      arithmetic.addInPlace(Tensor(leaf.impl()->grad), gradient, 1);
      return;
    }
    if (!gradient.unique()) gradient = arithmetic.clone(gradient);
    leaf.impl()->grad = gradient.ref();
  }

  bool retainGraph_;
  const Tensors* wanted_;
  std::unordered_map<Node*, Tensor> pending_;
  std::vector<Node*> order_;
  std::unordered_map<TensorImpl*, std::pair<Tensor, Tensor>> leaves_;
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
  Walk walk(retainGraph, nullptr);
  walk.run(roots, seeds("backward", roots, given));
}

Tensors gradients(const Tensors& outputs, const Tensors& inputs, const Tensors& given, bool retainGraph,
                  bool allowUnused) {
  for (const Tensor& input : inputs)
    if (!input.requiresGrad()) fail(ErrorKind::autograd, "grad: an input does not require grad");
  NoGrad off;
  Walk walk(retainGraph, &inputs);
  walk.run(outputs, seeds("grad", outputs, given));
  for (const Tensor& gradient : walk.collected_)
    if (!gradient.defined() && !allowUnused)
      fail(ErrorKind::autograd, "grad: an input was not used in the graph; pass allowUnused: true to get null for it");
  return walk.collected_;
}

static Hooks& hooksOf(const Tensor& x) {
  if (Node* made = gradFnOf(x)) return made->hooks;
  if (!x.impl()->hooks) x.impl()->hooks = std::make_unique<Hooks>();
  return *x.impl()->hooks;
}

int64_t addHook(const Tensor& x, std::function<Tensor(const Tensor&)> hook) {
  if (!x.requiresGrad()) fail(ErrorKind::autograd, "registerHook: the tensor does not require grad");
  Hooks& hooks = hooksOf(x);
  const int64_t id = hooks.empty() ? 1 : hooks.back().first + 1;
  hooks.emplace_back(id, std::move(hook));
  return id;
}

void removeHook(const Tensor& x, int64_t id) {
  std::erase_if(hooksOf(x), [id](auto& entry) { return entry.first == id; });
}

void retainGrad(const Tensor& x) {
  if (!x.requiresGrad()) fail(ErrorKind::autograd, "retainGrad: the tensor does not require grad");
  Node* made = gradFnOf(x);
  if (!made || x.impl()->retainsGrad) return;
  x.impl()->retainsGrad = true;
  made->retainers.push_back(x.impl());
}

}  // namespace cresset
