// Recording and freeing the tape.
#include "autograd/tape.h"

#include <algorithm>

namespace cresset {

void retain(Node* node) { node->references++; }

void release(Node* node) {
  if (--node->references > 0) return;
  // A chain of a million nodes must not recurse: nodes to free wait in a list.
  static thread_local Node* waiting = nullptr;
  static thread_local bool freeing = false;
  node->next = waiting;
  waiting = node;
  if (freeing) return;
  freeing = true;
  while (Node* first = waiting) {
    waiting = first->next;
    for (Edge& edge : first->inputs)
      if (edge.node) release(edge.node);
    delete first;
  }
  freeing = false;
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

bool needsGrad(std::span<const Tensor> inputs) {
  if (!gradEnabled()) return false;
  return std::any_of(inputs.begin(), inputs.end(), [](const Tensor& t) { return t.defined() && t.requiresGrad(); });
}

static Node* makeNode(const char* op, const Tensor& y, std::span<const Tensor> inputs, Backward backward) {
  // A view may get a new node here, which has to come before this one.
  for (const Tensor& t : inputs)
    if (t.defined()) gradFnOf(t);
  Node* node = new Node{op, ++context().nodes, std::move(backward), y.shape(), y.dtype(), false, {}, {}, {}, 0};
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
    setGradFn(x, makeNode("asStrided", x, std::span(&base, 1), throughView(x, base)));
  }
  return view->gradFn;
}

Tensor record(const char* op, Tensor y, std::span<const Tensor> inputs, Backward backward) {
  if (needsGrad(inputs)) setGradFn(y, makeNode(op, y, inputs, std::move(backward)));
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
}

Tensor recordInPlace(const char* op, Tensor x, const Tensors& inputs, Backward backward) {
  if (!needsGrad(inputs)) return x;
  TensorImpl* view = x.impl();
  if (view->viewWithoutGrad)
    fail(ErrorKind::autograd, op, ": a view made inside noGrad cannot take on a gradient in place (make it outside)");
  const Tensor base = view->base ? Tensor(view->base) : x;
  if (!base.isDense())
    fail(ErrorKind::autograd, op,
         ": a tensor with gaps in its memory cannot take on a gradient in place (clone it first)");
  if (!view->base) {
    setGradFn(x, makeNode(op, x, inputs, std::move(backward)));
    view->history++;
    return x;
  }
  Tensors inputsOfBase = inputs;
  inputsOfBase[0] = base;
  setGradFn(base, makeNode(op, base, inputsOfBase, throughPart(x, base, std::move(backward))));
  base.impl()->history++;
  gradFnOf(x);
  return x;
}

}  // namespace cresset
