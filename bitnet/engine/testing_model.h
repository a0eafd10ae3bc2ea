// Small synthetic models and prompts for engine tests.

#ifndef BITNET_ENGINE_TESTING_MODEL_H_
#define BITNET_ENGINE_TESTING_MODEL_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "bitnet/gguf/gguf_editor.h"

namespace bitnet {

// A synthetic model file that lives as long as this does, in the test's own temporary folder.
class TestingModel {
 public:
  TestingModel(std::string_view preset, uint64_t seed);
  ~TestingModel();
  TestingModel(const TestingModel&) = delete;
  TestingModel& operator=(const TestingModel&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// Writes the model file at `path` to `to`, changed by `edit`.
void WriteEdited(const std::string& path, const std::string& to, absl::FunctionRef<void(GgufEditor&)> edit);

// `count` ids below `vocab`, the same on every call.
std::vector<int32_t> TestingIds(int count, uint64_t vocab);

}  // namespace bitnet

#endif  // BITNET_ENGINE_TESTING_MODEL_H_
