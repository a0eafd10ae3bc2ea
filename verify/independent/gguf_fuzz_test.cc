// Any bytes at all: the auditor's reader answers with a directory whose every view lies inside the input, and a model
// that keeps its promises, or with an error that says something.
//
// The model is read from the input with legal tensor data behind it, so that inputs of the size of a directory reach
// the checks of the model.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "absl/log/check.h"
#include "absl/status/statusor.h"
#include "bitnet/base/thread_pool.h"
#include "verify/independent/freivalds.h"
#include "verify/independent/gguf_directory.h"
#include "verify/independent/model.h"

namespace bitnet::verify::independent {
namespace {

constexpr size_t kDataBytes = 256 * 1024;
constexpr uint8_t kFill = 0x18;  // codes 0, 1, 2, 0; a finite number as f16 and as f32

void CheckInside(std::span<const uint8_t> input, const void* data, size_t size) {
  const uint8_t* begin = static_cast<const uint8_t*>(data);
  CHECK(size == 0 || (begin >= input.data() && begin + size <= input.data() + input.size()));
}

void CheckDirectory(std::span<const uint8_t> input) {
  const absl::StatusOr<GgufDirectory> directory = GgufDirectory::Read(input);
  if (!directory.ok()) {
    CHECK(!directory.status().message().empty());
    return;
  }
  for (const auto& [key, value] : directory->metadata()) {
    CheckInside(input, key.data(), key.size());
    CheckInside(input, value.text.data(), value.text.size());
    CHECK(int{directory->Unsigned(key).ok()} + int{directory->Float(key).ok()} + int{directory->Text(key).ok()} <= 1);
  }
  for (const TensorInfo& tensor : directory->tensors()) {
    CHECK(directory->Find(tensor.name) == &tensor);
    const auto data = directory->Data(tensor);
    if (data.ok()) CheckInside(input, data->data(), data->size());
  }
}

void CheckModel(std::span<const uint8_t> input) {
  static auto* const pool = new ThreadPool(1);
  std::vector<uint8_t> bytes(input.size() + kDataBytes, kFill);
  std::copy(input.begin(), input.end(), bytes.begin());
  const absl::StatusOr<Model> model = ReadModel(bytes, *pool);
  if (!model.ok()) {
    CHECK(!model.status().message().empty());
    return;
  }
  const Shape& shape = model->shape;
  CHECK(shape.heads * shape.head_dim == shape.hidden && shape.heads % shape.kv_heads == 0);
  CHECK(std::isfinite(shape.rms_eps) && shape.rope_base >= 1);
  CHECK(static_cast<int64_t>(model->layers.size()) == shape.layers);
  CHECK(static_cast<int64_t>(model->embedding.size()) == shape.vocab * shape.hidden * 2);
  CheckInside(bytes, model->embedding.data(), model->embedding.size());
  for (const Layer& layer : model->layers) {
    for (const TernaryMatrix& matrix : layer.products) {
      CHECK(matrix.cols % 128 == 0 && matrix.cols <= kMaxCols && std::isfinite(matrix.scale));
      CHECK(static_cast<int64_t>(matrix.codes.size()) * 4 == matrix.rows * matrix.cols);
      CHECK(FirstIllegalCode(matrix.codes) == matrix.codes.size());
      CheckInside(bytes, matrix.codes.data(), matrix.codes.size());
    }
  }
}

}  // namespace
}  // namespace bitnet::verify::independent

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  bitnet::verify::independent::CheckDirectory({data, size});
  bitnet::verify::independent::CheckModel({data, size});
  return 0;
}
