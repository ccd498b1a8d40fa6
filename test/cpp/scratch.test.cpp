// Working memory is aligned, grows, and goes back from every thread.
#include "core/scratch.h"

#include <chrono>
#include <thread>

#include "core/stream.h"
#include "core/thread_pool.h"
#include "test.h"

using namespace cresset;

TEST(scratch_is_aligned_and_grows) {
  for (int64_t bytes : {1, 100, 5000, 1 << 20}) {
    char* p = static_cast<char*>(scratch(7, bytes));
    CHECK(reinterpret_cast<uintptr_t>(p) % 64 == 0);
    p[0] = p[bytes - 1] = 1;
  }
}

TEST(scratch_that_cannot_be_had_leaves_nothing_behind) {
  const int64_t bytes = int64_t{1} << 24;  // more than another test has left in the slot
  scratch(7, bytes);
  const int64_t before = scratchBytes();
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)  // they end the process instead
  CHECK(messageOf([] { scratch(7, int64_t{1} << 55); }).starts_with("out of memory: "));
  CHECK(scratchBytes() < before);
#endif
  scratch(7, bytes);
  CHECK(scratchBytes() == before);
}

TEST(scratch_goes_back_from_all_threads) {
  setNumThreads(3);
  Stream stream;
  scratch(0, 1 << 20);
  parallelFor(64, [](int64_t) {
    scratch(1, 1 << 20);
    std::this_thread::sleep_for(std::chrono::microseconds(200));
  });
  for (int i = 0; i < 64; i++)
    stream.enqueue("work", 1e6, [] {
      scratch(2, 1 << 20);
      std::this_thread::sleep_for(std::chrono::microseconds(200));
    });
  while (stream.completed() < stream.enqueued()) std::this_thread::yield();
  std::this_thread::sleep_for(std::chrono::milliseconds(5));  // all are asleep
  CHECK(scratchBytes() >= 3 << 20);
  releaseScratch();
  stream.nudge();
  for (int i = 0; i < 5000 && scratchBytes() > 0; i++) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  CHECK(scratchBytes() == 0);
  setNumThreads(2);
}
