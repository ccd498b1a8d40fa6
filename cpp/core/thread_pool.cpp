// Hand-out of chunks to the pool's threads; several environments may run jobs at the same time.
#include "core/thread_pool.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <mutex>
#include <string>
#include <thread>
#include <vector>
#ifdef __linux__
#include <sched.h>
#endif
#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace cresset {
namespace {

void pause() {
#if defined(__x86_64__)
  _mm_pause();
#else
  std::this_thread::yield();
#endif
}

// Flushes denormals on the calling thread: they cost up to a hundred times a normal number and carry no information
// here.
void flushDenormals() {
#if defined(__x86_64__)
  _mm_setcsr(_mm_getcsr() | 0x8040);
#elif defined(__aarch64__)
  uint64_t fpcr;
  asm volatile("mrs %0, fpcr" : "=r"(fpcr));
  asm volatile("msr fpcr, %0" ::"r"(fpcr | (uint64_t{1} << 24)));
#endif
}

struct Job {
  void (*fn)(void*, int64_t);
  void* context;
  int64_t chunks;
  std::atomic<int64_t> next{0};
  std::atomic<int> helpers{0};
  std::atomic<bool> failed{false};
  std::exception_ptr error{};  // the first; written before its thread leaves the job

  void work() {
    try {
      for (int64_t chunk; (chunk = next.fetch_add(1, std::memory_order_relaxed)) < chunks;) fn(context, chunk);
    } catch (...) {
      if (!failed.exchange(true)) error = std::current_exception();
      next.store(chunks, std::memory_order_relaxed);  // no chunk is handed out any more
    }
  }
  bool open() const { return next.load(std::memory_order_relaxed) < chunks; }
};

// What the process may really use: affinity, then the cgroup's quota.
int availableThreads() {
  int n = static_cast<int>(std::thread::hardware_concurrency());
#ifdef __linux__
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) n = CPU_COUNT(&set);
  auto limit = [&](double quota, double period) {
    if (quota > 0 && period > 0) {
      const int whole = static_cast<int>(quota / period);
      n = std::min(n, std::max(1, whole));
    }
  };
  std::string quota;
  double period = 0;
  if (std::ifstream file("/sys/fs/cgroup/cpu.max"); file >> quota >> period) {
    if (quota != "max") limit(std::atof(quota.c_str()), period);
  } else {
    double q = 0, p = 0;
    std::ifstream("/sys/fs/cgroup/cpu/cpu.cfs_quota_us") >> q;
    std::ifstream("/sys/fs/cgroup/cpu/cpu.cfs_period_us") >> p;
    limit(q, p);
  }
#endif
  return std::max(1, n);
}

int initialThreads() {
  if (const char* value = std::getenv("CRESSET_NUM_THREADS")) {
    const int n = std::atoi(value);
    if (n >= 1 && n <= 1024) return n;
  }
  return availableThreads();
}

class Pool {
 public:
  Pool() : threads_(initialThreads()) {}

  int threads() const { return threads_.load(std::memory_order_relaxed); }
  void setThreads(int n) { threads_.store(n, std::memory_order_relaxed); }

  void run(Job& job) {
    const int helpers = static_cast<int>(std::min<int64_t>(threads() - 1, job.chunks - 1));
    if (helpers <= 0) {
      for (int64_t chunk = 0; chunk < job.chunks; chunk++) job.fn(job.context, chunk);
      return;
    }
    {
      std::lock_guard lock(mutex_);
      while (started_ < threads() - 1) {
        std::thread([this] { loop(); }).detach();
        started_++;
      }
      jobs_.push_back(&job);
      epoch_.fetch_add(1, std::memory_order_release);
    }
    if (sleeping_.load(std::memory_order_seq_cst) > 0) wakeUp_.notify_all();
    job.work();
    {
      std::lock_guard lock(mutex_);
      std::erase(jobs_, &job);
    }
    // The last chunks of others: short, so spin first, then leave the core to them.
    for (int i = 0; job.helpers.load(std::memory_order_acquire) > 0; i++)
      i < 2000 ? pause() : std::this_thread::yield();
    if (job.error) std::rethrow_exception(job.error);
  }

  // Wakes the threads that sleep, so that they see which scratch memory was released.
  void wakeAll() {
    {
      std::lock_guard lock(mutex_);
    }
    wakeUp_.notify_all();
  }

 private:
  Job* take() {
    for (Job* job : jobs_)
      if (job->open() && job->helpers.load(std::memory_order_relaxed) < threads() - 1) {
        job->helpers.fetch_add(1, std::memory_order_relaxed);
        return job;
      }
    return nullptr;
  }

  void loop() {
    flushDenormals();
    for (;;) {
      dropStaleScratch();
      Job* job = nullptr;
      {
        std::unique_lock lock(mutex_);
        job = take();
      }
      if (job == nullptr) {
        const uint64_t seen = epoch_.load(std::memory_order_acquire);
        // A spin bridges the gap to the next job; after a while, whoever else wants the core has it.
        const auto start = std::chrono::steady_clock::now();
        while (epoch_.load(std::memory_order_acquire) == seen) {
          for (int i = 0; i < 16; i++) pause();
          const auto waited = std::chrono::steady_clock::now() - start;
          if (waited > std::chrono::microseconds(200)) break;
          if (waited > std::chrono::microseconds(50)) std::this_thread::yield();
        }
        std::unique_lock lock(mutex_);
        job = take();
        if (job == nullptr) {
          sleeping_.fetch_add(1, std::memory_order_seq_cst);
          wakeUp_.wait(lock, [&] { return (job = take()) != nullptr || scratchIsStale(); });
          sleeping_.fetch_sub(1, std::memory_order_seq_cst);
        }
        if (job == nullptr) continue;
      }
      job->work();
      job->helpers.fetch_sub(1, std::memory_order_release);
    }
  }

  std::atomic<int> threads_;
  int started_ = 0;
  std::mutex mutex_;
  std::vector<Job*> jobs_;
  std::atomic<uint64_t> epoch_{0};
  std::atomic<int> sleeping_{0};
  std::condition_variable wakeUp_;
};

// Never destroyed: its threads run until the process ends.
Pool& pool() {
  static Pool* instance = new Pool;
  return *instance;
}

}  // namespace

void parallelForImpl(int64_t chunks, void (*fn)(void* context, int64_t chunk), void* context) {
  if (chunks <= 0) return;
  Job job{fn, context, chunks};
  pool().run(job);
}

int numThreads() { return pool().threads(); }
void setNumThreads(int n) { pool().setThreads(n); }

DenormalsFlushed::DenormalsFlushed() {
#if defined(__x86_64__)
  saved_ = _mm_getcsr();
#elif defined(__aarch64__)
  asm volatile("mrs %0, fpcr" : "=r"(saved_));
#endif
  flushDenormals();
}

DenormalsFlushed::~DenormalsFlushed() {
#if defined(__x86_64__)
  _mm_setcsr(static_cast<unsigned>(saved_));
#elif defined(__aarch64__)
  asm volatile("msr fpcr, %0" ::"r"(saved_));
#endif
}

void releaseScratch() {
  expireScratch();
  pool().wakeAll();
  dropStaleScratch();
}

}  // namespace cresset
