// Every row of unary.def against the C library in double, and its derivative against differences.
#include <functional>
#include <map>
#include <string>

#include "every_isa.h"

using namespace cresset;

namespace {

using Reference = std::function<double(double x, double p, double q)>;

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

// By halves, from the nearer of 0 and 1.
double erfinv(double x) {
  const double a = std::abs(x);
  if (a == 1) return std::copysign(INFINITY, x);
  double low = 0, high = a < 1 ? 8 : NAN;
  for (int i = 0; i < 120; i++) {
    const double middle = (low + high) / 2;
    ((a < 0.5 ? std::erf(middle) < a : std::erfc(middle) > 1 - a) ? low : high) = middle;
  }
  return std::copysign((low + high) / 2, x);
}

// A row of unary.def that is missing here fails the test.
const std::map<std::string, Reference> kReferences = {
    {"neg", [](double x, double, double) { return -x; }},
    {"abs", [](double x, double, double) { return std::abs(x); }},
    {"sign", [](double x, double, double) { return x > 0   ? 1.0
                                                   : x < 0 ? -1.0
                                                           : 0.0; }},
    {"square", [](double x, double, double) { return x * x; }},
    {"sqrt", [](double x, double, double) { return std::sqrt(x); }},
    {"rsqrt", [](double x, double, double) { return 1 / std::sqrt(x); }},
    {"reciprocal", [](double x, double, double) { return 1 / x; }},
    {"exp", [](double x, double, double) { return std::exp(x); }},
    {"expm1", [](double x, double, double) { return std::expm1(x); }},
    {"log", [](double x, double, double) { return std::log(x); }},
    {"log1p", [](double x, double, double) { return std::log1p(x); }},
    {"log2", [](double x, double, double) { return std::log2(x); }},
    {"log10", [](double x, double, double) { return std::log10(x); }},
    {"sin", [](double x, double, double) { return std::sin(x); }},
    {"cos", [](double x, double, double) { return std::cos(x); }},
    {"tan", [](double x, double, double) { return std::tan(x); }},
    {"tanh", [](double x, double, double) { return std::tanh(x); }},
    {"sigmoid", [](double x, double, double) { return sigmoid(x); }},
    {"erf", [](double x, double, double) { return std::erf(x); }},
    {"erfinv", [](double x, double, double) { return erfinv(x); }},
    {"relu", [](double x, double, double) { return x < 0 ? 0 : x; }},
    {"silu", [](double x, double, double) { return x * sigmoid(x); }},
    {"gelu", [](double x, double, double) { return 0.5 * x * (1 + std::erf(x * std::sqrt(0.5))); }},
    {"hardsigmoid", [](double x, double, double) { return x != x ? x : std::min(std::max(x + 3, 0.0), 6.0) / 6; }},
    {"hardswish", [](double x, double, double) { return x * std::min(std::max(x + 3, 0.0), 6.0) / 6; }},
    {"floor", [](double x, double, double) { return std::floor(x); }},
    {"ceil", [](double x, double, double) { return std::ceil(x); }},
    {"round", [](double x, double, double) { return std::nearbyint(x); }},
    {"trunc", [](double x, double, double) { return std::trunc(x); }},
    {"leakyRelu", [](double x, double p, double) { return x > 0 ? x : p * x; }},
    {"elu", [](double x, double p, double) { return x > 0 ? x : p * std::expm1(x); }},
    {"powScalar", [](double x, double p, double) { return std::pow(x, p); }},
    {"softplus", [](double x, double p, double q) { return x * p > q ? x : std::log1p(std::exp(x * p)) / p; }},
    {"clamp", [](double x, double p, double q) { return x != x ? x : std::min(std::max(x, p), q); }},
    {"hardtanh", [](double x, double p, double q) { return x != x ? x : std::min(std::max(x, p), q); }},
};
const std::map<std::string, std::pair<double, double>> kParameters = {
    {"leakyRelu", {0.1, 0}}, {"elu", {1.5, 0}},       {"powScalar", {3, 0}},
    {"softplus", {1.5, 2}},  {"clamp", {-0.5, 0.75}}, {"hardtanh", {-0.75, 0.5}}};

bool positiveOnly(const std::string& name) { return name == "sqrt" || name == "rsqrt" || name.starts_with("log"); }

template <class T>
void checkRow(const std::string& name, void (*f)(int64_t, const T*, T*, double, double),
              void (*backward)(int64_t, const T*, const T*, const T*, T*, double, double)) {
  const auto found = kReferences.find(name);
  if (found == kReferences.end()) return reportFailure(__FILE__, __LINE__, name.c_str());
  const Reference& reference = found->second;
  const auto parameters = kParameters.find(name);
  const auto [p, q] = parameters == kParameters.end() ? std::pair(0.0, 0.0) : parameters->second;
  for (int64_t n : kSizes) {
    std::vector<T> x = samples<T>(n, 1);
    for (T& v : x) v = positiveOnly(name) ? std::abs(v) + T(0.01) : v;
    const std::vector<T> dy = samples<T>(n, 2);
    std::vector<T> y(static_cast<size_t>(n)), dx(static_cast<size_t>(n));
    f(n, x.data(), y.data(), p, q);
    backward(n, x.data(), y.data(), dy.data(), dx.data(), p, q);
    for (int64_t i = 0; i < n; i++) {
      const double at = static_cast<double>(x[i]), want = reference(at, p, q);
      // gelu and silu lose digits of their factors where x is negative, tan near its pole.
      if (!near(y[i], want, 8) && std::abs(static_cast<double>(y[i]) - want) > 4 * std::numeric_limits<T>::epsilon())
        reportFailure(__FILE__, __LINE__, (name + " at " + std::to_string(at)).c_str());
      const double h = 1e-6, below = reference(at - h, p, q), above = reference(at + h, p, q);
      const double kink = std::abs((above - want) - (want - below));
      if (kink > 1e-8 * (1 + std::abs(want))) continue;  // no derivative here
      const double slope = (above - below) / (2 * h) * static_cast<double>(dy[i]);
      if (std::abs(static_cast<double>(dx[i]) - slope) > (sizeof(T) == 4 ? 2e-6 : 1e-7) * (1 + std::abs(slope)))
        reportFailure(__FILE__, __LINE__, (name + "' at " + std::to_string(at)).c_str());
    }
  }
  T edges[4] = {static_cast<T>(NAN), static_cast<T>(INFINITY), -static_cast<T>(INFINITY), T(0)}, out[4];
  f(4, edges, out, p, q);
  for (int i = 0; i < 4; i++) {
    const double want = reference(static_cast<double>(edges[i]), p, q);
    if (std::isnan(want) != std::isnan(out[i]) || (std::isinf(want) && static_cast<double>(out[i]) != want))
      reportFailure(__FILE__, __LINE__, (name + " at special value " + std::to_string(i)).c_str());
  }
}

template <class T> void checkAll(const FloatKernels<T>& k) {
#define UNARY(name, saves, f, dx) checkRow<T>(#name, k.name, k.name##Backward);
#define UNARY1(name, p, saves, f, dx) checkRow<T>(#name, k.name, k.name##Backward);
#define UNARY2(name, p, q, saves, f, dx) checkRow<T>(#name, k.name, k.name##Backward);
#include "kernels/unary.def"
#undef UNARY
#undef UNARY1
#undef UNARY2
}

}  // namespace

