// Task hand-over between the environment's thread and the stream's thread.
#include "core/stream.h"

#include <chrono>

#include "core/error.h"
#include "core/thread_pool.h"

namespace cresset {

// Below this much pending work (nanoseconds) waking the thread costs more than it brings.
static constexpr double kWorthWaking = 30'000;

Stream::Stream() : slots_(new Task[kSlots]) {}

Stream::~Stream() {
  stop();
  delete[] slots_;
}

Task& Stream::acquireSlot() {
  // A producer a whole ring ahead helps to execute.
  if (enqueued_ - completed() >= kSlots) drain();
  return slots_[enqueued_ % kSlots];
}

void Stream::publish(double cost) {
  enqueued_++;
  published_.store(enqueued_, std::memory_order_seq_cst);
  pendingCost_ += cost;
  if (pendingCost_ < kWorthWaking) return;
  wake();
}

void Stream::wake() {
  pendingCost_ = 0;
  if (stopping_.load(std::memory_order_relaxed)) return;
  if (thread_ == nullptr) thread_ = new std::thread([this] { loop(); });
  if (!sleeping_.load(std::memory_order_seq_cst)) return;
  {
    std::lock_guard lock(sleep_);
  }
  wakeUp_.notify_one();
}

// Runs the oldest task; the caller holds `executing_`.
bool Stream::runOne() {
  const uint64_t next = completed_.load(std::memory_order_relaxed);
  if (next >= published_.load(std::memory_order_seq_cst)) return false;
  Task& task = slots_[next % kSlots];
  try {
    task.run(task.payload);
  } catch (const std::exception& e) {
    std::lock_guard lock(errors_);
    if (!error_) error_ = e.what();
  }
  completed_.store(next + 1, std::memory_order_release);
  notifyIfDue();
  return true;
}

void Stream::notifyIfDue() {
  if (completed() < notifyAt_.load(std::memory_order_seq_cst)) return;
  std::lock_guard lock(notifyLock_);
  if (completed() < notifyAt_.load(std::memory_order_relaxed)) return;
  notifyAt_.store(UINT64_MAX, std::memory_order_relaxed);
  notify_(notifyContext_);
}

void Stream::notifyAt(uint64_t sequence, void (*notify)(void*), void* context) {
  {
    std::lock_guard lock(notifyLock_);
    notify_ = notify;
    notifyContext_ = context;
    notifyAt_.store(sequence, std::memory_order_seq_cst);
  }
  if (completed() >= sequence)
    notifyIfDue();
  else
    wake();
}

void Stream::loop() {
  const DenormalsFlushed flushed;
  while (!stopping_.load(std::memory_order_acquire)) {
    bool ran = false;
    if (wanted_.load(std::memory_order_acquire) == 0) {
      std::lock_guard lock(executing_);
      while (!stopping_.load(std::memory_order_acquire) && wanted_.load(std::memory_order_acquire) == 0 && runOne())
        ran = true;
    }
    if (ran) continue;
    // A short spin bridges the gap to the next op of a running program.
    const auto until = std::chrono::steady_clock::now() + std::chrono::microseconds(20);
    bool work = false;
    while (!(work = published_.load(std::memory_order_acquire) > completed() &&
                    wanted_.load(std::memory_order_acquire) == 0) &&
           std::chrono::steady_clock::now() < until)
      std::this_thread::yield();
    if (work) continue;
    std::unique_lock lock(sleep_);
    sleeping_.store(true, std::memory_order_seq_cst);
    wakeUp_.wait(lock, [this] {
      return stopping_.load() || (wanted_.load() == 0 && published_.load(std::memory_order_seq_cst) > completed());
    });
    sleeping_.store(false, std::memory_order_seq_cst);
  }
}

void Stream::drain() {
  pendingCost_ = 0;
  if (completed() == enqueued_) return;
  wanted_.fetch_add(1, std::memory_order_acq_rel);
  {
    const DenormalsFlushed flushed;
    std::lock_guard lock(executing_);
    while (completed_.load(std::memory_order_relaxed) < enqueued_ && runOne()) {
    }
  }
  wanted_.fetch_sub(1, std::memory_order_acq_rel);
}

std::optional<std::string> Stream::takeError() {
  std::lock_guard lock(errors_);
  std::optional<std::string> error;
  error.swap(error_);
  return error;
}

void Stream::throwPending() {
  if (auto error = takeError()) throw Error(ErrorKind::argument, *error);
}

void Stream::stop() {
  if (stopping_.exchange(true)) return;
  if (thread_ == nullptr) return;
  {
    std::lock_guard lock(sleep_);
  }
  wakeUp_.notify_one();
  thread_->join();
  delete thread_;
  thread_ = nullptr;
}

}  // namespace cresset
