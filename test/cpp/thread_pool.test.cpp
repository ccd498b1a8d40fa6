// Every chunk runs once, also for several jobs at a time and for any number of threads.
#include "core/thread_pool.h"

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include "core/error.h"
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

TEST(parallelFor_throws_what_a_chunk_throws) {
  const auto caller = std::this_thread::get_id();
  for (int threads : {1, 2, 5})
    for (bool onCaller : {true, false}) {
      if (threads == 1 && !onCaller) continue;
      setNumThreads(threads);
      for (int round = 0; round < 20; round++) {
        std::atomic<int> inside{0}, begun{0};
        const auto chunk = [&](int64_t) {
          inside++;
          begun++;
          const bool throws = (std::this_thread::get_id() == caller) == onCaller;
          std::this_thread::sleep_for(std::chrono::microseconds(throws ? 50 : 500));
          inside--;
          if (throws) argumentError("a chunk failed");
        };
        const std::string message = messageOf([&] { parallelFor(200, chunk); });
        CHECK(message == "a chunk failed");
        CHECK(inside == 0);
        CHECK(begun < 200);
      }
    }
  setNumThreads(2);
  std::atomic<int> count{0};
  parallelFor(100, [&](int64_t) { count++; });
  CHECK(count == 100);
}
