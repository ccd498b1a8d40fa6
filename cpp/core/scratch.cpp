// Slots of working memory, one set a thread, and their release by generations.
#include "core/scratch.h"

#include <atomic>
#include <cstdlib>

#include "core/error.h"

namespace cresset {
namespace {

std::atomic<uint64_t> generation{0};
std::atomic<int64_t> total{0};

struct Slots {
  void* data[8] = {};
  int64_t bytes[8] = {};
  uint64_t seen = generation.load(std::memory_order_relaxed);

  void free(int slot) {
    std::free(data[slot]);
    total.fetch_sub(bytes[slot], std::memory_order_relaxed);
    data[slot] = nullptr;
    bytes[slot] = 0;
  }
  void freeAll() {
    for (int slot = 0; slot < 8; slot++) free(slot);
  }
  ~Slots() { freeAll(); }
};

thread_local Slots slots;

}  // namespace

void* scratch(int slot, int64_t bytes) {
  if (slots.bytes[slot] >= bytes) return slots.data[slot];
  slots.free(slot);
  const int64_t rounded = (bytes + 4095) / 4096 * 4096;
  slots.data[slot] = std::aligned_alloc(4096, static_cast<size_t>(rounded));
  if (slots.data[slot] == nullptr)
    fail(ErrorKind::memory, "out of memory: ", rounded, " bytes of working memory were asked for");
  slots.bytes[slot] = rounded;
  total.fetch_add(rounded, std::memory_order_relaxed);
  return slots.data[slot];
}

void expireScratch() { generation.fetch_add(1, std::memory_order_release); }

bool scratchIsStale() { return slots.seen != generation.load(std::memory_order_acquire); }

void dropStaleScratch() {
  if (!scratchIsStale()) return;
  slots.seen = generation.load(std::memory_order_acquire);
  slots.freeAll();
}

int64_t scratchBytes() { return total.load(std::memory_order_relaxed); }

}  // namespace cresset
