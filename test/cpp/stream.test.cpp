// The stream runs tasks in order, whoever executes them, and reports what went wrong in them.
#include "core/stream.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <new>
#include <thread>

#include "core/error.h"
#include "core/thread_pool.h"
#include "test.h"

using namespace cresset;

TEST(stream_runs_tasks_in_order) {
  Stream stream;
  int order[5000], next = 0;
  for (int i = 0; i < 5000; i++)
    stream.enqueue("count", i % 7 == 0 ? 1e6 : 1, [&order, &next, i] { order[next++] = i; });
  stream.drain();
  CHECK(next == 5000);
  for (int i = 0; i < next; i++) CHECK(order[i] == i);
  CHECK(stream.completed() == 5000);
}

TEST(stream_thread_and_caller_share_the_work) {
  Stream stream;
  int64_t sum = 0;
  for (int round = 0; round < 200; round++) {
    for (int i = 0; i < 20; i++) stream.enqueue("add", 50'000, [&sum] { sum++; });
    stream.drain();
    CHECK(sum == (round + 1) * 20);
  }
}

// A task of chunks that wait for each other, as long as `patience` lasts.
struct Chunks {
  int count;
  std::atomic<bool> begun{false};
  std::atomic<int> entered{0};
  std::array<std::thread::id, 3> threads{};

  explicit Chunks(int count) : count(count) {}
  void run(std::chrono::milliseconds patience) {
    begun = true;
    const auto until = std::chrono::steady_clock::now() + patience;
    parallelFor(count, [&](int64_t chunk) {
      threads[static_cast<size_t>(chunk)] = std::this_thread::get_id();
      entered++;
      while (entered < count && std::chrono::steady_clock::now() < until) std::this_thread::yield();
    });
  }
  // Whether a thread of its own ran each, the caller among them or not.
  bool ranApart(bool withCaller) const {
    const auto ran = [&](std::thread::id id) { return std::count(threads.begin(), threads.begin() + count, id); };
    return std::all_of(threads.begin(), threads.begin() + count, [&](auto id) { return ran(id) == 1; }) &&
           (ran(std::this_thread::get_id()) == 1) == withCaller;
  }
};

TEST(stream_is_helped_by_the_thread_that_waits_for_it) {
  for (int threads : {2, 3}) {
    setNumThreads(threads);
    bool helped = false;
    for (int round = 0; round < 100 && !helped; round++) {  // who waits long for chunks gives up
      Stream stream;
      Chunks chunks(threads);
      stream.enqueue("work", 1e6, [&chunks] { chunks.run(std::chrono::milliseconds(20)); });
      while (!chunks.begun) std::this_thread::yield();
      stream.drain();
      helped = chunks.ranApart(true);
    }
    CHECK(helped);
  }
  setNumThreads(2);
}

TEST(stream_is_helped_by_the_pool_while_nobody_waits) {
  setNumThreads(2);
  Stream stream;
  Chunks chunks(2);
  std::atomic<bool> done{false};
  stream.enqueue("work", 1, [&chunks] { chunks.run(std::chrono::seconds(10)); });
  stream.notifyAt(1, [](void* done) { static_cast<std::atomic<bool>*>(done)->store(true); }, &done);
  while (!done) std::this_thread::yield();
  CHECK(chunks.ranApart(false));
}

TEST(stream_runs_no_further_than_asked) {
  Stream stream;
  int done = 0;
  for (int i = 0; i < 5; i++) stream.enqueue("count", 1, [&done] { done++; });
  stream.drainTo(2);
  CHECK(done == 2 && stream.completed() == 2);
  stream.drain();
  CHECK(done == 5);
}

TEST(stream_tells_every_failure_once_and_none_too_early) {
  Stream stream;
  stream.enqueue("works", 1, [] {});
  stream.enqueue("fails", 1, [] { fail(ErrorKind::range, "first"); });
  stream.enqueue("fails", 1, [] { argumentError("second"); });
  stream.drain();
  const auto told = [&](uint64_t sequence) { return messageOf([&] { stream.throwFailures(nullptr, sequence); }); };
  CHECK(told(1).empty());
  ErrorKind kind = ErrorKind::argument;
  try {
    stream.throwFailures(nullptr, 3);
  } catch (const Error& error) {
    kind = error.kind;
    CHECK(std::string(error.what()) == "first");
  }
  CHECK(kind == ErrorKind::range);
  CHECK(told(2).empty());
  CHECK(told(3) == "second");
  CHECK(told(3).empty());
}

TEST(stream_names_the_op_that_ran_out_of_memory) {
  Stream stream;
  stream.enqueue("matmul", 1, [] { throw std::bad_alloc(); });
  stream.enqueue("conv2d", 1, [] { fail(ErrorKind::memory, "out of memory: 8 bytes were asked for"); });
  stream.enqueue("odd", 1, [] { throw 1; });
  stream.drain();
  const auto told = [&] { return messageOf([&] { stream.throwFailures(nullptr, 3); }); };
  CHECK(told() == "matmul: out of memory");
  CHECK(told() == "conv2d: out of memory: 8 bytes were asked for");
  CHECK(told() == "odd: unknown error");
}

TEST(stream_notifies_when_a_task_is_done) {
  Stream stream;
  std::atomic<int> notified{0};
  stream.enqueue("work", 1, [] {});
  stream.notifyAt(stream.enqueued(), [](void* n) { static_cast<std::atomic<int>*>(n)->fetch_add(1); }, &notified);
  while (notified.load() == 0) std::this_thread::yield();
  CHECK(notified.load() == 1);
}

TEST(stream_notifies_whoever_asks_while_the_task_ends) {
  Stream stream;
  std::atomic<uint64_t> notified{0};
  for (uint64_t round = 1; round <= 100'000 && notified == round - 1; round++) {
    stream.enqueue("work", 1e6, [] {});
    for (uint64_t i = 0; i < round * 7 % 400; i++) asm volatile("");  // until about the task's end
    stream.notifyAt(round, [](void* n) { static_cast<std::atomic<uint64_t>*>(n)->fetch_add(1); }, &notified);
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(1);
    while (notified < round && std::chrono::steady_clock::now() < until) {
    }
  }
  CHECK(notified == 100'000);
}

TEST(stream_stops_with_work_left) {
  for (int i = 0; i < 50; i++) {
    Stream stream;
    int done = 0;
    for (int k = 0; k < 100; k++) stream.enqueue("work", 100'000, [&done] { done++; });
    stream.stop();
    CHECK(done <= 100);
  }
}

TEST(stream_that_stopped_notifies_nobody) {
  Stream stream;
  std::atomic<bool> begun{false}, go{false};
  std::atomic<int> notified{0};
  stream.enqueue("work", 1, [&begun, &go] {
    begun = true;
    while (!go) std::this_thread::yield();
  });
  stream.enqueue("work", 1, [] {});
  stream.notifyAt(2, [](void* n) { static_cast<std::atomic<int>*>(n)->fetch_add(1); }, &notified);
  while (!begun) std::this_thread::yield();
  std::thread later([&go] {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    go = true;
  });
  stream.stop();
  later.join();
  CHECK(stream.completed() == 1);
  stream.drain();
  CHECK(stream.completed() == 2);
  CHECK(notified == 0);
}