TEST(kernels_unary) {
  onEveryIsa([](const Kernels& k) {
    checkAll(k.f32);
    checkAll(k.f64);
  });
}

// At numbers of every size, where the result is a normal number.
TEST(kernels_unary_float_accuracy) {
  onEveryIsa([](const Kernels& k) {
    const std::pair<const char*, void (*)(int64_t, const float*, float*, double, double)> functions[] = {
        {"exp", k.f32.exp}, {"log", k.f32.log}, {"tanh", k.f32.tanh}, {"sigmoid", k.f32.sigmoid}, {"erf", k.f32.erf}};
    for (const auto& [name, f] : functions)
      for (int exponent = -120; exponent < 128; exponent++) {
        std::vector<float> x, y(400);
        for (int i = 0; i < 200; i++) {
          x.push_back(std::ldexp(1 + static_cast<float>(i) / 200, exponent));
          x.push_back(positiveOnly(name) ? x.back() : -x.back());
        }
        f(400, x.data(), y.data(), 0, 0);
        for (int i = 0; i < 400; i++) {
          const double want = kReferences.at(name)(static_cast<double>(x[i]), 0, 0);
          const bool normal = std::abs(want) >= static_cast<double>(std::numeric_limits<float>::min());
          const bool beyond = want > static_cast<double>(std::numeric_limits<float>::max());
          if (!near(y[i], beyond ? INFINITY : normal ? want : 0, 1.5))
            reportFailure(__FILE__, __LINE__, (name + (" at " + std::to_string(x[i]))).c_str());
        }
      }
    const float x[] = {-0x1.5d589ep6f, -0x1.5d58a0p6f, 0x1.62e42ep6f, 0x1.62e430p6f};
    float y[4];
    k.f32.exp(4, x, y, 0, 0);  // the smallest normal number, less, the largest number, more
    CHECK(y[0] >= 0x1p-126f && y[1] == 0 && y[2] < INFINITY && y[3] == INFINITY);
  });
}

// Up to the numbers next to 0 and 1.
template <class T>
void checkErfinv(void (*f)(int64_t, const T*, T*, double, double),
                 void (*backward)(int64_t, const T*, const T*, const T*, T*, double, double), T tolerance) {
  std::vector<T> x;
  for (int exponent = 1; exponent <= std::numeric_limits<T>::digits; exponent++)
    for (int i = 0; i < 50; i++) {
      const T part = std::ldexp(1 + static_cast<T>(i) / 50, -exponent);
      x.insert(x.end(), {part, -part, 1 - part, part - 1});
    }
  const auto n = static_cast<int64_t>(x.size());
  std::vector<T> y(x.size()), dx(x.size()), dy(x.size(), 1);
  f(n, x.data(), y.data(), 0, 0);
  backward(n, x.data(), y.data(), dy.data(), dx.data(), 0, 0);
  for (size_t i = 0; i < x.size(); i++) {
    const double want = erfinv(static_cast<double>(x[i])), slope = std::exp(want * want) * std::sqrt(std::acos(-1)) / 2;
    if (!near(y[i], want, tolerance) || !near(dx[i], slope, 4 * (1 + want * want)))
      reportFailure(__FILE__, __LINE__, ("erfinv at " + std::to_string(x[i])).c_str());
  }
  const T edges[] = {1, -1, std::nextafter(T(1), T(2)), T(-0.0)};
  f(4, edges, y.data(), 0, 0);
  CHECK(y[0] == INFINITY && y[1] == -INFINITY && std::isnan(y[2]) && y[3] == 0 && std::signbit(y[3]));
}

TEST(kernels_unary_erfinv) {
  onEveryIsa([](const Kernels& k) {
    checkErfinv<float>(k.f32.erfinv, k.f32.erfinvBackward, 1);
    checkErfinv<double>(k.f64.erfinv, k.f64.erfinvBackward, 4);
  });
}
