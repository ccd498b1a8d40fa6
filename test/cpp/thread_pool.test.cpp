// Every chunk runs once, also for several jobs at a time and for any number of threads.
#include "core/thread_pool.h"

#include <atomic>
#include <thread>
#include <vector>

#include "test.h"

using namespace cresset;

TEST(parallelFor_runs_each_chunk_once) {
  for (int threads : {1, 2, 5}) {
    setNumThreads(threads);
    for (int64_t chunks : {0, 1, 2, 3, 17, 1000}) {
      std::vector<std::atomic<int>> count(static_cast<size_t>(chunks));
      parallelFor(chunks, [&](int64_t c) { count[static_cast<size_t>(c)]++; });
      for (auto& n : count) CHECK(n == 1);
    }
  }
  setNumThreads(2);
}

TEST(parallelFor_serves_several_callers) {
  setNumThreads(3);
  std::vector<std::thread> callers;
  std::atomic<int64_t> total{0};
  for (int t = 0; t < 4; t++)
    callers.emplace_back([&] {
      for (int i = 0; i < 200; i++) parallelFor(16, [&](int64_t c) { total += c; });
    });
  for (auto& caller : callers) caller.join();
  CHECK(total == 4 * 200 * 120);
  setNumThreads(2);
}

TEST(scratch_is_aligned_and_grows) {
  for (int64_t bytes : {1, 100, 5000, 1 << 20}) {
    char* p = static_cast<char*>(scratch(7, bytes));
    CHECK(reinterpret_cast<uintptr_t>(p) % 64 == 0);
    p[0] = p[bytes - 1] = 1;
  }
}
