// Runs all tests, or those whose name contains the first argument.
#include <cstring>

#include "test.h"

static int failures = 0;

std::vector<TestCase>& testCases() {
  static std::vector<TestCase> cases;
  return cases;
}

void reportFailure(const char* file, int line, const char* what) {
  if (++failures <= 20) std::printf("  %s:%d: %s\n", file, line, what);
}

int main(int argc, char** argv) {
  int passed = 0, failed = 0;
  for (const TestCase& test : testCases()) {
    if (argc > 1 && !std::strstr(test.name, argv[1])) continue;
    failures = 0;
    test.run();
    if (failures > 0) std::printf("FAILED %s (%d checks)\n", test.name, failures);
    failures > 0 ? failed++ : passed++;
  }
  std::printf("%d passed, %d failed\n", passed, failed);
  return failed > 0;
}
