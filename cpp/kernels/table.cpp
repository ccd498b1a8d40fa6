// Fills this instruction set's table.
#include "kernels/table.h"

#include "kernels/simd.h"

#define TEXT_(x) #x
#define TEXT(x) TEXT_(x)

namespace cresset::ISA {

void fill(Kernels& k) {
  k.isa = TEXT(ISA);
  k.vectorBytes = kRegisterBytes;
  addGemm(k);
  addElementwise(k);
  addUnary(k);
  addReduce(k);
  addSoftmax(k);
  addPool2d(k);
  addResample(k);
  addBatchNorm(k);
  addLayerNorm(k);
  addGrouped(k);
  addWinograd(k);
  addOptim(k);
  addCopy(k);
  addCrc32(k);
}

}  // namespace cresset::ISA
