// Which blocks a task depends on.
#include "core/enqueue.h"

namespace cresset {

// Memory that no task has written holds what the host wrote, or nothing; the failure of a former user does not count.
static bool isFresh(const Tensor& t) { return t.impl()->storage->lastWrite == 0; }

Access accessOf(const char* op, TensorList reads, TensorList writes, TensorList updates) {
  Access access;
  for (TensorList list : {reads, updates})
    for (const Tensor* t : list)
      if (t->defined() && !isFresh(*t)) access.add(op, t->impl()->storage->block, true, false);
  for (const Tensor* t : writes) {
    if (!t->defined()) continue;
    // Who writes a part leaves the rest as good or bad as it was.
    const bool whole = t->numel() * sizeOf(t->dtype()) == t->impl()->storage->bytes;
    access.add(op, t->impl()->storage->block, !whole && !isFresh(*t), true);
  }
  return access;
}

void noteWritten(TensorList writes) {
  for (const Tensor* t : writes)
    if (t->defined()) t->impl()->storage->lastWrite = context().stream.enqueued();
}

bool isMaterialised(const Tensor& x) {
  const Storage& storage = *x.impl()->storage;
  return isFresh(x) ||
         (storage.lastWrite <= context().stream.completed() && !context().stream.hasFailed(storage.block));
}

void throwFailures(const Tensor& x) {
  Stream& stream = context().stream;
  stream.throwFailures(isFresh(x) ? nullptr : x.impl()->storage->block, stream.enqueued());
}

}  // namespace cresset
