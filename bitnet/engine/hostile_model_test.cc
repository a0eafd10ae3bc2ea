// Model files from an enemy, loaded whole: a clear error or a model, never a crash, and never more memory than the
// file's size class. The container alone is tested in bitnet/gguf; here its values meet the readers of the
// configuration, the weights and the tokenizer.

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/log/check.h"
#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "bitnet/base/thread_pool.h"
#include "bitnet/engine/loaded_model.h"
#include "bitnet/gguf/allocation_count.h"
#include "bitnet/gguf/gguf_editor.h"
#include "bitnet/gguf/gguf_file.h"
#include "bitnet/model/smallest_model.h"
#include "bitnet/tensor/tensor_type.h"
#include "gtest/gtest.h"

namespace bitnet {
namespace {

// Everything that is allocated while loading, frees not subtracted. A byte of metadata costs at most 10.4 bytes of
// directory (see gguf_hostile_test), a byte of merges 6.7 of directory and tokenizer together; tokens are dearer, but
// each also needs a row of the embedding in the file. The compiled pre-tokenizer takes 1.2 MB, whatever the file says.
constexpr uint64_t kBytesPerByte = 12;
constexpr uint64_t kFixedBytes = uint64_t{3} << 19;

// One file that is changed in place: much cheaper than a new file for each change.
class HostileFile {
 public:
  explicit HostileFile(const std::vector<uint8_t>& bytes)
      : bytes_(bytes), path_(absl::StrCat(testing::TempDir(), "/hostile-", getpid(), ".gguf")), pool_(1) {
    fd_ = open(path_.c_str(), O_CREAT | O_TRUNC | O_RDWR | O_CLOEXEC, 0600);
    CHECK_GE(fd_, 0);
    Overwrite(0, bytes_.data(), bytes_.size());
  }
  ~HostileFile() {
    close(fd_);
    unlink(path_.c_str());
  }

  void Overwrite(size_t at, const void* data, size_t size) {
    CHECK_EQ(pwrite(fd_, data, size, static_cast<off_t>(at)), static_cast<ssize_t>(size));
  }
  void Restore(size_t at, size_t size) { Overwrite(at, bytes_.data() + at, size); }
  void Truncate(size_t size) { CHECK_EQ(ftruncate(fd_, static_cast<off_t>(size)), 0); }

  // Loads what is there now, within the bound on memory.
  absl::Status Load(size_t file_size) {
    const uint64_t before = AllocatedBytes();
    const absl::Status status = LoadedModel::Load(path_, pool_).status();
    const uint64_t used = AllocatedBytes() - before;
    EXPECT_LE(used, kBytesPerByte * file_size + kFixedBytes) << "for " << file_size << " bytes; " << status;
    if (!status.ok()) {
      EXPECT_TRUE(absl::StartsWith(status.message(), path_ + ": ")) << status;
      EXPECT_GT(status.message().size(), path_.size() + 12) << status;
      EXPECT_NE(status.code(), absl::StatusCode::kInternal) << status;
    }
    return status;
  }
  absl::Status Load() { return Load(bytes_.size()); }

 private:
  const std::vector<uint8_t> bytes_;
  const std::string path_;
  ThreadPool pool_;
  int fd_ = -1;
};

// Which bytes of the header are items of long arrays or long text: these are alike, so the tests below take samples.
// (A file that loads costs milliseconds, in which the pre-tokenizer is compiled; one that is refused, microseconds.)
std::vector<bool> RepetitiveBytes(const std::vector<uint8_t>& bytes, size_t header) {
  std::vector<bool> inside(header);
  const GgufFile file = *GgufFile::Parse(bytes);
  const auto mark = [&](const void* data, size_t size) {
    if (size == 0) return;
    const auto begin = reinterpret_cast<uintptr_t>(data) - reinterpret_cast<uintptr_t>(bytes.data());
    std::fill_n(inside.begin() + static_cast<ptrdiff_t>(begin), size, true);
  };
  for (const auto& [key, value] : file.metadata()) {
    if (const auto* text = std::get_if<std::string_view>(&value.data); text != nullptr && text->size() >= 64) {
      mark(text->data(), text->size());
    }
    const GgufArray* array = std::get_if<GgufArray>(&value.data);
    if (array == nullptr) continue;
    mark(array->raw.data(), array->raw.size());
    // All but the first item, which stays with its length field.
    for (size_t i = 1; i < array->strings.size(); ++i) {
      mark(array->strings[i].data() - 8, array->strings[i].size() + 8);
    }
  }
  return inside;
}

class HostileModelTest : public testing::Test {
 protected:
  HostileModelTest() : bytes_(SmallestModel()), header_(SmallestModelHeader().size()), file_(bytes_) {}

