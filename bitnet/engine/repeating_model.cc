#include "bitnet/engine/repeating_model.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>

#include "absl/log/check.h"
#include "absl/strings/match.h"
#include "bitnet/base/f16.h"
#include "bitnet/engine/testing_model.h"

namespace bitnet {
namespace {

// Of the next in the circle; all others are a small fraction of it.
constexpr float kLargestLogit = 8;

}  // namespace

void WriteRepeatingModel(const std::string& path, const std::string& to) {
  WriteEdited(path, to, [](GgufEditor& editor) {
    for (GgufEditor::Tensor& tensor : editor.tensors()) {
      if (!absl::EndsWith(tensor.name, "_sub_norm.weight")) continue;
      for (size_t at = 0; at < tensor.data.size(); at += sizeof(float)) tensor.Put(at, 0.0001f);
    }
  });
}

void MakeCircular(GgufEditor& editor) {
  const GgufEditor::Tensor embedding = editor.tensor("token_embd.weight");
  GgufEditor::Tensor& head = editor.tensor("output.weight");
  CHECK_EQ(head.data.size(), embedding.data.size());
  const size_t hidden = embedding.dims[0];
  const size_t vocab = embedding.dims[1];
  const size_t row_bytes = embedding.data.size() / vocab;
  for (size_t id = 0; id < vocab; ++id) {
    const size_t first = id / kCircle * kCircle;
    const size_t size = std::min(kCircle, vocab - first);
    const size_t before = first + (id - first + size - 1) % size;
    const auto value = [&](size_t i) {
      F16 bits;
      std::memcpy(&bits, embedding.data.data() + before * row_bytes + i * sizeof(F16), sizeof(bits));
      return F16ToF32(bits);
    };
    float squares = 0;
    for (size_t i = 0; i < hidden; ++i) squares += value(i) * value(i);
    const float scale = kLargestLogit / std::sqrt(squares * static_cast<float>(hidden));
    for (size_t i = 0; i < hidden; ++i) {
      head.Put(id * row_bytes + i * sizeof(F16), F32ToF16(scale * value(i)));
    }
  }
  for (GgufEditor::Tensor& tensor : editor.tensors()) {
    if (!absl::EndsWith(tensor.name, "attn_norm.weight") && !absl::EndsWith(tensor.name, "ffn_norm.weight")) continue;
    for (size_t at = 0; at < tensor.data.size(); at += sizeof(float)) tensor.Put(at, 0.05f);
  }
}

}  // namespace bitnet
