// Handles, garbage collection on a budget, and promises.
//
// The collector knows nothing of the bytes behind a handle, and Node runs finalizers only when the event loop turns. So
// the budget is kept here: when it is spent, a minor collection empties the weak references of dead handles and the
// sweep frees their tensors, all inside the running loop. Garbage that survived into the old generation takes a full
// collection; the budget grows until one step's garbage fits between two minor ones.
#include "environment.h"

#include <algorithm>
#include <random>

#include "core/available_memory.h"

namespace cresset {

constexpr int64_t kFirstBudget = int64_t{64} << 20;
constexpr int64_t kLargestBudget = int64_t{4} << 30;
// What a handle costs beside the elements: tensor, storage, table entry, weak reference, JavaScript object.
constexpr int64_t kHandleBytes = 700;
// Handles made between two collections, at least: so few that what belongs to them stays in the cache.
constexpr int64_t kHandles = 3 << 10;
// Handles that may survive minor collections, beside as many as there were, before a full one.
constexpr int64_t kSurvivors = 1 << 15;
constexpr int64_t kSmallestBudget = int64_t{16} << 20;

// The budget, cut to half of what the machine has left, so that garbage is collected before memory runs out.
static int64_t affordable(int64_t budget, int64_t cached) {
  const int64_t available = availableBytes();
  return available == INT64_MAX ? budget : std::min(budget, std::max(kSmallestBudget, (available + cached) / 2));
}

Environment::Environment(napi_env env) : env(env), budget_(kFirstBudget) {
  setLimits();
  context.owner = this;
  context.beforeAllocate = [](void* owner, int64_t bytes) { static_cast<Environment*>(owner)->makeRoom(bytes); };
  context.onGrowth = [](void* owner) {
    auto* self = static_cast<Environment*>(owner);
    if (self->idleHook) self->callHook(self->idleHook, 0, nullptr);
  };
  context.onOutOfMemory = [](void* owner, bool full) { static_cast<Environment*>(owner)->collect(full); };
  std::random_device device;
  context.generator.manualSeed((static_cast<uint64_t>(device()) << 32 | device()) & ((uint64_t{1} << 53) - 1));
}

Environment::~Environment() {
  setContext(&context);
  stop();
  context.beforeAllocate = nullptr;
  context.onOutOfMemory = nullptr;
  entries_.clear();
}

const Tensor& Environment::tensor(int64_t id) const {
  if (id <= 0 || id >= static_cast<int64_t>(entries_.size()) || !entries_[static_cast<size_t>(id)].tensor.defined())
    argumentError("the tensor was disposed");
  return entries_[static_cast<size_t>(id)].tensor;
}

napi_value Environment::toJs(const Tensor& t) {
  napi_value result = nullptr;
  if (!t.defined()) {
    napi_get_null(env, &result);
    return result;
  }
  int64_t id = t.impl()->handle;
  if (id != 0) {
    Entry& entry = entries_[static_cast<size_t>(id)];
    result = entry.object.value();
    if (result) return result;
    entry.object = Reference();
  } else {
    makeRoom(0);  // views take a handle and no memory
    if (free_.empty()) {
      id = static_cast<int64_t>(entries_.size());
      entries_.emplace_back();
    } else {
      id = free_.back();
      free_.pop_back();
    }
    entries_[static_cast<size_t>(id)].tensor = t;
    t.impl()->handle = id;
    live_++;
    napi_create_int64(env, id, &result);
    if (callListener) tellOfCall("", 0, nullptr, result);
  }
  if (!result) napi_create_int64(env, id, &result);
  return result;
}

void Environment::track(int64_t id, napi_value object) {
  tensor(id);
  Entry& entry = entries_[static_cast<size_t>(id)];
  if (entry.object.value()) argumentError("the tensor has an object already");
  entry.object = Reference(env, object, Reference::weak);
}

void Environment::exchange(int64_t a, int64_t b) {
  tensor(a), tensor(b);
  std::swap(entries_[static_cast<size_t>(a)].tensor, entries_[static_cast<size_t>(b)].tensor);
  for (int64_t id : {a, b}) entries_[static_cast<size_t>(id)].tensor.impl()->handle = id;
}

void Environment::drop(int64_t id) {
  Entry& entry = entries_[static_cast<size_t>(id)];
  entry.object = Reference();
  entry.tensor.impl()->handle = 0;
  entry.tensor = Tensor();
  free_.push_back(id);
  live_--;
}

void Environment::release(int64_t id) {
  tensor(id);
  drop(id);
}

void Environment::sweep() {
  napi_handle_scope scope;
  napi_open_handle_scope(env, &scope);
  for (size_t id = 1; id < entries_.size(); id++) {
    if (id % 1024 == 0) {  // every living entry adds a handle to the scope
      napi_close_handle_scope(env, scope);
      napi_open_handle_scope(env, &scope);
    }
    const Entry& entry = entries_[id];
    if (entry.object && !entry.object.value()) drop(static_cast<int64_t>(id));
  }
  napi_value witness = nullptr;
  napi_create_object(env, &witness);
  witness_ = Reference(env, witness, Reference::weak);
  napi_close_handle_scope(env, scope);
  setLimits();
}

int64_t Environment::used() const { return context.allocator.counters().live + live_ * kHandleBytes; }

void Environment::setLimits() {
  base_ = std::min(base_, used());
  handleBase_ = std::min(handleBase_, live_);
  limit_ = used() + affordable(std::max(budget_, used() / 2), context.allocator.counters().cached);
  handleLimit_ = live_ + std::max(kHandles, live_ / 2);
}

void Environment::collect(bool full) {
  if (gcHook) {
    const HandleScope scope(env);
    napi_value options = nullptr, type = nullptr;
    if (!full) {
      napi_create_object(env, &options);
      napi_create_string_utf8(env, "minor", NAPI_AUTO_LENGTH, &type);
      napi_set_named_property(env, options, "type", type);
    }
    callHook(gcHook, full ? 0 : 1, &options);
  } else {
    // Without the function, V8 is told of a budget's worth of outside memory, which makes it collect.
    int64_t result;
    napi_adjust_external_memory(env, budget_, &result);
    napi_adjust_external_memory(env, -budget_, &result);
  }
  sweep();
}

// The collector also runs by itself. Where that did most of the work, another collection would only age what lives: the
// tensors of the current step would grow old and outlive many minor collections.
bool Environment::sweepSufficed() {
  if (witness_.value()) return false;
  const int64_t limit = limit_, handleLimit = handleLimit_;
  sweep();
  if (used() > limit - budget_ / 2 || live_ > handleLimit - kHandles / 2) return false;
  limit_ = limit;
  handleLimit_ = handleLimit;
  return true;
}

void Environment::makeRoom(int64_t bytes) {
  if ((used() + bytes <= limit_ && live_ < handleLimit_) || collecting_) return;
  collecting_ = true;
  if (!sweepSufficed()) collect(false);
  // What a minor collection leaves is alive or garbage that grew old: a full one tells when there is much of it.
  const int64_t before = used();
  if (before - base_ > budget_ / 2 || live_ - handleBase_ > std::max(kSurvivors, handleBase_)) {
    collect(true);
    base_ = used();
    handleBase_ = live_;
    budget_ = std::min(kLargestBudget, std::max(budget_, 2 * (before - base_)));
    setLimits();
  }
  collecting_ = false;
}

void Environment::callHook(const Reference& hook, int argc, napi_value* argv) {
  napi_value receiver;
  napi_get_undefined(env, &receiver);
  napi_call_function(env, receiver, hook.value(), static_cast<size_t>(argc), argv, nullptr);
}

void Environment::tellOfCall(const char* name, size_t argc, const napi_value* argv, napi_value result) {
  napi_value call[3] = {nullptr, nullptr, result};
  napi_create_string_utf8(env, name, NAPI_AUTO_LENGTH, &call[0]);
  napi_create_array_with_length(env, argc, &call[1]);
  for (size_t i = 0; i < argc; i++) napi_set_element(env, call[1], static_cast<uint32_t>(i), argv[i]);
  callHook(callListener, 3, call);
}

void Environment::raise(const char* kind, const std::string& message) {
  napi_value argv[2];
  napi_create_string_utf8(env, kind, NAPI_AUTO_LENGTH, &argv[0]);
  napi_create_string_utf8(env, message.c_str(), message.size(), &argv[1]);
  if (raiseHook)
    callHook(raiseHook, 2, argv);
  else
    napi_throw_error(env, nullptr, message.c_str());
}

uint64_t Environment::whenDone(napi_value callback) {
  if (stopped_) argumentError("ready: the process is exiting, so that nothing can be awaited any more");
  if (!done_) {
    napi_value name;
    napi_create_string_utf8(env, "cresset", NAPI_AUTO_LENGTH, &name);
    napi_create_threadsafe_function(env, nullptr, nullptr, name, 0, 1, nullptr, nullptr, this, onDone, &done_);
    napi_unref_threadsafe_function(env, done_);
  }
  if (waiters_.empty()) napi_ref_threadsafe_function(env, done_);
  const uint64_t sequence = context.stream.enqueued();
  waiters_.push_back({sequence, Reference(env, callback, Reference::strong)});
  if (waiters_.size() == 1) awaitFirst();
  return sequence;
}

// Asks the stream to wake this thread when the first waiter's tasks are done.
void Environment::awaitFirst() {
  context.stream.notifyAt(
      waiters_[0].sequence,
      [](void* self) {
        napi_call_threadsafe_function(static_cast<Environment*>(self)->done_, nullptr, napi_tsfn_nonblocking);
      },
      this);
}

void Environment::onDone(napi_env env, napi_value, void* self, void*) {
  if (env) static_cast<Environment*>(self)->finishWaiters();
}

void Environment::finishWaiters() {
  setContext(&context);
  while (!waiters_.empty() && waiters_[0].sequence <= context.stream.completed()) {
    const Reference callback = std::move(waiters_[0].callback);
    waiters_.erase(waiters_.begin());
    callHook(callback, 0, nullptr);
  }
  if (waiters_.empty()) {
    napi_unref_threadsafe_function(env, done_);
    return;
  }
  awaitFirst();
}

void Environment::stop() {
  stopped_ = true;
  context.stream.stop();
  if (done_) napi_release_threadsafe_function(done_, napi_tsfn_abort);
  done_ = nullptr;
}

}  // namespace cresset
