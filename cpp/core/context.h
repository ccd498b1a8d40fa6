// The state of one Node environment (main thread or worker): allocator, stream, generator, modes.
#pragma once
#include <unordered_map>

#include "core/allocator.h"
#include "core/random.h"
#include "core/stream.h"

namespace cresset {

class Hooks;  // core/tensor.h

enum class GradMode : int { noGrad = 0, grad = 1, inference = 2 };

struct Context {
  Allocator allocator{*this};
  Stream stream;
  Generator generator;
  GradMode gradMode = GradMode::grad;
  uint64_t nodes = 0;  // tape nodes made so far: their order
  int64_t hooks = 0;   // hooks made so far: their numbers
  std::unordered_map<int64_t, Hooks*> hookOwners;

  // Called before memory is taken, with the bytes: the binding collects garbage when the budget is spent.
  void (*beforeAllocate)(void* owner, int64_t bytes) = nullptr;
  // Called when memory was taken from the system.
  void (*onGrowth)(void* owner) = nullptr;
  // Called when the system has none left, so that garbage is collected: the young, then all.
  void (*onOutOfMemory)(void* owner, bool full) = nullptr;
  void* owner = nullptr;
};

// The context of the calling thread; set by the binding at every entry, and by the tests.
Context& context();
void setContext(Context* context);

}  // namespace cresset
