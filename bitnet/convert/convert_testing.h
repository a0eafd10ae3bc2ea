// What tests of conversions share: a folder, small models, conversions in one line.

#ifndef BITNET_CONVERT_CONVERT_TESTING_H_
#define BITNET_CONVERT_CONVERT_TESTING_H_

#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/log/check.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bitnet/base/cpu_features.h"
#include "bitnet/base/sha256.h"
#include "bitnet/base/thread_pool.h"
#include "bitnet/convert/convert.h"
#include "bitnet/convert/gguf_source.h"
#include "bitnet/gguf/gguf_editor.h"
#include "bitnet/quant/codec.h"
#include "bitnet/synthetic/presets.h"
#include "bitnet/synthetic/synthetic_model.h"
#include "bitnet/tensor/tensor_type.h"
#include "gtest/gtest.h"

namespace bitnet {

inline std::vector<uint8_t> FileBytes(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  CHECK(file) << "no file " << path;
  return {std::istreambuf_iterator<char>(file), {}};
}

class ConversionTest : public testing::Test {
 protected:
  ConversionTest()
      : folder_(testing::TempDir() + "/" + testing::UnitTest::GetInstance()->current_test_info()->name()), pool_(2) {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  ~ConversionTest() override { std::filesystem::remove_all(folder_); }

  std::string Path(std::string_view name) const { return folder_ + "/" + std::string(name); }

  void Write(std::string_view name, std::span<const uint8_t> bytes) const {
    std::ofstream(Path(name), std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  }

  // The synthetic model "tiny", with scales that binary16 does not hold: every matrix fits every format. Without zeros,
  // for Q1_0, each zero becomes +1.
  void WriteTiny(std::string_view name, bool zeros = true, std::string_view preset = "tiny") const {
    const auto written = WriteSyntheticModel(
        *FindPreset(preset), 1, Path(name), [](uint64_t, uint64_t) { return true; }, 2);
    CHECK(written.ok()) << written.status();
    GgufEditor editor(FileBytes(Path(name)));
    for (GgufEditor::Tensor& tensor : editor.tensors()) {
      if (tensor.type_id != static_cast<uint32_t>(TensorType::kI2S)) continue;
      const size_t codes = tensor.data.size() - 32;
      float scale = 0;
      std::memcpy(&scale, tensor.data.data() + codes, sizeof(scale));
      tensor.Put(codes, scale * 1.0001f);
      for (size_t i = 0; !zeros && i < codes; ++i) {
        // Code 1, binary 01, to code 2, binary 10.
        const uint8_t zero = tensor.data[i] & 0x55;
        tensor.data[i] = static_cast<uint8_t>((tensor.data[i] & 0xaa) | zero << 1);
      }
    }
    Write(name, editor.Bytes());
  }

  absl::StatusOr<ConvertResult> TryConvert(std::string_view in, std::string_view out, std::string_view to,
                                           GgufSourceOptions source_options = {},
                                           std::span<const TlTiling> tilings = {}, int cancel_at_stage = -1) {
    source_options.isa = DetectIsaSet();
    const auto source = GgufSource::Open(Path(in), source_options);
    if (!source.ok()) return source.status();
    const ConvertOptions options = {.to = FindTernaryCodec(to), .tilings = tilings, .isa = DetectIsaSet()};
    const auto progress = [&](std::string_view stage, uint64_t, uint64_t) {
      return (stage == "read" ? 0 : 1) != cancel_at_stage;
    };
    return Convert(**source, options, Path(out), pool_, progress);
  }

  // Converts, verifies, and returns the digest of trits and scales.
  std::string ConvertAndVerify(std::string_view in, std::string_view out, std::string_view to,
                               GgufSourceOptions source_options = {}, std::span<const TlTiling> tilings = {}) {
    const auto converted = TryConvert(in, out, to, source_options, tilings);
    CHECK(converted.ok()) << in << " to " << to << ": " << converted.status();
    CHECK_EQ(converted->bytes, std::filesystem::file_size(Path(out)));
    const auto source = GgufSource::Open(Path(in), source_options);
    CHECK(source.ok()) << source.status();
    const ConvertOptions options = {.to = FindTernaryCodec(to), .isa = DetectIsaSet()};
    const auto verified = VerifyConversion(**source, options, Path(out), pool_,
                                           [](std::string_view, uint64_t, uint64_t) { return true; });
    CHECK(verified.ok()) << in << " to " << to << ": " << verified.status();
    CHECK_EQ(verified->ternary, converted->ternary.size());
    CHECK_EQ(verified->ternary + verified->stored, converted->tensors);
    CHECK(verified->ternary_digest_before == verified->ternary_digest_after);
    return ToHex(*verified->ternary_digest_after);
  }

  std::vector<std::string> Files() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
      names.push_back(entry.path().filename().string());
    }
    return names;
  }

  const std::string folder_;
  ThreadPool pool_;
};

}  // namespace bitnet

#endif  // BITNET_CONVERT_CONVERT_TESTING_H_
