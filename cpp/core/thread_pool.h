// The process-wide pool of threads: the only place that knows threads. Work is split by the caller into chunks that
// depend on the problem alone, never on the thread count, and handed out one by one, so results do not depend on the
// number of threads.
#pragma once
#include <atomic>
#include <cstdint>
#include <type_traits>

#include "core/scratch.h"

namespace cresset {

// Calls fn(chunk) once for every chunk in [0, chunks), on the calling thread and on idle ones; returns when all are
// done. Where `fn` throws, the chunks not yet begun are left out and the first exception is thrown here. `fn` may
// itself not call parallelFor.
void parallelForImpl(int64_t chunks, void (*fn)(void* context, int64_t chunk), void* context);

template <class F> void parallelFor(int64_t chunks, F&& fn) {
  if (chunks == 1) return fn(int64_t{0});
  using G = std::remove_reference_t<F>;
  parallelForImpl(
      chunks, [](void* context, int64_t chunk) { (*static_cast<G*>(context))(chunk); },
      const_cast<void*>(static_cast<const void*>(&fn)));
}

// Splits [0, n) into spans of `grain` (the last may be shorter) and calls fn(begin, end) for each in parallel.
template <class F> void parallelSpans(int64_t n, int64_t grain, F&& fn) {
  if (n <= 0) return;
  parallelFor((n + grain - 1) / grain, [&](int64_t chunk) {
    int64_t begin = chunk * grain, end = begin + grain < n ? begin + grain : n;
    fn(begin, end);
  });
}

// While one lives, the calling thread hands out jobs for `owner`. While `helperAtHand`, another thread of theirs helps,
// so that one thread of the pool fewer comes.
class JobsOf {
 public:
  JobsOf(const void* owner, const std::atomic<bool>& helperAtHand);
  ~JobsOf();
  JobsOf(const JobsOf&) = delete;
};

// Works on the jobs of `owner` until `done()`; false if before that none of theirs came for a fifth of a millisecond.
bool helpImpl(const void* owner, bool (*done)(void* context), void* context);

template <class Done> bool helpUntil(const void* owner, Done done) {
  return helpImpl(owner, [](void* context) { return (*static_cast<Done*>(context))(); }, &done);
}

// Threads that compute, the calling one included. Default: CRESSET_NUM_THREADS, else what affinity and the cgroup quota
// allow.
int numThreads();
void setNumThreads(int n);

// Gives scratch memory back to the system: the calling thread's at once, that of pool threads as soon as they are idle.
void releaseScratch();

// While one lives, the calling thread flushes denormals: they cost up to a hundred times a normal number. Pool threads
// always do.
class DenormalsFlushed {
 public:
  DenormalsFlushed();
  ~DenormalsFlushed();
  DenormalsFlushed(const DenormalsFlushed&) = delete;

 private:
  uint64_t saved_ = 0;
};

}  // namespace cresset
