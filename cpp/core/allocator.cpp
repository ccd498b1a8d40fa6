// Size classes, free lists and their exchange with the system.
#include "core/allocator.h"

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <fstream>
#include <new>
#include <string>

#include "core/error.h"
#ifdef __linux__
#include <sys/mman.h>
#endif

namespace cresset {
namespace {

constexpr int64_t kAlign = 64;
constexpr int64_t kMaxBytes = int64_t{1} << 46;

struct SizeClass {
  int bin;
  int64_t bytes;
};

// Eight classes per power of two: at most an eighth of a block is wasted.
SizeClass sizeClass(int64_t bytes) {
  const uint64_t units = static_cast<uint64_t>((bytes < 1 ? 1 : bytes) + kAlign - 1) / kAlign;
  if (units <= 8) return {static_cast<int>(units), static_cast<int64_t>(units) * kAlign};
  const int shift = std::bit_width(units - 1) - 4;
  const uint64_t eighths = ((units - 1) >> shift) + 1;  // 9 to 16
  return {shift * 8 + static_cast<int>(eighths), static_cast<int64_t>(eighths << shift) * kAlign};
}

// From this size on, an allocation is checked against what the system has: it would grant more, and end the process at
// its use.
constexpr int64_t kHuge = int64_t{1} << 30;

// Bytes that this process may still take, by the machine and by its cgroup.
int64_t availableBytes() {
  int64_t available = INT64_MAX;
#ifdef __linux__
  const auto field = [](const char* path, const std::string& name) {
    std::ifstream file(path);
    std::string key;
    for (int64_t value; file >> key >> value; file.ignore(256, '\n'))
      if (key == name) return value;
    return int64_t{-1};
  };
  if (const int64_t kilobytes = field("/proc/meminfo", "MemAvailable:"); kilobytes >= 0) available = kilobytes * 1024;
  int64_t limit, current;
  if (std::ifstream("/sys/fs/cgroup/memory.max") >> limit && std::ifstream("/sys/fs/cgroup/memory.current") >> current)
    available = std::min(available,
                         limit - current + std::max<int64_t>(0, field("/sys/fs/cgroup/memory.stat", "inactive_file")));
#endif
  return available;
}

}  // namespace

Allocator::~Allocator() {
  for (auto& bin : bins_)
    for (Block* block : bin) {
      std::free(block->data);
      delete block;
    }
}

Block* Allocator::use(Block* block) {
  counters_.live += block->bytes;
  if (counters_.live > counters_.peak) counters_.peak = counters_.live;
  return block;
}

Block* Allocator::fromSystem(int64_t bytes) {
  if (bytes > kMaxBytes) fail(ErrorKind::memory, "out of memory: a tensor of ", bytes, " bytes was asked for");
  // A loop over ever new sizes must not pile up caches: more cached than live, and more than a floor, goes back first.
  if (counters_.cached > counters_.live && counters_.cached > (int64_t{256} << 20)) trim(completedHint_);
  if (bytes >= kHuge) {
    trim(completedHint_);
    if (const int64_t available = availableBytes(); bytes > available)
      fail(ErrorKind::memory, "out of memory: a tensor of ", bytes, " bytes was asked for while ", available,
           " are available");
  }
  void* data = nullptr;
  const size_t align = bytes >= (4 << 20) ? (2 << 20) : kAlign;
  for (int attempt = 0; attempt < 2; attempt++) {
    if (posix_memalign(&data, align, static_cast<size_t>(bytes)) == 0) break;
    data = nullptr;
    trim(completedHint_);
  }
  if (data == nullptr)
    fail(ErrorKind::memory, "out of memory: ", bytes, " bytes were asked for while ", counters_.live, " are live");
#ifdef __linux__
  if (align > kAlign) madvise(data, static_cast<size_t>(bytes), MADV_HUGEPAGE);
#endif
  grew = true;
  return new Block{data, bytes, 0};
}

Block* Allocator::allocate(int64_t bytes) {
  const SizeClass c = sizeClass(bytes);
  if (c.bin < static_cast<int>(bins_.size()) && !bins_[c.bin].empty()) {
    Block* block = bins_[c.bin].back();
    bins_[c.bin].pop_back();
    counters_.cached -= block->bytes;
    return use(block);
  }
  return use(fromSystem(c.bytes));
}

Block* Allocator::allocateForHost(int64_t bytes, uint64_t completed) {
  completedHint_ = completed;
  const SizeClass c = sizeClass(bytes);
  if (c.bin < static_cast<int>(bins_.size())) {
    auto& bin = bins_[c.bin];
    for (size_t i = 0; i < bin.size(); i++) {
      if (bin[i]->lastUse > completed) continue;
      Block* block = bin[i];
      bin.erase(bin.begin() + static_cast<long>(i));
      counters_.cached -= block->bytes;
      return use(block);
    }
  }
  return use(fromSystem(c.bytes));
}

void Allocator::release(Block* block, uint64_t enqueued) {
  const SizeClass c = sizeClass(block->bytes);
  block->lastUse = enqueued;
  counters_.live -= block->bytes;
  counters_.cached += block->bytes;
  if (c.bin >= static_cast<int>(bins_.size())) bins_.resize(static_cast<size_t>(c.bin) + 1);
  bins_[c.bin].push_back(block);
}

void Allocator::trim(uint64_t completed) {
  completedHint_ = completed;
  for (auto& bin : bins_) {
    size_t kept = 0;
    for (Block* block : bin) {
      if (block->lastUse > completed) {
        bin[kept++] = block;
        continue;
      }
      counters_.cached -= block->bytes;
      std::free(block->data);
      delete block;
    }
    bin.resize(kept);
  }
}

}  // namespace cresset
