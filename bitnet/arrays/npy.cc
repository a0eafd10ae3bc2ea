#include "bitnet/arrays/npy.h"

#include <vector>

#include "absl/log/check.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "bitnet/arrays/npy_header.h"
#include "bitnet/base/byte_reader.h"
#include "bitnet/base/status_macros.h"

namespace bitnet {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";
// A header of eight extents and a type has some 200 bytes; NumPy itself reads at most 10000.
constexpr uint32_t kMaxHeaderBytes = 10000;
constexpr size_t kAlignment = 64;

absl::StatusOr<uint32_t> ReadHeaderLength(ByteReader& reader) {
  BITNET_ASSIGN_OR_RETURN(const uint8_t major, reader.Read<uint8_t>(".npy version"));
  BITNET_ASSIGN_OR_RETURN(const uint8_t minor, reader.Read<uint8_t>(".npy version"));
  if (major < 1 || major > 3 || minor != 0) {
    return absl::InvalidArgumentError(
        absl::StrCat(".npy version: expected 1.0, 2.0 or 3.0, got ", int{major}, ".", int{minor}));
  }
  uint32_t length = 0;
  if (major == 1) {
    BITNET_ASSIGN_OR_RETURN(length, reader.Read<uint16_t>(".npy header length"));
  } else {
    BITNET_ASSIGN_OR_RETURN(length, reader.Read<uint32_t>(".npy header length"));
  }
  if (length > kMaxHeaderBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat(".npy header length: expected at most ", kMaxHeaderBytes, " bytes, got ", length));
  }
  return length;
}

absl::StatusOr<Dtype> ReadableDtype(const NpyHeader& header) {
  if (header.fortran_order) {
    return absl::UnimplementedError(
        ".npy: expected C order, got Fortran order; save it with numpy.ascontiguousarray(x)");
  }
  if (const std::optional<Dtype> dtype = FindDtype(header.descr)) return *dtype;
  const std::string shown = absl::CHexEscape(header.descr);
  if (!header.descr.empty() && header.descr[0] == '>') {
    return absl::UnimplementedError(absl::StrCat(".npy: expected a little-endian type, got big-endian \"", shown,
                                                 "\"; save it with x.astype(\"<f4\")"));
  }
  return absl::UnimplementedError(absl::StrCat(".npy: expected type <f2, <f4, <f8, <i4 or <i8, got \"", shown,
                                               "\"; save it with x.astype(\"<f4\")"));
}

}  // namespace

absl::StatusOr<ArrayView> ParseNpy(std::span<const uint8_t> file) {
  ByteReader reader(file);
  BITNET_ASSIGN_OR_RETURN(const std::span<const uint8_t> magic, reader.ReadBytes(kMagic.size(), ".npy magic"));
  const std::string_view got(reinterpret_cast<const char*>(magic.data()), magic.size());
  if (got != kMagic) {
    return absl::InvalidArgumentError(
        absl::StrCat("not a .npy file: expected it to begin with \"\\x93NUMPY\", got \"", absl::CHexEscape(got), "\""));
  }
  BITNET_ASSIGN_OR_RETURN(const uint32_t length, ReadHeaderLength(reader));
  BITNET_ASSIGN_OR_RETURN(const std::span<const uint8_t> text, reader.ReadBytes(length, ".npy header"));
  BITNET_ASSIGN_OR_RETURN(NpyHeader header,
                          ParseNpyHeader(std::string_view(reinterpret_cast<const char*>(text.data()), text.size())));
  ArrayView array;
  BITNET_ASSIGN_OR_RETURN(array.dtype, ReadableDtype(header));
  array.shape = std::move(header.shape);
  BITNET_ASSIGN_OR_RETURN(const uint64_t bytes, ArrayBytes(array.dtype, array.shape, ".npy shape"));
  if (bytes != reader.remaining()) {
    return absl::InvalidArgumentError(absl::StrCat(".npy elements: expected ", bytes, " bytes for ",
                                                   DtypeName(array.dtype), " ", ShapeText(array.shape), ", got ",
                                                   reader.remaining()));
  }
  BITNET_ASSIGN_OR_RETURN(array.bytes, reader.ReadBytes(bytes, ".npy elements"));
  return array;
}

std::string NpyPreamble(Dtype dtype, std::span<const uint64_t> shape) {
  CHECK_LE(shape.size(), kMaxArrayDims);
  std::string header = absl::StrCat("{'descr': '", DtypeName(dtype), "', 'fortran_order': False, 'shape': (",
                                    absl::StrJoin(shape, ", "), shape.size() == 1 ? "," : "", "), }");
  const size_t fixed = kMagic.size() + 2 + sizeof(uint16_t);
  while ((fixed + header.size() + 1) % kAlignment != 0) header.push_back(' ');
  header.push_back('\n');
  std::string preamble(kMagic);
  preamble.push_back(1);
  preamble.push_back(0);
  preamble.push_back(static_cast<char>(header.size() & 0xff));
  preamble.push_back(static_cast<char>(header.size() >> 8));
  return preamble + header;
}

}  // namespace bitnet
