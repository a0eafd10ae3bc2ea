// The dictionary of a .npy header: the small part of Python's literal syntax that such headers use.

#ifndef BITNET_ARRAYS_NPY_HEADER_H_
#define BITNET_ARRAYS_NPY_HEADER_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace bitnet {

struct NpyHeader {
  std::string descr;
  bool fortran_order = false;
  std::vector<uint64_t> shape;
};

// `text` is the dictionary, with the white space that pads it. InvalidArgument with the offset for anything but exactly
// the three members, each once; Unimplemented for a structured type.
absl::StatusOr<NpyHeader> ParseNpyHeader(std::string_view text);

}  // namespace bitnet

#endif  // BITNET_ARRAYS_NPY_HEADER_H_
