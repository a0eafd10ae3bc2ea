#include "bitnet/engine/repeating_model.h"

#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/log/check.h"
#include "absl/strings/match.h"
#include "bitnet/base/atomic_file.h"
#include "bitnet/base/mapped_file.h"
#include "bitnet/gguf/gguf_editor.h"

namespace bitnet {

void WriteRepeatingModel(const std::string& path, const std::string& to) {
  const auto file = MappedFile::Open(path);
  CHECK(file.ok()) << file.status();
  GgufEditor editor(file->bytes());
  for (GgufEditor::Tensor& tensor : editor.tensors()) {
    if (!absl::EndsWith(tensor.name, "_sub_norm.weight")) continue;
    for (size_t at = 0; at < tensor.data.size(); at += sizeof(float)) tensor.Put(at, 0.0001f);
  }
  const std::vector<uint8_t> bytes = editor.Bytes();
  CHECK(WriteFileAtomically(to, std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size())).ok());
}

}  // namespace bitnet
