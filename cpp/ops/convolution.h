// Two-dimensional convolution over channels-last memory: forward and both gradients, parallel over chunks fixed by the
// shape.
#pragma once
#include "kernels/kernels.h"

namespace cresset {

// x: [n, h, w, c], y: [n, oh, ow, oc]; weight and dweight are the user's contiguous [oc, c / groups, kh, kw]; bias may
// be null; `relu` makes negative outputs 0.
template <class T>
void conv2dForward(const Conv2dShape& s, const T* x, const T* weight, const T* bias, bool relu, T* y);
// The same with the weight as the loops read it, which for one shape can be kept: `packedSize` elements.
template <class T> int64_t packedSize(const Conv2dShape& s);
template <class T> void packWeight(const Conv2dShape& s, const T* weight, T* packed);
template <class T> void conv2dPacked(const Conv2dShape& s, const T* x, const T* packed, const T* bias, bool relu, T* y);
// Names how a shape's weight is packed: shapes of one weight with the same number share it.
template <class T> int packing(const Conv2dShape& s);
template <class T> void conv2dGradInput(const Conv2dShape& s, const T* dy, const T* weight, T* dx);
template <class T> void conv2dGradWeight(const Conv2dShape& s, const T* x, const T* dy, T* dweight);

}  // namespace cresset
