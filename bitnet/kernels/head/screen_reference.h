// The plainest head screening: one row, one column at a time.

#ifndef BITNET_KERNELS_HEAD_SCREEN_REFERENCE_H_
#define BITNET_KERNELS_HEAD_SCREEN_REFERENCE_H_

#include "bitnet/kernels/head/screen_args.h"

namespace bitnet {

// Bounds of all rows, the padded ones too.
void ScreenReference(const ScreenArgs& args);

}  // namespace bitnet

#endif  // BITNET_KERNELS_HEAD_SCREEN_REFERENCE_H_
