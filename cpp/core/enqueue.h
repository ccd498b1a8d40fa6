// Tasks over tensors: what they read and write is declared with them, so that the stream knows what depends on what.
#pragma once
#include <initializer_list>

#include "core/context.h"
#include "core/tensor.h"

namespace cresset {

using TensorList = std::initializer_list<const Tensor*>;  // undefined tensors are left out

Access accessOf(const char* op, TensorList reads, TensorList writes, TensorList updates);
// Notes that the task enqueued last writes these tensors.
void noteWritten(TensorList writes);

// Appends a task to this thread's stream; `cost` in nanoseconds on one thread. If what it reads could not be computed,
// it does not run, and what it writes counts as not computed either. What it `updates`, as a whole or not at all, then
// stays as it was, and good: parameters, and statistics that run along.
template <class F>
void enqueue(const char* op, double cost, TensorList reads, TensorList writes, TensorList updates, const F& task) {
  context().stream.enqueue(op, cost, task, accessOf(op, reads, writes, updates));
  noteWritten(writes);
  noteWritten(updates);
}
template <class F> void enqueue(const char* op, double cost, TensorList reads, TensorList writes, const F& task) {
  enqueue(op, cost, reads, writes, {}, task);
}

// Whether the host may read x now: the stream has passed what writes it, and nothing failed.
bool isMaterialised(const Tensor& x);

// For a drained stream: throws what kept x from being computed, else the first failure nobody was told of.
void throwFailures(const Tensor& x);

}  // namespace cresset
