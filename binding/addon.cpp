// The addon's exports: every op of ops.def.
#include <tuple>

#include "bind.h"
#include "core.h"
#include "ops/ops.h"

namespace cresset {

std::string parameterName(const char* params, size_t index) {
  const std::string all(params);
  size_t start = 1;
  for (size_t i = 0; i < index; i++) start = all.find(',', start) + 1;
  const size_t end = all.find_first_of(",)", start);
  const size_t space = all.rfind(' ', end);
  return all.substr(space + 1, end - space - 1);
}

void rethrow(Environment& e) {
  static constexpr const char* kinds[] = {"argument", "shape", "dtype", "autograd", "memory", "range"};
  try {
    throw;
  } catch (const PendingException&) {
  } catch (const Error& error) {
    e.raise(kinds[static_cast<int>(error.kind)], error.what());
  } catch (const std::bad_alloc&) {
    e.raise("memory", "out of memory");
  } catch (const std::exception& error) {
    e.raise("argument", error.what());
  }
}

static std::string declarations() {
  std::string out = "// Printed by the addon from ops.def.\ntype TensorId = number;\nexport interface NativeOps {\n";
#define OP(result, opName, opParams) out += Bind<&ops::opName>::declaration();
#include "ops/ops.def"
#undef OP
  return out + "}\n";
}

static napi_value declarationsJs(napi_env env, napi_callback_info) {
  const std::string text = declarations();
  napi_value result;
  napi_create_string_utf8(env, text.c_str(), text.size(), &result);
  return result;
}

}  // namespace cresset

NAPI_MODULE_INIT() {
  using namespace cresset;
  auto* e = new Environment(env);
  napi_set_instance_data(env, e, [](napi_env, void* data, void*) { delete static_cast<Environment*>(data); }, nullptr);
  napi_add_env_cleanup_hook(env, [](void* data) { static_cast<Environment*>(data)->stop(); }, e);
  auto add = [&](const char* name, napi_callback callback) {
    napi_value fn;
    napi_create_function(env, name, NAPI_AUTO_LENGTH, callback, e, &fn);
    napi_set_named_property(env, exports, name, fn);
  };
#define OP(result, opName, opParams)      \
  Bind<&ops::opName>::name = #opName;     \
  Bind<&ops::opName>::params = #opParams; \
  add(#opName, Bind<&ops::opName>::call);
#include "ops/ops.def"
#undef OP
  add("declarations", declarationsJs);
  addCore(add);
  return exports;
}
