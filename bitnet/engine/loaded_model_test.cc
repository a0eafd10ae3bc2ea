#include "bitnet/engine/loaded_model.h"

#include <algorithm>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "absl/log/check.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bitnet/base/atomic_file.h"
#include "bitnet/base/cpu_features.h"
#include "bitnet/base/thread_pool.h"
#include "bitnet/engine/session.h"
#include "bitnet/gguf/gguf_editor.h"
#include "bitnet/model/smallest_model.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace bitnet {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

std::string Path(const std::string& name) { return testing::TempDir() + "/" + name; }

std::string WriteModel(const std::string& name, const std::vector<uint8_t>& bytes) {
  CHECK(WriteFileAtomically(Path(name), {reinterpret_cast<const char*>(bytes.data()), bytes.size()}).ok());
  return Path(name);
}

absl::StatusOr<std::unique_ptr<const LoadedModel>> Load(const std::string& path) {
  ThreadPool pool(2);
  return LoadedModel::Load(path, pool);
}

TEST(LoadedModelTest, EverythingOfTheFileIsThere) {
  const std::string path = WriteModel("good.gguf", SmallestModel());
  const auto model = Load(path);
  ASSERT_TRUE(model.ok()) << model.status();
  EXPECT_EQ((*model)->file.path(), path);
  EXPECT_EQ((*model)->config.shape.vocab, 266u);
  EXPECT_EQ((*model)->weights.layers.size(), 1u);
  EXPECT_EQ((*model)->gguf.tensors().size(), 13u);
  EXPECT_EQ((*model)->tokenizer.vocab_size(), 266);
  EXPECT_GT((*model)->load_ns, 0u);
  // Views into the file survive the moves that built the model.
  const uint8_t* const codes = (*model)->weights.layers[0].q.packed.data();
  EXPECT_TRUE(codes >= (*model)->file.bytes().data() &&
              codes < (*model)->file.bytes().data() + (*model)->file.bytes().size());
}

// All of the file but the tables, whichever side is longer.
TEST(LoadedModelTest, StreamedBytesAreOutsideOfTheTables) {
  const auto model = Load(WriteModel("streamed.gguf", SmallestModel()));
  ASSERT_TRUE(model.ok()) << model.status();
  const std::span<const uint8_t> bytes = (*model)->file.bytes();
  const std::span<const uint8_t> streamed = (*model)->StreamedBytes();
  const uint8_t* const table = reinterpret_cast<const uint8_t*>((*model)->weights.token_embd.data());
  const uint8_t* const table_end = table + (*model)->weights.token_embd.size_bytes();
  const size_t before = static_cast<size_t>(table - bytes.data());
  const size_t after = static_cast<size_t>(bytes.data() + bytes.size() - table_end);
  EXPECT_EQ(streamed.size(), std::max(before, after));
  EXPECT_EQ(streamed.data(), before > after ? bytes.data() : table_end);
  (*model)->ReleaseTables();
  EXPECT_EQ((*model)->weights.token_embd[0], (*model)->weights.head[0]);
}

TEST(LoadedModelTest, FilesThatAreNone) {
  EXPECT_EQ(Load(Path("absent.gguf")).status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(Load(Path("absent.gguf")).status().message(), HasSubstr("cannot open " + Path("absent.gguf")));
  EXPECT_THAT(Load(testing::TempDir()).status().message(), HasSubstr("is not a regular file"));
  const std::string empty = WriteModel("empty.gguf", {});
  EXPECT_THAT(Load(empty).status().message(), StartsWith(empty + ": "));
  const std::string text = WriteModel("text.gguf", {'h', 'e', 'l', 'l', 'o', ' ', 'w', 'o', 'r', 'l', 'd', '\n'});
  EXPECT_THAT(Load(text).status().message(), StartsWith(text + ": "));
  EXPECT_THAT(Load(text).status().message(), HasSubstr("GGUF"));
}

// One error of each stage; the stages' own tests have the rest.
TEST(LoadedModelTest, ErrorsOfEveryStageCarryThePath) {
  const struct {
    std::string name;
    std::function<void(GgufEditor&)> edit;
    absl::StatusCode code;
    std::string message;
  } cases[] = {
      {"container", [](GgufEditor& e) { e.tensor("output_norm.weight").data.resize(4); }, absl::StatusCode::kOutOfRange,
       "the file is truncated or its directory is wrong"},
      {"configuration", [](GgufEditor& e) { e.Remove("bitnet-b1.58.block_count"); }, absl::StatusCode::kNotFound,
       "metadata key \"bitnet-b1.58.block_count\" is missing from the file"},
      {"weights", [](GgufEditor& e) { e.tensor("blk.0.ffn_up.weight").data[9] = 0xff; },
       absl::StatusCode::kInvalidArgument, "tensor \"blk.0.ffn_up.weight\": I2_S code of element 9"},
      {"tokenizer", [](GgufEditor& e) { e.SetString("tokenizer.ggml.model", "bert"); },
       absl::StatusCode::kUnimplemented, "tokenizer.ggml.model \"bert\" is not supported"},
      {"tokenizer_ids", [](GgufEditor& e) { e.SetU32("tokenizer.ggml.eos_token_id", 266); },
       absl::StatusCode::kInvalidArgument, "eos token id 266 is outside the vocabulary; expected 0 <= id < 266"},
      {"tokenizer_types", [](GgufEditor& e) { e.Remove("tokenizer.ggml.token_type"); }, absl::StatusCode::kNotFound,
       "metadata key \"tokenizer.ggml.token_type\" is missing from the file"},
  };
  for (const auto& c : cases) {
    GgufEditor editor(SmallestModel());
    c.edit(editor);
    const std::string path = WriteModel(c.name + ".gguf", editor.Bytes());
    const absl::Status status = Load(path).status();
    EXPECT_EQ(status.code(), c.code) << status;
    EXPECT_THAT(status.message(), StartsWith(path + ": "));
    EXPECT_THAT(status.message(), HasSubstr(c.message));
  }
}

// What a file claims about its context must not decide how much memory a session asks for.
TEST(LoadedModelTest, AnAbsurdContextLengthIsCapped) {
  GgufEditor editor(SmallestModel());
  editor.SetU32("bitnet-b1.58.context_length", 1 << 24);
  const auto model = Load(WriteModel("context.gguf", editor.Bytes()));
  ASSERT_TRUE(model.ok()) << model.status();
  EXPECT_EQ((*model)->config.context_length, uint64_t{1} << 24);
  ThreadPool pool(1);
  const auto session = Session::Create(**model, pool, {.isa = DetectIsaSet()});
  ASSERT_TRUE(session.ok()) << session.status();
  EXPECT_EQ((*session)->capacity(), 1 << 20);
}

}  // namespace
}  // namespace bitnet
