// Writes a GGUF file of the official form as a Hugging Face directory, packed with direct scales and a BF16 table:
//   bazel run //bitnet/convert:write_hf_directory -- MODEL.gguf DIRECTORY

#include <cstdio>

#include "absl/status/statusor.h"
#include "bitnet/base/mapped_file.h"
#include "bitnet/convert/hf_directory.h"
#include "bitnet/gguf/gguf_file.h"

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: write_hf_directory MODEL.gguf DIRECTORY\n");
    return 2;
  }
  const absl::StatusOr<bitnet::MappedFile> bytes = bitnet::MappedFile::Open(argv[1]);
  const absl::StatusOr<bitnet::GgufFile> file =
      bytes.ok() ? bitnet::GgufFile::Parse(bytes->bytes()) : absl::StatusOr<bitnet::GgufFile>(bytes.status());
  if (!file.ok()) {
    std::fprintf(stderr, "%s\n", file.status().ToString().c_str());
    return 1;
  }
  MakeHfDirectory(*file, {.dtype = bitnet::SafetensorsDtype::kF32, .table_dtype = bitnet::SafetensorsDtype::kBf16})
      .Write(argv[2]);
  return 0;
}
