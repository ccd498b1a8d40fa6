// What the tape uses of the ops.
#include "ops/ops.h"

namespace cresset {

constinit const Arithmetic arithmetic{ops::full, ops::add, ops::add_, ops::to, ops::clone, ops::copy_, ops::sum};

}  // namespace cresset
