// How much memory this process may still take.
#pragma once
#include <cstdint>

namespace cresset {

// Bytes left by the machine and by the process's cgroup; INT64_MAX where that cannot be told.
int64_t availableBytes();

}  // namespace cresset
