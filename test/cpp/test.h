// A test harness of forty lines: TEST registers, CHECK reports and counts.
#pragma once
#include <cmath>
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

struct TestCase {
  const char* name;
  void (*run)();
};
std::vector<TestCase>& testCases();
// Notes a failed check of the running test.
void reportFailure(const char* file, int line, const char* what);

struct RegisterTest {
  RegisterTest(const char* name, void (*run)()) { testCases().push_back({name, run}); }
};

#define TEST(name)                                         \
  static void test_##name();                               \
  static RegisterTest register_##name(#name, test_##name); \
  static void test_##name()

#define CHECK(condition)                                             \
  do {                                                               \
    if (!(condition)) reportFailure(__FILE__, __LINE__, #condition); \
  } while (0)

// The message of what `run` throws, empty if it throws nothing.
template <class F> std::string messageOf(F run) {
  try {
    run();
  } catch (const std::exception& error) {
    return error.what();
  }
  return {};
}

#define CHECK_CLOSE(a, b, tolerance)                                              \
  do {                                                                            \
    const double x_ = (a), y_ = (b);                                              \
    if (!(std::abs(x_ - y_) <= (tolerance) * (1 + std::abs(y_)))) {               \
      char text_[160];                                                            \
      std::snprintf(text_, sizeof text_, "%s = %.9g, expected %.9g", #a, x_, y_); \
      reportFailure(__FILE__, __LINE__, text_);                                   \
    }                                                                             \
  } while (0)
