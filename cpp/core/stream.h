// The stream of one environment: tasks run in order, on the stream's own thread or on a thread that waits for them.
//
// Only the environment's thread enqueues. Tasks are plain bytes (raw pointers, sizes): they own nothing, so running
// late or not at all leaks nothing. The thread starts when there is work worth a hand-over; small work waits for the
// next synchronisation and is then done by the caller itself.
#pragma once
#include <atomic>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <new>
#include <optional>
#include <string>
#include <thread>
#include <type_traits>

namespace cresset {

struct Task {
  static constexpr size_t kPayload = 704;
  void (*run)(void* payload);
  const char* op;
  alignas(16) unsigned char payload[kPayload];
};

class Stream {
 public:
  Stream();
  ~Stream();

  // Appends a task. `cost` estimates its nanoseconds on one thread and decides when the stream's thread is woken.
  template <class F> void enqueue(const char* op, double cost, const F& task) {
    static_assert(std::is_trivially_copyable_v<F>, "tasks own nothing");
    static_assert(sizeof(F) <= Task::kPayload, "the task is too large for a slot");
    Task& slot = acquireSlot();
    slot.run = [](void* payload) { (*std::launder(reinterpret_cast<F*>(payload)))(); };
    slot.op = op;
    std::memcpy(slot.payload, static_cast<const void*>(&task), sizeof(F));
    publish(cost);
  }

  uint64_t enqueued() const { return enqueued_; }
  uint64_t completed() const { return completed_.load(std::memory_order_acquire); }
  // Runs or awaits everything enqueued. A task's error is thrown by `throwPending`.
  void drain();
  // Throws the first error that a task met since the last call.
  void throwPending();
  std::optional<std::string> takeError();
  // Sees to it that the stream's thread works on what is enqueued.
  void wake();
  // `notify(context)` is called on the thread that completes task number `sequence`; one request at a time, later ones
  // replace it.
  void notifyAt(uint64_t sequence, void (*notify)(void*), void* context);
  // Stops the thread after the task it is in; what is left never runs. Idempotent.
  void stop();

 private:
  static constexpr uint64_t kSlots = 1024;
  Task& acquireSlot();
  void publish(double cost);
  bool runOne();
  void loop();
  void notifyIfDue();

  Task* slots_;
  uint64_t enqueued_ = 0;  // the environment's thread only
  double pendingCost_ = 0;
  std::atomic<uint64_t> published_{0}, completed_{0};
  std::atomic<bool> stopping_{false}, sleeping_{false};
  std::atomic<int> wanted_{0};  // a synchronising thread wants to execute
  std::mutex executing_;        // held while a task runs
  std::mutex sleep_;
  std::condition_variable wakeUp_;
  std::thread* thread_ = nullptr;  // leaked at process exit: no destructor may find it running
  std::mutex errors_;
  std::optional<std::string> error_;
  std::mutex notifyLock_;
  std::atomic<uint64_t> notifyAt_{UINT64_MAX};
  void (*notify_)(void*) = nullptr;
  void* notifyContext_ = nullptr;
};

}  // namespace cresset
