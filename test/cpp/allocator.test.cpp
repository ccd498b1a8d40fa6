// What is kept for reuse stays bounded, and memory is found before it is said to be out.
#include "core/allocator.h"

#include <algorithm>
#include <fstream>
#include <vector>
#ifdef __linux__
#include <sys/resource.h>
#include <unistd.h>
#endif

#include "fixture.h"
#include "test.h"

using namespace cresset;

constexpr int64_t kMegabyte = int64_t{1} << 20;

// A tensor that a task, which no thread is woken for, still reads when it is gone.
static void useAndDrop(const Tensor& t) {
  enqueue("read", 1, {&t}, {}, [] {});
}

TEST(allocator_bounds_the_bytes_that_wait_for_the_stream) {
  Fixture f;
  int64_t largest = 0;
  for (int i = 0; i < 100; i++) {
    useAndDrop(makeHostTensor({16 * kMegabyte}, DType::uint8));
    largest = std::max(largest, f.context.allocator.counters().cached);
  }
  CHECK(largest >= 64 * kMegabyte);
  CHECK(largest <= 100 * kMegabyte);
  // Of ever new sizes, none fits the next.
  for (int i = 0; i < 100; i++) {
    useAndDrop(makeHostTensor({(4 + i) * kMegabyte}, DType::uint8));
    largest = std::max(largest, f.context.allocator.counters().cached);
  }
  CHECK(largest <= 512 * kMegabyte);
}

TEST(allocator_bounds_the_cache_of_ever_new_sizes) {
  Fixture f;
  int64_t largest = 0;
  double size = 4 * kMegabyte;
  for (int i = 0; i < 40; i++, size *= 1.09) {
    useAndDrop(makeTensor({static_cast<int64_t>(size)}, DType::uint8));
    largest = std::max(largest, f.context.allocator.counters().cached);
  }
  CHECK(largest <= 256 * kMegabyte + static_cast<int64_t>(size));
}

TEST(allocator_collects_garbage_before_it_gives_up) {
  Fixture f;
  static std::vector<bool> efforts;
  efforts.clear();
  f.context.onOutOfMemory = [](void*, bool full) { efforts.push_back(full); };
  const std::string message = messageOf([] { makeTensor({int64_t{1} << 45}, DType::uint8); });
  CHECK(message.starts_with("out of memory: 35184372088832 bytes were asked for while "));
  CHECK((efforts == std::vector<bool>{false, true}));
}

// Sanitizers map more than any limit.
#if defined(__linux__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
TEST(allocator_goes_on_with_what_the_collector_found) {
  Fixture f;
  static Tensor garbage;
  garbage = makeTensor({600 * kMegabyte}, DType::uint8);
  useAndDrop(garbage);
  f.context.onOutOfMemory = [](void*, bool full) {
    if (full) garbage = Tensor();
  };
  int64_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  rlimit before, tight;
  getrlimit(RLIMIT_AS, &before);
  tight = before;
  tight.rlim_cur = static_cast<rlim_t>(pages * sysconf(_SC_PAGESIZE) + 300 * kMegabyte);
  setrlimit(RLIMIT_AS, &tight);
  rlimit now;
  getrlimit(RLIMIT_AS, &now);
  if (now.rlim_cur != tight.rlim_cur) return garbage = Tensor(), void();  // an emulator, which sets no limits
  const std::string message = messageOf([] { makeTensor({600 * kMegabyte}, DType::uint8); });
  setrlimit(RLIMIT_AS, &before);
  CHECK(message.empty());
  CHECK(!garbage.defined());
}
#endif
