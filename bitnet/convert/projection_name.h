// Which tensors of a model are ternary by its architecture: the seven projections of a block.

#ifndef BITNET_CONVERT_PROJECTION_NAME_H_
#define BITNET_CONVERT_PROJECTION_NAME_H_

#include <string_view>

namespace bitnet {

// "blk.<number>.<attn_q | attn_k | attn_v | attn_output | ffn_gate | ffn_up | ffn_down>.weight".
bool IsProjectionName(std::string_view name);

}  // namespace bitnet

#endif  // BITNET_CONVERT_PROJECTION_NAME_H_
