// The caching allocator of one environment: 64-byte aligned blocks, reused in stream order. Used by the environment's
// own thread only.
//
// A block given back may still be read by tasks that are enqueued; whoever gets it next enqueues its own tasks behind
// those, so it can be handed out at once. Only a write by the host itself must wait: `allocateForHost` hands out blocks
// that the stream has passed.
#pragma once
#include <cstdint>
#include <vector>

namespace cresset {

struct Block {
  void* data = nullptr;
  int64_t bytes = 0;     // capacity, a size class
  uint64_t lastUse = 0;  // sequence number of the last task that may touch it
};

struct MemoryCounters {
  int64_t live = 0, cached = 0, peak = 0;
};

class Allocator {
 public:
  ~Allocator();
  // Both throw Error(memory) when the system has none left, after giving back what is cached.
  Block* allocate(int64_t bytes);
  Block* allocateForHost(int64_t bytes, uint64_t completed);
  void release(Block* block, uint64_t enqueued);
  // Frees the cached blocks that the stream has passed.
  void trim(uint64_t completed);

  const MemoryCounters& counters() const { return counters_; }
  void resetPeak() { counters_.peak = counters_.live; }
  bool grew = false;  // memory was taken from the system since the flag was last cleared

 private:
  Block* fromSystem(int64_t bytes);
  Block* use(Block* block);
  std::vector<std::vector<Block*>> bins_;
  MemoryCounters counters_;
  uint64_t completedHint_ = 0;
};

}  // namespace cresset
