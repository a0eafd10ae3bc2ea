#include "bitnet/engine/testing_model.h"

#include <unistd.h>

#include "absl/log/check.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "bitnet/base/atomic_file.h"
#include "bitnet/base/mapped_file.h"
#include "bitnet/base/philox.h"
#include "bitnet/synthetic/presets.h"
#include "bitnet/synthetic/synthetic_model.h"
#include "gtest/gtest.h"

namespace bitnet {

TestingModel::TestingModel(std::string_view preset, uint64_t seed)
    : path_(absl::StrCat(testing::TempDir(), "/", preset, "-", seed, "-", getpid(), ".gguf")) {
  const absl::StatusOr<SyntheticPreset> found = FindPreset(preset);
  CHECK(found.ok()) << found.status();
  const auto written = WriteSyntheticModel(
      *found, seed, path_, [](uint64_t, uint64_t) { return true; }, 2);
  CHECK(written.ok()) << written.status();
}

TestingModel::~TestingModel() { unlink(path_.c_str()); }

void WriteEdited(const std::string& path, const std::string& to, absl::FunctionRef<void(GgufEditor&)> edit) {
  const auto file = MappedFile::Open(path);
  CHECK(file.ok()) << file.status();
  GgufEditor editor(file->bytes());
  edit(editor);
  const std::vector<uint8_t> bytes = editor.Bytes();
  CHECK(WriteFileAtomically(to, {reinterpret_cast<const char*>(bytes.data()), bytes.size()}).ok());
}

std::vector<int32_t> TestingIds(int count, uint64_t vocab) {
  std::vector<int32_t> ids;
  for (int i = 0; i < count; ++i) {
    ids.push_back(static_cast<int32_t>(PhiloxAt(9, 0, static_cast<uint64_t>(i))[0] % vocab));
  }
  return ids;
}

}  // namespace bitnet
