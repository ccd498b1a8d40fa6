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

// For whom this thread hands out jobs, and whether another thread of theirs helps.
thread_local const void* owner = nullptr;
thread_local const std::atomic<bool>* helperAtHand = nullptr;

// The chunks lie in a range for each thread (up to a number), and each begins with its own: of jobs that follow each
// other over the same data, a thread then mostly meets what it wrote itself. Who is done takes from the others.
struct Job {
  static constexpr int kMaxRanges = 32;
  struct alignas(64) Range {
    std::atomic<int64_t> next;
    int64_t end;
  };

  void (*fn)(void*, int64_t);
  void* context;
  const void* owner;
  int most, mostOfPool;             // helpers
  int fromPool = 0, fromOwner = 0;  // those who came; the pool's mutex guards them
  int count;
  Range ranges[kMaxRanges];
  std::atomic<int> helpers{0};  // who came and has not left
  std::atomic<bool> failed{false};
  std::exception_ptr error{};  // the first; written before its thread leaves the job

  Job(int64_t chunks, int threads, void (*fn)(void*, int64_t), void* context)
      : fn(fn),
        context(context),
        owner(cresset::owner),
        most(threads - 1),
        mostOfPool(helperAtHand && helperAtHand->load(std::memory_order_relaxed) ? most - 1 : most),
        count(static_cast<int>(std::min<int64_t>({chunks, threads, kMaxRanges}))) {
    for (int64_t i = 0; i < count; i++) {
      ranges[i].next.store(chunks * i / count, std::memory_order_relaxed);
      ranges[i].end = chunks * (i + 1) / count;
    }
  }
  // `number` tells whose range is the first: 0 for the thread that hands out, others for helpers.
  void work(int number) {
    try {
      for (int i = 0; i < count; i++) {
        Range& range = ranges[(number + i) % count];
        for (int64_t chunk; (chunk = range.next.fetch_add(1, std::memory_order_relaxed)) < range.end;)
          fn(context, chunk);
      }
    } catch (...) {
      if (!failed.exchange(true)) error = std::current_exception();
      for (int i = 0; i < count; i++)  // no chunk is handed out any more
        ranges[i].next.store(ranges[i].end, std::memory_order_relaxed);
    }
  }
  bool open() const {
    return std::any_of(ranges, ranges + count,
                       [](const Range& range) { return range.next.load(std::memory_order_relaxed) < range.end; });
  }
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
    const int helpers = job.mostOfPool;
    {
      std::lock_guard lock(mutex_);
      for (; started_ < helpers; started_++) std::thread([this, number = started_ + 1] { loop(number); }).detach();
      jobs_.push_back(&job);
      epoch_.fetch_add(1, std::memory_order_release);
    }
    if (helpers > 0 && sleeping_.load(std::memory_order_seq_cst) > 0) wakeUp_.notify_all();
    job.work(0);
    {
      std::lock_guard lock(mutex_);
      std::erase(jobs_, &job);
    }
    // The last chunks of others: short, so spin first, then leave the core to them.
    for (int i = 0; job.helpers.load(std::memory_order_acquire) > 0; i++)
      i < 2000 ? pause() : std::this_thread::yield();
    if (job.error) std::rethrow_exception(job.error);
  }

  bool help(const void* owner, bool (*done)(void*), void* context) {
    for (auto start = std::chrono::steady_clock::now(); !done(context);) {
      const uint64_t seen = epoch_.load(std::memory_order_acquire);
      if (Job* job = takeFor(owner)) {
        work(*job, threads() - 1);
        start = std::chrono::steady_clock::now();
      } else if (!spin(start, [&] { return done(context) || epoch_.load(std::memory_order_acquire) != seen; })) {
        return false;
      }
    }
    return true;
  }

  // Wakes the threads that sleep, so that they see which scratch memory was released.
  void wakeAll() {
    {
      std::lock_guard lock(mutex_);
    }
    wakeUp_.notify_all();
  }

 private:
  // A job that a thread of the pool, or the other thread of its owner, may join; the caller holds the mutex.
  template <class MayJoin> Job* take(MayJoin mayJoin) {
    for (Job* job : jobs_)
      if (job->fromPool + job->fromOwner < job->most && mayJoin(*job) && job->open()) {
        job->helpers.fetch_add(1, std::memory_order_relaxed);
        return job;
      }
    return nullptr;
  }
  Job* takeForPool() {
    Job* job = take([](const Job& job) { return job.fromPool < job.mostOfPool; });
    if (job) job->fromPool++;
    return job;
  }
  Job* takeFor(const void* owner) {
    std::lock_guard lock(mutex_);
    Job* job = take([owner](const Job& job) { return job.owner == owner; });
    if (job) job->fromOwner++;
    return job;
  }
  static void work(Job& job, int number) {
    job.work(number);
    job.helpers.fetch_sub(1, std::memory_order_release);
  }

  // Waits for `ready` as long after `start` as the gap to a running program's next job may be; after a while, whoever
  // else wants the core has it.
  template <class Ready> bool spin(std::chrono::steady_clock::time_point start, const Ready& ready) const {
    using std::chrono::microseconds;
    const bool alone = threads() == 1;  // nobody hands out jobs
    const auto hot = microseconds(alone ? 0 : 50), most = microseconds(alone ? 20 : 200);
    while (!ready()) {
      const auto waited = std::chrono::steady_clock::now() - start;
      if (waited > most) return false;
      if (waited > hot) std::this_thread::yield();
      for (int i = 0; i < 16; i++) pause();
    }
    return true;
  }

  void loop(int number) {
    flushDenormals();
    for (auto start = std::chrono::steady_clock::now();; start = std::chrono::steady_clock::now()) {
      Job* job = nullptr;
      uint64_t seen;
      do {  // jobs that others have do not keep this thread from its sleep
        dropStaleScratch();
        seen = epoch_.load(std::memory_order_acquire);
        std::lock_guard lock(mutex_);
        job = takeForPool();
      } while (!job && spin(start, [&] { return epoch_.load(std::memory_order_acquire) != seen; }));
      if (job == nullptr) {
        std::unique_lock lock(mutex_);
        sleeping_.fetch_add(1, std::memory_order_seq_cst);
        wakeUp_.wait(lock, [&] { return (job = takeForPool()) != nullptr || scratchIsStale(); });
        sleeping_.fetch_sub(1, std::memory_order_seq_cst);
      }
      if (job) work(*job, number);
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
  const int threads = pool().threads();
  if (chunks <= 1 || threads <= 1) {
    for (int64_t chunk = 0; chunk < chunks; chunk++) fn(context, chunk);
    return;
  }
  Job job(chunks, threads, fn, context);
  pool().run(job);
}

JobsOf::JobsOf(const void* owner, const std::atomic<bool>& helperAtHand) {
  cresset::owner = owner;
  cresset::helperAtHand = &helperAtHand;
}

JobsOf::~JobsOf() {
  owner = nullptr;
  helperAtHand = nullptr;
}

bool helpImpl(const void* owner, bool (*done)(void* context), void* context) {
  return pool().help(owner, done, context);
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
