// The caching allocator of one environment: 64-byte aligned blocks, reused in stream order. Used by the environment's
// own thread only.
//
// A block given back may still be read by tasks that are enqueued; whoever gets it next enqueues its own tasks behind
// those, so it can be handed out at once. Only a write by the host itself must wait: `allocateForHost` hands out blocks
// that the stream has passed, and helps the stream where too many bytes wait for it.
#pragma once
#include <cstdint>
#include <memory>
#include <vector>

namespace cresset {

struct Context;
struct Failure;  // core/stream.h

struct Block {
  void* data = nullptr;
  int64_t bytes = 0;     // capacity, a size class
  uint64_t lastUse = 0;  // sequence number of the last task that may touch it
  // Why the bytes are not what they should be. As they themselves it belongs to the stream's tasks.
  std::shared_ptr<const Failure> failure{};
};

struct MemoryCounters {
  int64_t live = 0, cached = 0, peak = 0;
};

class Allocator {
 public:
  explicit Allocator(Context& context) : context_(context) {}
  ~Allocator();
  // Both throw Error(memory) when the system has none left, after collecting garbage and giving back what is cached.
  Block* allocate(int64_t bytes);
  Block* allocateForHost(int64_t bytes);
  void release(Block* block);
  // Frees the cached blocks that the stream has passed.
  void trim();

  const MemoryCounters& counters() const { return counters_; }
  void resetPeak() { counters_.peak = counters_.live; }

 private:
  Block* fromSystem(int64_t bytes);
  Block* use(Block* block);
  void boundWaiting(const std::vector<Block*>& fitting);
  bool passed(const Block* block) const;
  bool cachesTooMuch() const;
  Context& context_;
  std::vector<std::vector<Block*>> bins_;
  MemoryCounters counters_;
};

}  // namespace cresset
