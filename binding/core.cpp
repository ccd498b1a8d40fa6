// Functions behind lib/native.ts's NativeCore, one lambda each.
#include "core.h"

#include <cstring>

#include "bind.h"
#include "core/available_memory.h"
#include "core/enqueue.h"
#include "core/thread_pool.h"
#include "kernels/kernels.h"
#include "ops/ops.h"

namespace cresset {
namespace {

// The arguments of one call.
struct Call {
  Environment& e;
  napi_value argv[8];

  template <class T> T get(int i) const { return Js<T>::from(e, argv[i]); }
  Tensor tensor(int i) const { return get<Tensor>(i); }

  napi_value number(double v) const {
    napi_value out;
    napi_create_double(e.env, v, &out);
    return out;
  }
  napi_value boolean(bool v) const {
    napi_value out;
    napi_get_boolean(e.env, v, &out);
    return out;
  }
  napi_value string(const char* s) const {
    napi_value out;
    napi_create_string_utf8(e.env, s, NAPI_AUTO_LENGTH, &out);
    return out;
  }
  napi_value null() const {
    napi_value out;
    napi_get_null(e.env, &out);
    return out;
  }
  napi_value dims(const Dims& d) const {
    napi_value out, item;
    napi_create_array_with_length(e.env, static_cast<size_t>(d.size()), &out);
    for (int i = 0; i < d.size(); i++) {
      napi_create_int64(e.env, d[i], &item);
      napi_set_element(e.env, out, static_cast<uint32_t>(i), item);
    }
    return out;
  }
};

// Ids where 0 stands for an undefined tensor.
Tensors optionals(Environment& e, napi_value array) {
  Tensors out;
  eachElement(e, array, [&](uint32_t, napi_value v) { out.push_back(Js<Optional>::from(e, v)); });
  return out;
}

struct Bytes {
  char* data;
  int64_t length;
};

Bytes bytesOf(Environment& e, napi_value view) {
  napi_typedarray_type type;
  size_t length = 0, offset = 0;
  void* data = nullptr;
  napi_value buffer;
  if (napi_get_typedarray_info(e.env, view, &type, &length, &data, &buffer, &offset) != napi_ok)
    argumentError("expected a typed array");
  bool detached = false;
  napi_is_detached_arraybuffer(e.env, buffer, &detached);
  if (detached) argumentError("the array's buffer was detached");
  constexpr int8_t sizes[] = {1, 1, 1, 2, 2, 4, 4, 4, 8, 8, 8};
  return {static_cast<char*>(data), static_cast<int64_t>(length) * sizes[type]};
}

// Waits for `t`; throws what kept it from being computed, or what else went wrong and nobody was told of.
void finish(Environment& e, const Tensor& t) {
  e.context.stream.drain();
  throwFailures(t);
}

}  // namespace

// A captureless lambda `(Call& call) -> napi_value` as a Node-API callback.
#define EXPORT(name, ...)                                             \
  add(name, [](napi_env env, napi_callback_info info) -> napi_value { \
    void* data = nullptr;                                             \
    size_t argc = 8;                                                  \
    napi_value argv[8];                                               \
    napi_get_cb_info(env, info, &argc, argv, nullptr, &data);         \
    auto& e = *static_cast<Environment*>(data);                       \
    Call call{e, {}};                                                 \
    std::memcpy(call.argv, argv, sizeof argv);                        \
    return guarded(e, [&]()->napi_value __VA_ARGS__);                 \
  })

void addCore(const std::function<void(const char*, napi_callback)>& add) {
  EXPORT("setup", {
    auto hook = [&](const char* name, Reference& ref) {
      napi_value fn;
      if (napi_get_named_property(e.env, call.argv[0], name, &fn) != napi_ok) throw PendingException{};
      napi_valuetype type;
      napi_typeof(e.env, fn, &type);
      ref = type == napi_function ? Reference(e.env, fn, Reference::strong) : Reference();
    };
    hook("raise", e.raiseHook);
    hook("gc", e.gcHook);
    hook("idle", e.idleHook);
    return nullptr;
  });

  // --- handles ---
  EXPORT("track", {
    e.track(call.get<int64_t>(0), call.argv[1]);
    return nullptr;
  });
  EXPORT("exchange", {
    e.exchange(call.get<int64_t>(0), call.get<int64_t>(1));
    return nullptr;
  });
  EXPORT("release", {
    e.release(call.get<int64_t>(0));
    return nullptr;
  });
  EXPORT("shape", { return call.dims(call.tensor(0).shape()); });
  EXPORT("stride", { return call.dims(call.tensor(0).strides()); });
  EXPORT("storageOffset", { return call.number(static_cast<double>(call.tensor(0).impl()->offset)); });
  EXPORT("dtype", { return call.number(static_cast<double>(call.tensor(0).dtype())); });
  EXPORT("version", { return call.number(call.tensor(0).impl()->storage->version); });
  EXPORT("storageKey", {
    return call.number(static_cast<double>(reinterpret_cast<uintptr_t>(call.tensor(0).impl()->storage.get())));
  });
  EXPORT("asStrided", {
    const Tensor t = call.tensor(0);
    const Dims shape = call.get<Dims>(1), strides = call.get<Dims>(2);
    const int64_t offset = call.get<int64_t>(3);
    int64_t last = offset, least = offset;
    for (int d = 0; d < shape.size(); d++)
      if (strides[d] < 0)
        least = -1;
      else
        last += (shape[d] - 1) * strides[d];
    if (least < 0 || (product(shape) > 0 && (last + 1) * sizeOf(t.dtype()) > t.impl()->storage->block->bytes))
      argumentError("asStrided: shape ", toString(shape), " with stride ", toString(strides), " at offset ", offset,
                    " leaves the storage");
    return e.toJs(asStrided(t, shape, strides, offset));
  });

  // --- data in and out ---
  EXPORT("fromTypedArray", {
    const DType source = call.get<DType>(1), dtype = call.get<DType>(3);
    const Dims shape = call.get<Dims>(2);
    Tensor t = makeHostTensor(shape, dtype);
    const Bytes bytes = bytesOf(e, call.argv[0]);
    if (bytes.length != t.numel() * sizeOf(source))
      shapeError("tensor: shape ", toString(shape), " needs ", t.numel(), " elements, got ",
                 bytes.length / sizeOf(source));
    // Converted here and now, so that class indices can be checked at the call that uses them.
    if (bytes.length > 0)
      kernels().bytes.convert(static_cast<int>(source), static_cast<int>(dtype), t.numel(), bytes.data, t.raw());
    return e.toJs(t);
  });
  EXPORT("toTypedArray", {
    Tensor t;
    {
      NoGrad off;
      t = ops::contiguous(call.tensor(0));
    }
    finish(e, t);
    const Bytes bytes = bytesOf(e, call.argv[1]);
    const int64_t needed = t.numel() * sizeOf(t.dtype());
    if (bytes.length != needed)
      argumentError("toTypedArray: expected an array of ", needed, " bytes, got ", bytes.length);
    if (needed > 0) std::memcpy(bytes.data, t.raw(), static_cast<size_t>(needed));
    return nullptr;
  });
  EXPORT("hostTensor", { return e.toJs(makeHostTensor(call.get<Dims>(0), call.get<DType>(1))); });
  EXPORT("lendBytes", {
    const Tensor t = call.tensor(0);
    const int64_t offset = call.get<int64_t>(1), length = call.get<int64_t>(2);
    const int64_t size = t.numel() * sizeOf(t.dtype());
    if (!t.isContiguous()) argumentError("lendBytes: the tensor must be contiguous");
    if (offset < 0 || length < 0 || length > size - offset)
      argumentError("lendBytes: ", length, " bytes from ", offset, " on leave a tensor of ", size);
    if (!isMaterialised(t)) finish(e, t);
    napi_value out;
    if (length == 0) {
      if (napi_create_arraybuffer(e.env, 0, nullptr, &out) != napi_ok) throw PendingException{};
      return out;
    }
    // The memory stays while JavaScript has the buffer.
    auto* owner = new Ref<Storage>(t.impl()->storage);
    const auto release = [](napi_env, void*, void* hint) { delete static_cast<Ref<Storage>*>(hint); };
    const napi_status status = napi_create_external_arraybuffer(e.env, static_cast<char*>(t.raw()) + offset,
                                                                static_cast<size_t>(length), release, owner, &out);
    if (status == napi_no_external_buffers_allowed) {
      delete owner;
      argumentError("lendBytes: this runtime has no buffers over memory that is not its own");
    }
    if (status != napi_ok) throw PendingException{};  // which has let go of the owner
    return out;
  });
  EXPORT("takeBack", {
    napi_detach_arraybuffer(e.env, call.argv[0]);
    return nullptr;
  });
  EXPORT("crc32", {
    const Bytes bytes = bytesOf(e, call.argv[0]);
    auto crc = static_cast<uint32_t>(call.get<int64_t>(1));
    kernels().bytes.crc32(bytes.length, bytes.data, &crc);
    return call.number(crc);
  });
  EXPORT("item", {
    const Tensor t = call.tensor(0);
    if (t.numel() != 1) shapeError("item: only a tensor of one element is a number, got shape ", toString(t.shape()));
    Tensor wide;
    {
      NoGrad off;
      wide = isFloating(t.dtype()) ? ops::to(t, DType::float64) : ops::to(t, DType::int64);
    }
    finish(e, wide);
    if (isFloating(t.dtype())) return call.number(*wide.data<double>());
    const int64_t v = *wide.data<int64_t>();
    if (v > 9007199254740992 || v < -9007199254740992)
      fail(ErrorKind::range, "item: ", v, " is beyond 2^53; use toTypedArray");
    return call.number(static_cast<double>(v));
  });

  // --- autograd ---
  EXPORT("requiresGrad", { return call.boolean(call.tensor(0).requiresGrad()); });
  EXPORT("setRequiresGrad", {
    const Tensor t = call.tensor(0);
    const bool value = call.get<bool>(1);
    if (gradFnOf(t)) {
      if (!value)
        fail(ErrorKind::autograd, "requiresGrad: only a leaf can be changed; use detach for a computed tensor");
      return nullptr;
    }
    if (value && !isFloating(t.dtype()))
      dtypeError("requiresGrad: only floating tensors can require gradients, got ", nameOf(t.dtype()));
    t.impl()->requiresGrad = value;
    if (value) t.impl()->base.reset();  // a leaf has a history of its own
    return nullptr;
  });
  EXPORT("isLeaf", { return call.boolean(gradFnOf(call.tensor(0)) == nullptr); });
  EXPORT("gradFn", {
    const Node* made = gradFnOf(call.tensor(0));
    return made ? call.string(made->op) : call.null();
  });
  EXPORT("grad", {
    const Tensor t = call.tensor(0);
    return e.toJs(Tensor(t.impl()->grad));
  });
  EXPORT("setGrad", {
    const Tensor t = call.tensor(0);
    const Optional g = call.get<Optional>(1);
    if (g.impl() == t.impl()) fail(ErrorKind::autograd, "grad: a tensor cannot be its own gradient");
    if (g.defined() && (g.shape() != t.shape() || g.dtype() != t.dtype()))
      shapeError("grad: a gradient of shape ", toString(g.shape()), " and dtype ", nameOf(g.dtype()),
                 " does not fit a tensor of shape ", toString(t.shape()), " and dtype ", nameOf(t.dtype()));
    t.impl()->grad = g.ref();
    return nullptr;
  });
  EXPORT("retainGrad", {
    retainGrad(call.tensor(0));
    return nullptr;
  });
  EXPORT("backward", {
    backward(call.get<Tensors>(0), optionals(e, call.argv[1]), call.get<bool>(2));
    return nullptr;
  });
  EXPORT("gradients", {
    const Tensors result = gradients(call.get<Tensors>(0), call.get<Tensors>(1), optionals(e, call.argv[2]),
                                     call.get<bool>(3), call.get<bool>(4));
    napi_value out, receiver;
    napi_create_array_with_length(e.env, result.size(), &out);
    napi_get_undefined(e.env, &receiver);
    // Several results may be one tensor: each gets its object before the next is looked up.
    for (size_t i = 0; i < result.size(); i++) {
      napi_value item = e.toJs(result[i]);
      if (result[i].defined() && napi_call_function(e.env, receiver, call.argv[5], 1, &item, &item) != napi_ok)
        throw PendingException{};
      napi_set_element(e.env, out, static_cast<uint32_t>(i), item);
    }
    return out;
  });
  EXPORT("addHook", {
    // The function lives as long as the hook.
    struct Hook {
      Environment& e;
      Reference fn;
      Tensor operator()(const Tensor& gradient) const {
        // One pass may call many hooks, whose tensors could else not be collected before its end.
        const HandleScope scope(e.env);
        napi_value receiver, argument = e.toJs(gradient), result;
        napi_get_undefined(e.env, &receiver);
        if (napi_call_function(e.env, receiver, fn.value(), 1, &argument, &result) != napi_ok) throw PendingException{};
        return Js<Optional>::from(e, result);
      }
    };
    const auto hook = std::make_shared<Hook>(Hook{e, Reference(e.env, call.argv[1], Reference::strong)});
    const int64_t id = addHook(call.tensor(0), [hook](const Tensor& gradient) { return (*hook)(gradient); });
    return call.number(static_cast<double>(id));
  });
  EXPORT("removeHook", {
    removeHook(call.get<int64_t>(0));
    return nullptr;
  });
  EXPORT("setGradMode", {
    const int before = static_cast<int>(e.context.gradMode);
    e.context.gradMode = static_cast<GradMode>(call.get<int64_t>(0));
    return call.number(before);
  });
  EXPORT("gradMode", { return call.number(static_cast<int>(e.context.gradMode)); });

  EXPORT("listen", {
    napi_valuetype type;
    napi_typeof(e.env, call.argv[0], &type);
    e.callListener = type == napi_function ? Reference(e.env, call.argv[0], Reference::strong) : Reference();
    return nullptr;
  });

  // --- random numbers: the generator belongs to the stream's tasks, so the stream is drained first ---
  EXPORT("manualSeed", {
    e.context.stream.drain();
    e.context.generator.manualSeed(static_cast<uint64_t>(call.get<int64_t>(0)));
    return nullptr;
  });
  EXPORT("initialSeed", { return call.number(static_cast<double>(e.context.generator.initialSeed())); });
  EXPORT("drawSeed", {
    e.context.stream.drain();
    return call.number(static_cast<double>(e.context.generator.random64() & 0xffffffff));
  });
  EXPORT("randomState", {
    e.context.stream.drain();
    const auto state = e.context.generator.state();
    void* data;
    napi_value buffer, out;
    // Fails in a worker that is being terminated.
    if (napi_create_arraybuffer(e.env, state.size(), &data, &buffer) != napi_ok) throw PendingException{};
    std::memcpy(data, state.data(), state.size());
    if (napi_create_typedarray(e.env, napi_uint8_array, state.size(), buffer, 0, &out) != napi_ok)
      throw PendingException{};
    return out;
  });
  EXPORT("setRandomState", {
    e.context.stream.drain();
    const Bytes bytes = bytesOf(e, call.argv[0]);
    if (!e.context.generator.setState(reinterpret_cast<uint8_t*>(bytes.data), static_cast<size_t>(bytes.length)))
      argumentError("setRngState: not a generator state");
    return nullptr;
  });

  // --- stream, memory, threads ---
  EXPORT("whenDone", { return call.number(static_cast<double>(e.whenDone(call.argv[0]))); });
  EXPORT("throwFailures", {
    const Optional t = call.get<Optional>(0);
    const auto sequence = static_cast<uint64_t>(call.get<int64_t>(1));
    const bool written = t.defined() && t.impl()->storage->lastWrite != 0;
    e.context.stream.throwFailures(written ? t.impl()->storage->block : nullptr, sequence);
    return nullptr;
  });
  EXPORT("enqueued", { return call.number(static_cast<double>(e.context.stream.enqueued())); });
  EXPORT("pending",
         { return call.number(static_cast<double>(e.context.stream.enqueued() - e.context.stream.completed())); });
  EXPORT("memoryStats", {
    const MemoryCounters& c = e.context.allocator.counters();
    napi_value out;
    napi_create_object(e.env, &out);
    napi_set_named_property(e.env, out, "liveBytes", call.number(static_cast<double>(c.live)));
    napi_set_named_property(e.env, out, "cachedBytes", call.number(static_cast<double>(c.cached)));
    napi_set_named_property(e.env, out, "peakBytes", call.number(static_cast<double>(c.peak)));
    napi_set_named_property(e.env, out, "scratchBytes", call.number(static_cast<double>(scratchBytes())));
    napi_set_named_property(e.env, out, "handles", call.number(static_cast<double>(e.handles())));
    return out;
  });
  EXPORT("resetPeak", {
    e.context.allocator.resetPeak();
    return nullptr;
  });
  EXPORT("emptyCache", {
    e.sweep();
    e.context.allocator.trim();
    return nullptr;
  });
  EXPORT("returnFreedMemory", {
    returnFreedMemory();
    return nullptr;
  });
  EXPORT("releaseIdle", {
    e.collect(false);
    e.context.allocator.trim();
    releaseScratch();
    returnFreedMemory();
    e.context.stream.nudge();
    return nullptr;
  });
  EXPORT("wake", {
    e.context.stream.wake();
    return nullptr;
  });
  EXPORT("numThreads", { return call.number(numThreads()); });
  EXPORT("setNumThreads", {
    const int64_t n = call.get<int64_t>(0);
    if (n < 1 || n > 1024) argumentError("setNumThreads: expected 1 to 1024 threads, got ", n);
    setNumThreads(static_cast<int>(n));
    return nullptr;
  });
  EXPORT("isa", { return call.string(kernels().isa); });
  EXPORT("shutdown", {
    e.stop();
    return nullptr;
  });
}

}  // namespace cresset
