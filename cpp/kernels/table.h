// What the kernel files of one instruction set fill into its table.
#pragma once
#include "kernels/kernels.h"

namespace cresset::ISA {

void addGemm(Kernels& k);
void addElementwise(Kernels& k);
void addUnary(Kernels& k);
void addReduce(Kernels& k);
void addSoftmax(Kernels& k);
void addPool2d(Kernels& k);
void addResample(Kernels& k);
void addBatchNorm(Kernels& k);
void addLayerNorm(Kernels& k);
void addGrouped(Kernels& k);
void addWinograd(Kernels& k);
void addOptim(Kernels& k);
void addCopy(Kernels& k);
void addCrc32(Kernels& k);

// The table of this instruction set.
void fill(Kernels& k);

}  // namespace cresset::ISA
