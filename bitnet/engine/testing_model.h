// Small synthetic models and prompts for engine tests.

#ifndef BITNET_ENGINE_TESTING_MODEL_H_
#define BITNET_ENGINE_TESTING_MODEL_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

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

// `count` ids below `vocab`, the same on every call.
std::vector<int32_t> TestingIds(int count, uint64_t vocab);

}  // namespace bitnet

#endif  // BITNET_ENGINE_TESTING_MODEL_H_
