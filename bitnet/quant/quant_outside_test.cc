// One model quantized by three outside programs: the trits of its I2_S, TQ1_0 and TQ2_0 files are the same, and so,
// after the repack, are the tensor digests up to the rounding of the scale to binary16.

#include <algorithm>
#include <bit>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "bitnet/base/cpu_features.h"
#include "bitnet/base/f16.h"
#include "bitnet/base/mapped_file.h"
#include "bitnet/gguf/gguf_file.h"
#include "bitnet/quant/codec.h"
#include "bitnet/quant/digest.h"
#include "bitnet/quant/i2s.h"
#include "bitnet/tensor/tensor_type.h"
#include "gtest/gtest.h"

namespace bitnet {
namespace {

constexpr char kFolder[] = "external/shared_data/models/";

struct Other {
  const char* file;
  const char* codec;
};

class QuantOutsideTest : public testing::TestWithParam<Other> {};

TEST_P(QuantOutsideTest, TritsAndScalesAgree) {
  if (!std::filesystem::is_directory(kFolder)) GTEST_SKIP() << "no outside files: @shared_data//:models is empty";
  const absl::StatusOr<MappedFile> i2s_bytes = MappedFile::Open(std::string(kFolder) + "tiny-i2_s.gguf");
  const absl::StatusOr<MappedFile> other_bytes = MappedFile::Open(std::string(kFolder) + GetParam().file);
  ASSERT_TRUE(i2s_bytes.ok() && other_bytes.ok()) << i2s_bytes.status() << other_bytes.status();
  const absl::StatusOr<GgufFile> i2s = GgufFile::Parse(i2s_bytes->bytes());
  const absl::StatusOr<GgufFile> other = GgufFile::Parse(other_bytes->bytes());
  ASSERT_TRUE(i2s.ok() && other.ok()) << i2s.status() << other.status();

  const TernaryCodec& codec = *FindTernaryCodec(GetParam().codec);
  int compared = 0;
  for (const GgufTensor& tensor : i2s->tensors()) {
    if (tensor.type_id != static_cast<uint32_t>(TensorType::kI2S)) continue;
    SCOPED_TRACE(tensor.name);
    const GgufTensor* same = other->FindTensor(tensor.name);
    ASSERT_NE(same, nullptr);
    ASSERT_EQ(same->dims, tensor.dims);
    ASSERT_EQ(same->type_id, static_cast<uint32_t>(codec.type));

    const auto codes = tensor.data.first(tensor.data.size() - kI2sTailBytes);
    ASSERT_TRUE(CheckI2sCodes(codes, tensor.name).ok()) << CheckI2sCodes(codes, tensor.name);
    const absl::StatusOr<float> scale = I2sScale(tensor.data, tensor.name);
    ASSERT_TRUE(scale.ok()) << scale.status();

    const CodecParams params{.isa = DetectIsaSet()};
    const int64_t cols = static_cast<int64_t>(tensor.dims[0]), rows = static_cast<int64_t>(tensor.dims[1]);
    std::vector<uint8_t> packed(codes.size());
    const absl::StatusOr<float> other_scale = RepackToI2s(codec, same->data, rows, cols, params, tensor.name, packed);
    ASSERT_TRUE(other_scale.ok()) << other_scale.status();
    EXPECT_TRUE(std::equal(packed.begin(), packed.end(), codes.begin()));
    EXPECT_EQ(*other_scale, F16ToF32(F32ToF16(*scale)));
    EXPECT_EQ(TernaryTensorDigest(tensor.name, rows, cols, std::bit_cast<uint32_t>(*scale), packed),
              TernaryTensorDigest(tensor.name, rows, cols, std::bit_cast<uint32_t>(*scale), codes));

    // Our bytes are theirs, as far as they mean something: of I2_S all but the padding behind the scale.
    std::vector<int8_t> trits(tensor.elements());
    ASSERT_TRUE(codec.unpack(same->data, rows, cols, params, tensor.name, trits).ok());
    std::vector<uint8_t> ours(same->data.size());
    ASSERT_TRUE(codec.pack(trits, rows, cols, *other_scale, params, ours).ok());
    EXPECT_TRUE(std::equal(ours.begin(), ours.end(), same->data.begin()));
    const TernaryCodec& i2_s = *FindTernaryCodec("i2_s");
    std::vector<uint8_t> ours_i2s(tensor.data.size());
    ASSERT_TRUE(i2_s.pack(trits, rows, cols, *scale, params, ours_i2s).ok());
    EXPECT_TRUE(std::equal(ours_i2s.begin(), ours_i2s.end() - kI2sTailBytes + 4, tensor.data.begin()));

    const TernaryStats stats = CountTrits(codes);
    EXPECT_EQ(stats.count_minus + stats.count_zero + stats.count_plus, tensor.elements());
    EXPECT_EQ(stats.count_illegal, 0u);
    ++compared;
  }
  EXPECT_EQ(compared, 14);  // two blocks of seven matrices
}

INSTANTIATE_TEST_SUITE_P(Files, QuantOutsideTest,
                         testing::Values(Other{"tiny-lcpp-tq1_0.gguf", "tq1_0"},
                                         Other{"tiny-lcpp-tq2_0.gguf", "tq2_0"}),
                         [](const auto& info) { return info.param.codec; });

}  // namespace
}  // namespace bitnet
