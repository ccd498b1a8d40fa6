// The stream runs tasks in order, whoever executes them, and reports what went wrong in them.
#include "core/stream.h"

#include <stdexcept>

#include "core/error.h"
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

TEST(stream_keeps_the_first_error) {
  Stream stream;
  stream.enqueue("fails", 1, [] { argumentError("first"); });
  stream.enqueue("fails", 1, [] { argumentError("second"); });
  stream.drain();
  bool thrown = false;
  try {
    stream.throwPending();
  } catch (const Error& error) {
    thrown = std::string(error.what()) == "first";
  }
  CHECK(thrown);
  stream.throwPending();  // reported once
}

TEST(stream_notifies_when_a_task_is_done) {
  Stream stream;
  std::atomic<int> notified{0};
  stream.enqueue("work", 1, [] {});
  stream.notifyAt(stream.enqueued(), [](void* n) { static_cast<std::atomic<int>*>(n)->fetch_add(1); }, &notified);
  while (notified.load() == 0) std::this_thread::yield();
  CHECK(notified.load() == 1);
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
