// Working memory of each thread, kept from one task to the next until it is released.
#pragma once
#include <cstdint>

namespace cresset {

// Memory of the calling thread, 64-byte aligned, valid until its next call with the same slot (0 to 7).
void* scratch(int slot, int64_t bytes);

// Marks all scratch memory of the process as released. Only its own thread knows when it is out of use, so each frees
// its own by `dropStaleScratch`, between tasks.
void expireScratch();
bool scratchIsStale();
void dropStaleScratch();

// Bytes that all threads hold.
int64_t scratchBytes();

}  // namespace cresset