  const std::vector<uint8_t> bytes_;
  const size_t header_;
  HostileFile file_;
};

TEST_F(HostileModelTest, TheUndamagedFileLoads) { EXPECT_TRUE(file_.Load().ok()) << file_.Load(); }

TEST_F(HostileModelTest, EveryTruncationIsAnError) {
  // Every byte of the header and of the last tensor's end, and many of the data between.
  for (size_t size = bytes_.size() - 1; size > 0; --size) {
    const bool looked_at = size <= header_ + 64 || size >= bytes_.size() - 600 || size % 499 == 0;
    if (!looked_at) continue;
    file_.Truncate(size);
    ASSERT_FALSE(file_.Load(size).ok()) << "cut to " << size << " of " << bytes_.size() << " bytes";
  }
}

TEST_F(HostileModelTest, EveryFlippedBitOfTheHeaderIsReadOrRefused) {
  const std::vector<bool> repetitive = RepetitiveBytes(bytes_, header_);
  int refused = 0;
  int loaded = 0;
  for (size_t at = 0; at < header_; ++at) {
    if (repetitive[at] && at % 61 != 0) continue;
    // A byte that loads with its lowest and with its highest bit flipped is text that nobody reads.
    int loads = 0;
    int flips = 0;
    for (const int bit : {0, 7, 1, 2, 3, 4, 5, 6}) {
      if (flips == 2 && loads == 2) break;
      const uint8_t flipped = static_cast<uint8_t>(bytes_[at] ^ (1 << bit));
      file_.Overwrite(at, &flipped, 1);
      loads += file_.Load().ok();
      ++flips;
      if (HasFailure()) FAIL() << "bit " << bit << " of byte " << at;
    }
    loaded += loads;
    refused += flips - loads;
    file_.Restore(at, 1);
  }
  // A flip inside the name of a required key or tensor, of a count, a length or an offset cannot go unnoticed.
  EXPECT_GT(refused, 10'000);
  // Names of unused keys, and text.
  EXPECT_GT(loaded, 300);
}

TEST_F(HostileModelTest, FlippedBitsOfTheDataAreReadOrRefused) {
  for (size_t at = header_; at < bytes_.size(); at += 997) {
    const uint8_t flipped = static_cast<uint8_t>(bytes_[at] ^ (1 << (at % 8)));
    file_.Overwrite(at, &flipped, 1);
    const absl::Status status = file_.Load();
    if (!status.ok()) {
      EXPECT_TRUE(absl::StrContains(status.message(), "tensor ")) << status;
    }
    file_.Restore(at, 1);
  }
}

// Wherever a count, a length, a dimension or an offset stands, it is a huge one now.
TEST_F(HostileModelTest, HugeNumbersAnywhereInTheHeader) {
  const std::vector<bool> repetitive = RepetitiveBytes(bytes_, header_);
  constexpr uint64_t kHuge[] = {UINT64_MAX, uint64_t{1} << 40, 0};
  for (const uint64_t huge : kHuge) {
    for (size_t at = 0; at + sizeof(huge) <= header_; ++at) {
      if (repetitive[at] && at % 61 != 0) continue;
      file_.Overwrite(at, &huge, sizeof(huge));
      file_.Load().IgnoreError();
      file_.Restore(at, sizeof(huge));
      if (HasFailure()) FAIL() << huge << " at byte " << at;
    }
  }
}

TEST_F(HostileModelTest, EveryTypeNumberForEveryTensor) {
  int loaded = 0;
  for (size_t index = 0; index < 13; ++index) {
    for (uint32_t type = 0; type < 45; ++type) {
      GgufEditor editor(bytes_);
      GgufEditor::Tensor& tensor = editor.tensors()[index];
      const bool honest = tensor.type_id == type;
      tensor.type_id = type;
      HostileFile file(editor.Bytes());
      const absl::Status status = file.Load();
      EXPECT_EQ(status.ok(), honest) << editor.tensors()[index].name << " as " << type << ": " << status;
      loaded += status.ok();
    }
  }
  EXPECT_EQ(loaded, 13);
}

TEST_F(HostileModelTest, TensorsOnTopOfEachOtherAreRefused) {
  const GgufFile file = *GgufFile::Parse(bytes_);
  for (size_t a = 0; a < file.tensors().size(); ++a) {
    // The last 8 bytes of a directory entry: name, u32 dims, u64 each, u32 type, u64 offset.
    const GgufTensor& tensor = file.tensors()[a];
    const size_t name = static_cast<size_t>(reinterpret_cast<const uint8_t*>(tensor.name.data()) - bytes_.data());
    const size_t offset_at = name + tensor.name.size() + 4 + 8 * tensor.dims.size() + 4;
    for (size_t b = 0; b < file.tensors().size(); ++b) {
      if (a == b) continue;
      const uint64_t offset = file.tensors()[b].offset;
      file_.Overwrite(offset_at, &offset, sizeof(offset));
      const absl::Status status = file_.Load();
      EXPECT_FALSE(status.ok()) << tensor.name << " at " << file.tensors()[b].name;
      file_.Restore(offset_at, sizeof(offset));
    }
  }
}

// Nothing but vocabulary: tokens and merges cost the most memory per byte of file.
TEST_F(HostileModelTest, TheDensestVocabularyStaysWithinTheBound) {
  GgufEditor editor(bytes_);
  std::vector<std::string> tokens;
  const GgufFile original = *GgufFile::Parse(bytes_);
  for (std::string_view text : (*original.GetArray("tokenizer.ggml.tokens", GgufType::kString))->strings) {
    tokens.emplace_back(text);
  }
  // The shortest merges there are: both parts one printable byte, all different as long as they last.
  std::vector<std::string> merges;
  for (int i = 0; i < 100'000; ++i) merges.push_back("a b");
  tokens[257] = "ab";
  std::vector<int32_t> types(tokens.size(), 1);
  editor.SetStrings("tokenizer.ggml.tokens", tokens);
  editor.SetStrings("tokenizer.ggml.merges", merges);
  editor.SetI32s("tokenizer.ggml.token_type", types);
  HostileFile file(editor.Bytes());
  EXPECT_TRUE(file.Load().ok()) << file.Load();
}

}  // namespace
}  // namespace bitnet
