// What users hang on gradients: functions, and the wish to keep the gradient of an inner tensor.
#include "autograd/tape.h"

namespace cresset {

int64_t Hooks::add(Function hook) {
  const int64_t id = ++context().hooks;
  list_.emplace_back(id, std::move(hook));
  context().hookOwners.emplace(id, this);
  return id;
}

void Hooks::remove(int64_t id) {
  std::erase_if(list_, [id](auto& entry) { return entry.first == id; });
  context().hookOwners.erase(id);
}

void Hooks::clear() {
  for (auto& [id, hook] : list_) context().hookOwners.erase(id);
  list_.clear();
}

Tensor Hooks::run(Tensor gradient) const {
  if (list_.empty()) return gradient;
  const auto list = list_;  // a hook may remove itself, or free the graph by a pass of its own
  for (auto& [id, hook] : list) {
    NoGrad off;  // whatever mode the hook leaves behind
    Tensor replaced = hook(gradient);
    if (!replaced.defined()) continue;
    if (replaced.shape() != gradient.shape())
      shapeError("hook: the returned gradient has shape ", toString(replaced.shape()), ", expected ",
                 toString(gradient.shape()));
    if (replaced.dtype() != gradient.dtype())
      dtypeError("hook: the returned gradient has dtype ", nameOf(replaced.dtype()), ", expected ",
                 nameOf(gradient.dtype()));
    gradient = std::move(replaced);
  }
  return gradient;
}

int64_t addHook(const Tensor& x, Hooks::Function hook) {
  if (!x.requiresGrad()) fail(ErrorKind::autograd, "registerHook: the tensor does not require grad");
  if (Node* made = gradFnOf(x)) return made->hooks.add(std::move(hook));
  if (!x.impl()->hooks) x.impl()->hooks = std::make_unique<Hooks>();
  return x.impl()->hooks->add(std::move(hook));
}

void removeHook(int64_t id) {
  const auto found = context().hookOwners.find(id);
  if (found != context().hookOwners.end()) found->second->remove(id);
}

void retainGrad(const Tensor& x) {
  if (!x.requiresGrad()) fail(ErrorKind::autograd, "retainGrad: the tensor does not require grad");
  Node* made = gradFnOf(x);
  if (!made || x.impl()->retainsGrad) return;
  x.impl()->retainsGrad = true;
  made->retainers.push_back(x.impl());
}

}  // namespace cresset
