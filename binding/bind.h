// Conversions between JavaScript values and C++ types, and the wrapper that reads a function's arguments off its
// signature.
#pragma once
#include <cmath>
#include <utility>

#include "environment.h"

namespace cresset {

inline int64_t integerFrom(Environment& e, napi_value v) {
  double d;
  if (napi_get_value_double(e.env, v, &d) != napi_ok) argumentError("expected an integer");
  if (d != std::floor(d) || std::abs(d) > 9007199254740992.0) argumentError("expected an integer, got ", d);
  return static_cast<int64_t>(d);
}

template <class T> struct Js;

template <> struct Js<int64_t> {
  static constexpr const char* type = "number";
  static int64_t from(Environment& e, napi_value v) { return integerFrom(e, v); }
};
template <> struct Js<double> {
  static constexpr const char* type = "number";
  static double from(Environment& e, napi_value v) {
    double d;
    if (napi_get_value_double(e.env, v, &d) != napi_ok) argumentError("expected a number");
    return d;
  }
};
template <> struct Js<bool> {
  static constexpr const char* type = "boolean";
  static bool from(Environment& e, napi_value v) {
    bool b;
    if (napi_get_value_bool(e.env, v, &b) != napi_ok) argumentError("expected a boolean");
    return b;
  }
};
template <> struct Js<DType> {
  static constexpr const char* type = "number";
  static DType from(Environment& e, napi_value v) {
    const int64_t code = integerFrom(e, v);
    if (code < 0 || code >= kDTypes) argumentError("unknown dtype code ", code);
    return static_cast<DType>(code);
  }
};
template <> struct Js<Tensor> {
  static constexpr const char* type = "TensorId";
  static Tensor from(Environment& e, napi_value v) {
    int64_t id = 0;
    if (napi_get_value_int64(e.env, v, &id) != napi_ok) argumentError("expected a Tensor");
    return e.tensor(id);
  }
};
template <> struct Js<Optional> {
  static constexpr const char* type = "TensorId";
  static Optional from(Environment& e, napi_value v) {
    int64_t id = 0;
    if (napi_get_value_int64(e.env, v, &id) != napi_ok) argumentError("expected a Tensor or nothing");
    return id == 0 ? Optional() : Optional(e.tensor(id));
  }
};

// fn(i, element) for every element of a JavaScript array.
template <class F> void eachElement(Environment& e, napi_value array, F fn) {
  bool isArray = false;
  napi_is_array(e.env, array, &isArray);
  if (!isArray) argumentError("expected an array");
  uint32_t n = 0;
  napi_get_array_length(e.env, array, &n);
  for (uint32_t i = 0; i < n; i++) {
    napi_value element;
    if (napi_get_element(e.env, array, i, &element) != napi_ok) throw PendingException{};
    fn(i, element);
  }
}

template <> struct Js<Dims> {
  static constexpr const char* type = "readonly number[]";
  static Dims from(Environment& e, napi_value v) {
    Dims dims;
    eachElement(e, v, [&](uint32_t, napi_value x) { dims.push(integerFrom(e, x)); });
    return dims;
  }
};
template <> struct Js<Size2> {
  static constexpr const char* type = "readonly [number, number]";
  static Size2 from(Environment& e, napi_value v) {
    const Dims dims = Js<Dims>::from(e, v);
    if (dims.size() != 2) argumentError("expected two numbers, got ", toString(dims));
    return {dims[0], dims[1]};
  }
};
template <> struct Js<Tensors> {
  static constexpr const char* type = "readonly TensorId[]";
  static Tensors from(Environment& e, napi_value v) {
    Tensors out;
    eachElement(e, v, [&](uint32_t, napi_value x) { out.push_back(Js<Tensor>::from(e, x)); });
    return out;
  }
};

// The name of parameter `index` in "(Tensor x, Dims shape)".
std::string parameterName(const char* params, size_t index);
// Turns the exception in flight into a JavaScript one; call it in a catch block.
void rethrow(Environment& e);

// Runs `body` with this environment's context, errors becoming JavaScript errors.
template <class F> napi_value guarded(Environment& e, F body) {
  setContext(&e.context);
  try {
    return body();
  } catch (...) {
    rethrow(e);
    return nullptr;
  }
}

template <class R, class... Args, size_t... I>
napi_value callOp(Environment& e, R (*fn)(Args...), const char* name, const char* params, napi_value* argv,
                  std::index_sequence<I...>) {
  auto convert = [&](auto tag, size_t index) {
    using T = typename decltype(tag)::type;
    try {
      return Js<T>::from(e, argv[index]);
    } catch (const Error& error) {
      throw Error(error.kind, std::string(name) + ": " + parameterName(params, index) + ": " + error.what());
    }
  };
  // Braces evaluate in order.
  std::tuple<Args...> args{convert(std::type_identity<std::remove_cvref_t<Args>>{}, I)...};
  napi_value result = nullptr;
  if constexpr (std::is_void_v<R>)
    std::apply(fn, std::move(args));
  else
    result = e.toJs(std::apply(fn, std::move(args)));
  if (e.callListener && result) e.tellOfCall(name, sizeof...(Args), argv, result);
  return result;
}

// The Node-API callback of one op.
template <auto fn> struct Bind;
template <class R, class... Args, R (*fn)(Args...)> struct Bind<fn> {
  static constexpr size_t count = sizeof...(Args);
  static inline const char* name;
  static inline const char* params;

  static napi_value call(napi_env env, napi_callback_info info) {
    napi_value argv[count];
    size_t argc = count;
    void* data = nullptr;
    napi_get_cb_info(env, info, &argc, argv, nullptr, &data);
    auto& e = *static_cast<Environment*>(data);
    return guarded(e, [&] { return callOp(e, fn, name, params, argv, std::index_sequence_for<Args...>{}); });
  }

  // "add(x: TensorId, y: TensorId, alpha: number): TensorId | object;"
  static std::string declaration() {
    const char* types[] = {Js<std::remove_cvref_t<Args>>::type...};
    std::string out = std::string("  ") + name + "(";
    for (size_t i = 0; i < count; i++) out += (i ? ", " : "") + parameterName(params, i) + ": " + types[i];
    return out + "): " + (std::is_void_v<R> ? "void" : "TensorId | object") + ";\n";
  }
};

}  // namespace cresset
