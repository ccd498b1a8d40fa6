// Reads what Linux says of the machine and of the cgroup, version 2 or 1.
#include "core/available_memory.h"

#include <algorithm>
#include <fstream>
#include <string>
#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace cresset {
namespace {

#ifdef __linux__
// The number behind `name` in a file of names and numbers; -1 without.
int64_t field(const std::string& path, const std::string& name) {
  std::ifstream file(path);
  std::string key;
  for (int64_t value; file >> key >> value; file.ignore(256, '\n'))
    if (key == name) return value;
  return -1;
}

// What a cgroup leaves; the page cache that it counts can be dropped.
int64_t leftBy(const std::string& folder, const char* limitFile, const char* usedFile, const char* cacheField) {
  int64_t limit, used;
  if (!(std::ifstream(folder + limitFile) >> limit && std::ifstream(folder + usedFile) >> used)) return INT64_MAX;
  return limit - used + std::max<int64_t>(0, field(folder + "memory.stat", cacheField));
}
#endif

}  // namespace

int64_t availableBytes() {
  int64_t available = INT64_MAX;
#ifdef __linux__
  if (const int64_t kilobytes = field("/proc/meminfo", "MemAvailable:"); kilobytes >= 0) available = kilobytes * 1024;
  available = std::min(available, leftBy("/sys/fs/cgroup/", "memory.max", "memory.current", "inactive_file"));
  available = std::min(available, leftBy("/sys/fs/cgroup/memory/", "memory.limit_in_bytes", "memory.usage_in_bytes",
                                         "total_inactive_file"));
#endif
  return std::max<int64_t>(0, available);
}

void returnFreedMemory() {
#ifdef __GLIBC__
  malloc_trim(0);
#endif
}

}  // namespace cresset
