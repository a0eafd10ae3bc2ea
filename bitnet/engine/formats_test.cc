// One model stored in every ternary format: the same logits, the same digest of trits and scales, and a receipt's facts
// that say what was repacked.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "absl/log/check.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "bitnet/base/cpu_features.h"
#include "bitnet/base/sha256.h"
#include "bitnet/base/thread_pool.h"
#include "bitnet/convert/convert_testing.h"
#include "bitnet/engine/loaded_model.h"
#include "bitnet/engine/model_digest.h"
#include "bitnet/engine/session.h"
#include "bitnet/engine/testing_model.h"
#include "bitnet/quant/codec.h"
#include "gtest/gtest.h"

namespace bitnet {
namespace {

constexpr int kPrompt = 45;
constexpr uint64_t kTernaryTensors = 14;

struct TestedModel {
  const char* preset;
  uint64_t weights;                   // ternary
  std::vector<std::string> repacked;  // whatever the format
};
const TestedModel kTiny = {"tiny", 2 * 512 * (2 * 512 + 2 * 128 + 3 * 1024), {"head_to_i8_panels"}};
// Two heads and one of keys and values, of 256 each; its rope is interleaved.
const TestedModel kTinyLlama = {
    "tiny-llama", 2 * 512 * (2 * 512 + 2 * 256 + 3 * 1024), {"rope_rows_to_half_split", "head_to_i8_panels"}};

class FormatsTest : public ConversionTest {
 protected:
  struct Facts {
    std::string logits;
    std::string ternary_digest;
    std::string quantization_type;
    std::vector<RepackRecord> repacks;
  };

  Facts Run(std::string_view name) {
    const auto model = LoadedModel::Load(Path(name), pool_);
    CHECK(model.ok()) << model.status();
    const auto session = Session::Create(**model, pool_, {.isa = DetectIsaSet(), .context = 64, .prefill_chunk = 64});
    CHECK(session.ok()) << session.status();
    Sha256 hash;
    const absl::Status fed =
        (*session)->Prefill(TestingIds(kPrompt, (*model)->config.shape.vocab), [&](std::span<const float> row) {
          hash.Update(std::span(reinterpret_cast<const uint8_t*>(row.data()), row.size_bytes()));
        });
    CHECK(fed.ok()) << fed;
    return {ToHex(hash.Finish()), ToHex(ComputeModelDigests(**model, pool_).ternary_digest),
            (*model)->weights.quantization_type, (*model)->weights.repacks};
  }

  static std::vector<std::string> Names(const Facts& facts) {
    std::vector<std::string> names;
    for (const RepackRecord& repack : facts.repacks) names.push_back(repack.name);
    return names;
  }

  void ExpectOneModel(const TestedModel& tested, bool zeros) {
    WriteTiny("i2_s", zeros, tested.preset);
    const Facts native = Run("i2_s");
    EXPECT_EQ(native.quantization_type, "i2_s");
    EXPECT_EQ(Names(native), tested.repacked) << "I2_S is read where it lies";
    int formats = 0;
    for (const TernaryCodec& codec : TernaryCodecs()) {
      if (codec.name == "i2_s" || (zeros && !codec.has_zero)) continue;
      SCOPED_TRACE(codec.name);
      EXPECT_EQ(ConvertAndVerify("i2_s", codec.name, codec.name), native.ternary_digest);
      const Facts facts = Run(codec.name);
      EXPECT_EQ(facts.logits, native.logits);
      EXPECT_EQ(facts.ternary_digest, native.ternary_digest);
      EXPECT_EQ(facts.quantization_type, codec.name);
      std::vector<std::string> repacked = {absl::StrCat(codec.name, "_to_i2s")};
      repacked.insert(repacked.end(), tested.repacked.begin(), tested.repacked.end());
      ASSERT_EQ(Names(facts), repacked);
      EXPECT_EQ(facts.repacks[0].tensors, kTernaryTensors);
      EXPECT_EQ(facts.repacks[0].bytes, tested.weights / 4);
      EXPECT_GT(facts.repacks[0].ns, 0u);
      ++formats;
    }
    EXPECT_EQ(formats, zeros ? 8 : 9);
  }
};

TEST_F(FormatsTest, OneLogitsDigest) { ExpectOneModel(kTiny, true); }

TEST_F(FormatsTest, OneLogitsDigestOfAModelWithoutZeros) { ExpectOneModel(kTiny, false); }

// SiLU, no sub-norms, a head of its own, interleaved rope.
TEST_F(FormatsTest, OneLogitsDigestOfALlama) { ExpectOneModel(kTinyLlama, true); }

// Which worker repacks which tensor makes no difference, and neither does their number; an illegal code is reported for
// the first tensor of the file that has one.
TEST_F(FormatsTest, RepackErrorsAreThoseOfTheFirstTensor) {
  WriteTiny("i2_s");
  ConvertAndVerify("i2_s", "tq2_0", "tq2_0");
  GgufEditor editor(FileBytes(Path("tq2_0")));
  std::string first;
  for (GgufEditor::Tensor& tensor : editor.tensors()) {
    if (tensor.type_id != 35 || tensor.name == "blk.0.attn_k.weight") continue;
    if (first.empty()) first = tensor.name;
    tensor.data[0] = 0xff;
  }
  Write("damaged", editor.Bytes());
  for (const int threads : {1, 2, 5}) {
    ThreadPool pool(threads);
    const absl::Status status = LoadedModel::Load(Path("damaged"), pool).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_NE(status.message().find(first), std::string::npos) << status;
  }
}

}  // namespace
}  // namespace bitnet
