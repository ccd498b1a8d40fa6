// Size classes, free lists and their exchange with the system.
#include "core/allocator.h"

#include <algorithm>
#include <bit>
#include <cstdlib>

#include "core/available_memory.h"
#include "core/context.h"
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

// Bytes that may wait for the stream before the host takes more, unless more are live.
constexpr int64_t kWaiting = int64_t{64} << 20;
// Bytes that may be kept for reuse, unless more are live.
constexpr int64_t kCached = int64_t{256} << 20;

// A new block, null if the system has none.
Block* take(int64_t bytes) {
  if (bytes >= kHuge && bytes > availableBytes()) return nullptr;
  void* data = nullptr;
  const size_t align = bytes >= (4 << 20) ? (2 << 20) : kAlign;
  if (posix_memalign(&data, align, static_cast<size_t>(bytes)) != 0) return nullptr;
#ifdef __linux__
  if (align > kAlign) madvise(data, static_cast<size_t>(bytes), MADV_HUGEPAGE);
#endif
  return new Block{data, bytes};
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

bool Allocator::passed(const Block* block) const { return block->lastUse <= context_.stream.completed(); }

bool Allocator::cachesTooMuch() const { return counters_.cached > std::max(counters_.live, kCached); }

Block* Allocator::fromSystem(int64_t bytes) {
  if (bytes > kMaxBytes) fail(ErrorKind::memory, "out of memory: a tensor of ", bytes, " bytes was asked for");
  // A loop over ever new sizes must not pile up caches; what the stream has not passed yet goes back once it has.
  if (cachesTooMuch()) trim();
  if (cachesTooMuch()) {
    context_.stream.drain();
    trim();
  }
  Block* block = take(bytes);
  // Before giving up: what is cached, then what is garbage, first the young, then all.
  for (int effort = 0; block == nullptr && effort < 3; effort++) {
    if (effort > 0 && context_.onOutOfMemory) context_.onOutOfMemory(context_.owner, effort == 2);
    context_.stream.drain();
    trim();
    block = take(bytes);
  }
  if (block == nullptr)
    fail(ErrorKind::memory, "out of memory: ", bytes, " bytes were asked for while ", availableBytes(),
         " are available and ", counters_.live, " live in tensors");
  if (context_.onGrowth) context_.onGrowth(context_.owner);
  return block;
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

// Where too many bytes wait, runs the stream up to the oldest of the blocks that fit, or to its end if none does.
void Allocator::boundWaiting(const std::vector<Block*>& fitting) {
  int64_t waiting = 0;
  for (const auto& bin : bins_)
    for (const Block* block : bin)
      if (!passed(block)) waiting += block->bytes;
  if (waiting <= std::max(counters_.live, kWaiting)) return;
  uint64_t until = context_.stream.enqueued();
  for (const Block* block : fitting) until = std::min(until, block->lastUse);
  context_.stream.drainTo(until);
}

Block* Allocator::allocateForHost(int64_t bytes) {
  const SizeClass c = sizeClass(bytes);
  if (c.bin >= static_cast<int>(bins_.size())) bins_.resize(static_cast<size_t>(c.bin) + 1);
  auto& bin = bins_[c.bin];
  const auto fits = [this](const Block* block) { return passed(block); };
  auto found = std::find_if(bin.begin(), bin.end(), fits);
  if (found == bin.end()) {
    boundWaiting(bin);
    found = std::find_if(bin.begin(), bin.end(), fits);
  }
  if (found == bin.end()) return use(fromSystem(c.bytes));
  Block* block = *found;
  bin.erase(found);
  counters_.cached -= block->bytes;
  block->failure.reset();
  return use(block);
}

void Allocator::release(Block* block) {
  const SizeClass c = sizeClass(block->bytes);
  block->lastUse = context_.stream.enqueued();
  counters_.live -= block->bytes;
  counters_.cached += block->bytes;
  if (c.bin >= static_cast<int>(bins_.size())) bins_.resize(static_cast<size_t>(c.bin) + 1);
  bins_[c.bin].push_back(block);
}

void Allocator::trim() {
  for (auto& bin : bins_) {
    size_t kept = 0;
    for (Block* block : bin) {
      if (!passed(block)) {
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
