// The stream of one environment: tasks run in order, on the stream's own thread or on the thread that waits for them.
// Whichever of the two does not run them works on their chunks as soon as it has nothing else to do, and the pool sends
// one thread fewer: with as many threads as cores, nobody waits for a core.
//
// Only the environment's thread enqueues. Tasks are plain bytes (raw pointers, sizes): they own nothing, so running
// late or not at all leaks nothing. The thread starts when there is work worth a hand-over; small work waits for the
// next synchronisation and is then done by the caller itself.
//
// A task that throws leaves its failure in the blocks it writes, and a task that reads such a block fails with it
// instead of running. So failures travel with the bytes, in stream order, and go when the bytes are overwritten.
#pragma once
#include <atomic>
#include <condition_variable>
#include <cstring>
#include <memory>
#include <mutex>
#include <new>
#include <string>
#include <thread>
#include <type_traits>
#include <vector>

#include "core/allocator.h"
#include "core/error.h"

namespace cresset {

// What went wrong in a task, shared by everything that it kept from being computed.
struct Failure {
  uint64_t sequence;  // the task's number
  std::string op;
  ErrorKind kind;
  std::string message;
};

// The blocks that a task reads and writes.
struct Access {
  static constexpr int kBlocks = 8;
  Block* blocks[kBlocks];
  int count = 0;
  uint32_t reads = 0, writes = 0;  // a bit for each block
  void add(const char* op, Block* block, bool read, bool write);
};

struct Task {
  static constexpr size_t kPayload = 704;
  void (*run)(void* payload);
  const char* op;
  Access access;
  alignas(16) unsigned char payload[kPayload];
};

class Stream {
 public:
  Stream();
  ~Stream();

  // Appends a task. `cost` estimates its nanoseconds on one thread and decides when the stream's thread is woken.
  template <class F> void enqueue(const char* op, double cost, const F& task, const Access& access = {}) {
    static_assert(std::is_trivially_copyable_v<F>, "tasks own nothing");
    static_assert(sizeof(F) <= Task::kPayload, "the task is too large for a slot");
    Task& slot = acquireSlot();
    slot.run = [](void* payload) { (*std::launder(reinterpret_cast<F*>(payload)))(); };
    slot.op = op;
    slot.access = access;
    std::memcpy(slot.payload, static_cast<const void*>(&task), sizeof(F));
    publish(cost);
  }

  uint64_t enqueued() const { return enqueued_; }
  uint64_t completed() const { return completed_.load(std::memory_order_acquire); }
  // Runs or awaits everything enqueued. What failed is thrown by `throwFailures`.
  void drain();
  // The same for the tasks up to number `sequence`.
  void drainTo(uint64_t sequence);
  // Throws what kept the bytes of `own` (may be null) from being computed, every time it is asked; else the first
  // failure up to task `sequence` that nobody was told of yet.
  void throwFailures(const Block* own, uint64_t sequence);
  bool hasFailed(const Block* block);
  // Sees to it that the stream's thread works on what is enqueued.
  void wake();
  // `notify(context)` is called on the thread that completes task number `sequence`; one request at a time, later ones
  // replace it.
  void notifyAt(uint64_t sequence, void (*notify)(void*), void* context);
  // Lets the thread, if it sleeps, see that it holds scratch memory which was released.
  void nudge();
  // Stops the thread after the task it is in and forgets the request for a notification. What is left runs only where
  // somebody drains the stream. Idempotent.
  void stop();

 private:
  static constexpr uint64_t kSlots = 1024;
  Task& acquireSlot();
  void publish(double cost);
  bool runOne(const std::atomic<bool>& helperAtHand);
  void noticeProducer();
  std::shared_ptr<const Failure> inherited(const Task& task);
  void settle(const Task& task, const std::shared_ptr<const Failure>& failure, bool isNew);
  void loop();
  void notifyIfDue();

  Task* slots_;
  uint64_t enqueued_ = 0;  // the environment's thread only
  double pendingCost_ = 0;
  std::atomic<uint64_t> published_{0}, completed_{0};
  std::atomic<bool> stopping_{false};
  std::atomic<bool> awake_{false};           // the thread: it runs tasks or helps, or was told to
  std::atomic<bool> producerAtHand_{false};  // the environment's thread: it needs its core or gives it to this stream
  std::atomic<bool> waiting_{false};         // the environment's thread helps
  uint64_t seenPublished_ = 0;               // the thread only
  std::atomic<int> wanted_{0};               // a synchronising thread wants to execute
  std::mutex executing_;                     // held while a task runs
  std::mutex sleep_;
  std::condition_variable wakeUp_;
  std::thread* thread_ = nullptr;  // leaked at process exit: no destructor may find it running
  bool anyFailed_ = false;         // guarded by `executing_`; until then no block has a failure to look for
  std::mutex failures_;            // guards the blocks' failures and the list
  std::vector<std::shared_ptr<const Failure>> untold_;  // in the order of their tasks
  std::mutex notifyLock_;
  std::atomic<uint64_t> notifyAt_{UINT64_MAX};
  void (*notify_)(void*) = nullptr;
  void* notifyContext_ = nullptr;
};

}  // namespace cresset
