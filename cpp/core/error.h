// The errors of the core; `kind` chooses the JavaScript class.
#pragma once
#include <stdexcept>
#include <string>
#include <string_view>

namespace cresset {

enum class ErrorKind { argument, shape, dtype, autograd, memory, range };

struct Error : std::runtime_error {
  Error(ErrorKind kind, const std::string& message) : std::runtime_error(message), kind(kind) {}
  ErrorKind kind;
};

inline std::string text(std::string_view s) { return std::string(s); }
inline std::string text(int64_t v) { return std::to_string(v); }
inline std::string text(int v) { return std::to_string(v); }
std::string text(double v);

// fail(kind, "conv2d: input has ", 3, " channels but weight expects ", 4)
template <class... Parts> [[noreturn]] void fail(ErrorKind kind, const Parts&... parts) {
  throw Error(kind, (text(parts) + ...));
}
template <class... Parts> [[noreturn]] void shapeError(const Parts&... parts) { fail(ErrorKind::shape, parts...); }
template <class... Parts> [[noreturn]] void argumentError(const Parts&... parts) {
  fail(ErrorKind::argument, parts...);
}
template <class... Parts> [[noreturn]] void dtypeError(const Parts&... parts) { fail(ErrorKind::dtype, parts...); }

}  // namespace cresset
