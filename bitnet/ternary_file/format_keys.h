// The metadata keys that say what a file's ternary tensors are (docs/decisions/0009), and their writer.

#ifndef BITNET_TERNARY_FILE_FORMAT_KEYS_H_
#define BITNET_TERNARY_FILE_FORMAT_KEYS_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "bitnet/gguf/gguf_writer.h"
#include "bitnet/quant/codec.h"
#include "bitnet/quant/tl_tiling.h"

namespace bitnet {

inline constexpr std::string_view kFileTypeKey = "general.file_type";
inline constexpr std::string_view kTernaryFormatKey = "bitnet.ternary.format";
inline constexpr std::string_view kTernaryScalesKey = "bitnet.ternary.scales";
inline constexpr std::string_view kTernaryTilingsKey = "bitnet.ternary.tilings";

// Whether `key` depends on the format, so that a conversion replaces it.
bool IsFormatKey(std::string_view key);

// TL1 and TL2 need a tiling for each shape.
bool NeedsTilings(const TernaryCodec& codec);

// general.file_type of a file of this format, by those who define the format; nothing for formats that only we write.
std::optional<uint32_t> FileTypeNumber(const TernaryCodec& codec);

// Adds general.file_type and bitnet.ternary.*. `scales` has the scale of each ternary tensor in directory order;
// `tilings` one item for each shape, for TL1 and TL2 only; TilingsToInts must accept them (CHECK). A file of I2_S gets
// general.file_type alone: it is exactly what other writers make.
void AddFormatKeys(const TernaryCodec& codec, std::span<const float> scales, std::span<const TlTiling> tilings,
                   GgufWriter& writer);

}  // namespace bitnet

#endif  // BITNET_TERNARY_FILE_FORMAT_KEYS_H_
