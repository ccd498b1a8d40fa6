// The exports beside the ops: handles, data in and out, autograd, generator, stream, memory, threads.
#pragma once
#include <node_api.h>

#include <functional>

namespace cresset {

void addCore(const std::function<void(const char* name, napi_callback callback)>& add);

}  // namespace cresset
