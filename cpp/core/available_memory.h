// How much memory this process may still take, and giving back what it no longer needs.
#pragma once
#include <cstdint>

namespace cresset {

// Bytes left by the machine and by the process's cgroup; INT64_MAX where that cannot be told.
int64_t availableBytes();

// Gives back to the system what has been freed: the C library may keep it for each thread there ever was.
void returnFreedMemory();

}  // namespace cresset
