// What the addon keeps for one Node environment: the core's context, the table of handles, and the functions JavaScript
// gave it.
#pragma once
#include <node_api.h>

#include <string>
#include <utility>
#include <vector>

#include "autograd/tape.h"
#include "core/context.h"
#include "core/tensor.h"

namespace cresset {

// A JavaScript exception is pending; C++ unwinds to the binding.
struct PendingException {};

class HandleScope {
 public:
  explicit HandleScope(napi_env env) : env_(env) { napi_open_handle_scope(env, &scope_); }
  ~HandleScope() { napi_close_handle_scope(env_, scope_); }
  HandleScope(const HandleScope&) = delete;

 private:
  napi_env env_;
  napi_handle_scope scope_ = nullptr;
};

// A reference to a JavaScript value, weak or strong. It has to be deleted also where the environment ends: Node keeps
// it for its owner.
class Reference {
 public:
  enum Strength : uint32_t { weak, strong };

  Reference() = default;
  Reference(napi_env env, napi_value value, Strength strength) : env_(env) {
    napi_create_reference(env, value, strength, &ref_);
  }
  Reference(Reference&& other) noexcept : env_(other.env_), ref_(std::exchange(other.ref_, nullptr)) {}
  Reference& operator=(Reference&& other) noexcept {
    std::swap(env_, other.env_);
    std::swap(ref_, other.ref_);
    return *this;
  }
  ~Reference() {
    if (ref_) napi_delete_reference(env_, ref_);
  }

  explicit operator bool() const { return ref_ != nullptr; }
  // Null where there is none, and where the collector has taken it.
  napi_value value() const {
    napi_value value = nullptr;
    if (ref_) napi_get_reference_value(env_, ref_, &value);
    return value;
  }

 private:
  napi_env env_ = nullptr;
  napi_ref ref_ = nullptr;
};

class Environment {
 public:
  explicit Environment(napi_env env);
  ~Environment();

  napi_env env;
  Context context;

  // --- handles: JavaScript knows a tensor by its number and is known through a weak reference ---
  const Tensor& tensor(int64_t id) const;     // throws if the number stands for no tensor
  napi_value toJs(const Tensor& t);           // the living object of the tensor, else its number
  void track(int64_t id, napi_value object);  // `object` owns the number from now on
  void exchange(int64_t a, int64_t b);        // the tensors of two numbers change places
  void release(int64_t id);
  int64_t handles() const { return live_; }
  // Lets go of tensors whose objects the collector has taken.
  void sweep();
  // Collects garbage if `bytes` more would exceed the budget.
  void makeRoom(int64_t bytes);
  void collect(bool full);

  // --- waiting ---
  // Calls `callback` once everything enqueued so far has run; the number of the last task of it.
  uint64_t whenDone(napi_value callback);
  void stop();

  // Calls the `raise` hook, which throws the JavaScript error.
  void raise(const char* kind, const std::string& message);
  Reference raiseHook, gcHook, idleHook;
  void callHook(const Reference& hook, int argc, napi_value* argv);

  // Told of every new handle (as an op without a name) and of every op that gave a tensor, while there is one.
  Reference callListener;
  void tellOfCall(const char* name, size_t argc, const napi_value* argv, napi_value result);

 private:
  struct Entry {
    Tensor tensor;
    Reference object;
  };
  struct Waiter {
    uint64_t sequence;
    Reference callback;
  };
  static void onDone(napi_env env, napi_value, void* context, void*);
  void finishWaiters();
  void awaitFirst();
  void drop(int64_t id);
  int64_t used() const;
  void setLimits();
  bool sweepSufficed();

  std::vector<Entry> entries_{1};  // number 0 means "none"
  std::vector<int64_t> free_;
  int64_t live_ = 0;
  int64_t budget_, limit_ = 0, handleLimit_ = 0;  // beyond either limit garbage is collected
  int64_t base_ = 0, handleBase_ = 0;             // the least in use since the last full collection
  Reference witness_;                             // to garbage made by the last sweep: empty once the collector has run
  bool collecting_ = false;
  napi_threadsafe_function done_ = nullptr;
  bool stopped_ = false;
  std::vector<Waiter> waiters_;
};

}  // namespace cresset
