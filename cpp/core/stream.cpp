// Task hand-over between the environment's thread and the stream's thread.
#include "core/stream.h"

#include "core/scratch.h"
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
  producerAtHand_.store(true, std::memory_order_relaxed);
  pendingCost_ += cost;
  if (pendingCost_ < kWorthWaking) return;
  wake();
}

void Stream::wake() {
  pendingCost_ = 0;
  if (stopping_.load(std::memory_order_relaxed)) return;
  const bool slept = !awake_.exchange(true, std::memory_order_seq_cst);
  if (thread_ == nullptr)
    thread_ = new std::thread([this] { loop(); });
  else if (slept)
    nudge();
}

void Access::add(const char* op, Block* block, bool read, bool write) {
  if (count == kBlocks) argumentError(op, ": a task reads and writes at most ", kBlocks, " blocks");
  blocks[count] = block;
  reads |= static_cast<uint32_t>(read) << count;
  writes |= static_cast<uint32_t>(write) << count;
  count++;
}

// Runs `task`; what it throws is described.
static std::shared_ptr<const Failure> attempt(Task& task, uint64_t sequence) {
  const auto failure = [&](ErrorKind kind, const std::string& prefix, const char* message) {
    return std::make_shared<const Failure>(Failure{sequence, task.op, kind, prefix + message});
  };
  const auto named = [&](ErrorKind kind, const char* message) {
    return failure(kind, task.op + std::string(": "), message);
  };
  try {
    task.run(task.payload);
    return nullptr;
  } catch (const Error& e) {  // one about memory does not know for which op it was
    return e.kind == ErrorKind::memory ? named(e.kind, e.what()) : failure(e.kind, "", e.what());
  } catch (const std::bad_alloc&) {
    return named(ErrorKind::memory, "out of memory");
  } catch (const std::exception& e) {
    return named(ErrorKind::argument, e.what());
  } catch (...) {
    return named(ErrorKind::argument, "unknown error");
  }
}

// Runs the oldest task; the caller holds `executing_`, the other of the environment's two threads may help.
bool Stream::runOne(const std::atomic<bool>& helperAtHand) {
  const uint64_t next = completed_.load(std::memory_order_relaxed);
  if (next >= published_.load(std::memory_order_seq_cst)) return false;
  Task& task = slots_[next % kSlots];
  std::shared_ptr<const Failure> failure = anyFailed_ ? inherited(task) : nullptr;
  const bool runs = failure == nullptr;
  const JobsOf jobs(this, helperAtHand);
  if (runs) failure = attempt(task, next + 1);
  if (anyFailed_ || failure) settle(task, failure, runs && failure);
  completed_.store(next + 1, std::memory_order_seq_cst);  // before the look at `notifyAt_`, as its writer looks here
  notifyIfDue();
  return true;
}

std::shared_ptr<const Failure> Stream::inherited(const Task& task) {
  std::lock_guard lock(failures_);
  for (int i = 0; i < task.access.count; i++)
    if ((task.access.reads >> i & 1) && task.access.blocks[i]->failure) return task.access.blocks[i]->failure;
  return nullptr;
}

void Stream::settle(const Task& task, const std::shared_ptr<const Failure>& failure, bool isNew) {
  anyFailed_ = true;
  std::lock_guard lock(failures_);
  for (int i = 0; i < task.access.count; i++)
    if (task.access.writes >> i & 1) task.access.blocks[i]->failure = failure;
  if (isNew) untold_.push_back(failure);
}

bool Stream::hasFailed(const Block* block) {
  std::lock_guard lock(failures_);
  return block->failure != nullptr;
}

void Stream::throwFailures(const Block* own, uint64_t sequence) {
  std::shared_ptr<const Failure> failure;
  {
    std::lock_guard lock(failures_);
    if (own) failure = own->failure;
    if (!failure && !untold_.empty() && untold_[0]->sequence <= sequence) failure = untold_[0];
    std::erase(untold_, failure);
  }
  if (failure) throw Error(failure->kind, failure->message);
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
  producerAtHand_.store(false, std::memory_order_relaxed);  // who asks to be told goes on to something else
  if (completed_.load(std::memory_order_seq_cst) >= sequence)
    notifyIfDue();
  else
    wake();
}

// Between two tasks: where the environment's thread neither waits nor made tasks meanwhile, it is busy elsewhere.
void Stream::noticeProducer() {
  const uint64_t published = published_.load(std::memory_order_seq_cst);
  if (published == seenPublished_ && !waiting_.load(std::memory_order_relaxed))
    producerAtHand_.store(false, std::memory_order_relaxed);
  seenPublished_ = published;
}

void Stream::loop() {
  const DenormalsFlushed flushed;
  const auto hasWork = [this] {
    return wanted_.load(std::memory_order_seq_cst) == 0 && published_.load(std::memory_order_seq_cst) > completed();
  };
  while (!stopping_.load(std::memory_order_acquire)) {
    dropStaleScratch();
    if (hasWork()) {
      std::unique_lock lock(executing_, std::try_to_lock);
      while (lock && !stopping_.load(std::memory_order_acquire) && wanted_.load(std::memory_order_acquire) == 0) {
        noticeProducer();
        if (!runOne(producerAtHand_)) break;
      }
      if (!lock) std::this_thread::yield();
    }
    if (helpUntil(this, [&] { return stopping_.load(std::memory_order_acquire) || hasWork(); })) continue;
    std::unique_lock lock(sleep_);
    awake_.store(false, std::memory_order_seq_cst);
    wakeUp_.wait(lock, [&] { return stopping_.load() || scratchIsStale() || awake_.load() || hasWork(); });
    awake_.store(true, std::memory_order_seq_cst);
  }
}

void Stream::drain() { drainTo(enqueued_); }

void Stream::drainTo(uint64_t sequence) {
  if (sequence == enqueued_) pendingCost_ = 0;
  if (completed() >= sequence) return;
  const DenormalsFlushed flushed;
  // Where the stream's thread is at work already, it goes on and has help.
  std::unique_lock executing(executing_, std::try_to_lock);
  if (!executing) {
    waiting_.store(true, std::memory_order_relaxed);
    producerAtHand_.store(true, std::memory_order_relaxed);
    const bool isDone = helpUntil(this, [&] { return completed() >= sequence; });
    waiting_.store(false, std::memory_order_relaxed);
    if (isDone) return;
    producerAtHand_.store(false, std::memory_order_relaxed);
  }
  wanted_.fetch_add(1, std::memory_order_seq_cst);
  if (!executing) executing.lock();
  while (completed_.load(std::memory_order_relaxed) < sequence && runOne(awake_)) {
  }
  executing.unlock();
  wanted_.fetch_sub(1, std::memory_order_seq_cst);
  // The thread may have gone to sleep over the tasks that were wanted here; the rest is its own again.
  if (thread_ != nullptr && completed() < enqueued_) wake();
}

void Stream::nudge() {
  {
    std::lock_guard lock(sleep_);
  }
  wakeUp_.notify_one();
}

void Stream::stop() {
  if (stopping_.exchange(true)) return;
  if (thread_ != nullptr) {
    nudge();
    thread_->join();
    delete thread_;
    thread_ = nullptr;
    awake_.store(false, std::memory_order_relaxed);
  }
  std::lock_guard lock(notifyLock_);
  notifyAt_.store(UINT64_MAX, std::memory_order_relaxed);
}

}  // namespace cresset
