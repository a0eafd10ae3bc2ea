#include <algorithm>
#include <bit>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/log/check.h"
#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "bitnet/base/merkle.h"
#include "bitnet/base/parallel.h"
#include "bitnet/base/status_macros.h"
#include "bitnet/convert/convert.h"
#include "bitnet/convert/gguf_source.h"
#include "bitnet/convert/workspace.h"
#include "bitnet/gguf/gguf_file.h"
#include "bitnet/gguf/gguf_writer.h"
#include "bitnet/quant/digest.h"
#include "bitnet/tensor/ternary_view.h"

namespace bitnet {
namespace {

std::span<const uint8_t> AsBytes(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

// Whatever is wrong with a file that was written a moment ago, it is not the caller's mistake.
absl::Status CannotBeRead(const absl::Status& status) {
  return absl::DataLossError(absl::StrCat("the written file cannot be read: ", status.message()));
}

class Verifier {
 public:
  Verifier(const ModelSource& before, const ModelSource& after, const ConvertOptions& options, ThreadPool& pool)
      : before_(before),
        after_(after),
        options_(options),
        pool_(pool),
        workers_(ConvertWorkers(before, pool, 2)),
        trits_before_(workers_),
        trits_after_(workers_),
        packed_(workers_) {}

  absl::StatusOr<VerifyResult> Run(ConvertProgress progress) {
    BITNET_RETURN_IF_ERROR(CompareMetadata());
    BITNET_RETURN_IF_ERROR(CompareDirectories());
    const size_t count = before_.tensors().size();
    leaves_before_.resize(count);
    leaves_after_.resize(count);
    ProgressCounter counter("verify", weights_, progress);
    BITNET_RETURN_IF_ERROR(counter.Poll());
    BITNET_RETURN_IF_ERROR(ParallelForEach(pool_, count, workers_, [&](size_t i, int worker) -> absl::Status {
      if (!Tensor(i).ternary) return CompareStored(i);
      BITNET_RETURN_IF_ERROR(CompareTernary(i, worker));
      return counter.Add(static_cast<uint64_t>(Tensor(i).elements()), worker);
    }));
    BITNET_RETURN_IF_ERROR(counter.Poll());
    if (digests_) {
      result_.ternary_digest_before = Root(leaves_before_);
      result_.ternary_digest_after = Root(leaves_after_);
    }
    return result_;
  }

 private:
  const SourceTensor& Tensor(size_t index) const { return before_.tensors()[index]; }

  // What the two would write of it: pairs, their order and the alignment, without the keys of the format.
  absl::Status CompareMetadata() const {
    GgufWriter writer_before, writer_after;
    before_.AddMetadata(writer_before, [] {});
    after_.AddMetadata(writer_after, [] {});
    const std::string header_before = writer_before.Header(), header_after = writer_after.Header();
    if (header_before == header_after) return absl::OkStatus();
    BITNET_ASSIGN_OR_RETURN(const GgufFile before, GgufFile::Parse(AsBytes(header_before)));
    BITNET_ASSIGN_OR_RETURN(const GgufFile after, GgufFile::Parse(AsBytes(header_after)));
    const size_t count = std::min(before.metadata().size(), after.metadata().size());
    for (size_t i = 0; i < count; ++i) {
      const std::string_view key = before.metadata()[i].first;
      if (key != after.metadata()[i].first) {
        return absl::DataLossError(absl::StrCat("metadata key ", absl::Utf8SafeCHexEscape(key), ": the file has ",
                                                absl::Utf8SafeCHexEscape(after.metadata()[i].first), " in its place"));
      }
      if (!std::ranges::equal(before.raw_values()[i], after.raw_values()[i])) {
        return absl::DataLossError(
            absl::StrCat("metadata key ", absl::Utf8SafeCHexEscape(key), ": the file's value is another"));
      }
    }
    return absl::DataLossError(absl::StrCat("metadata: the source has ", before.metadata().size(),
                                            " keys besides those of the format, the file ", after.metadata().size()));
  }

  // Names, order, shapes, which tensors are ternary, types of the others.
  absl::Status CompareDirectories() {
    if (before_.tensors().size() != after_.tensors().size()) {
      return absl::DataLossError(
          absl::StrCat("the source has ", before_.tensors().size(), " tensors, the file ", after_.tensors().size()));
    }
    for (size_t i = 0; i < before_.tensors().size(); ++i) {
      const SourceTensor& a = Tensor(i);
      const SourceTensor& b = after_.tensors()[i];
      const bool same = a.name == b.name && a.dims == b.dims && a.ternary == b.ternary &&
                        (a.ternary || a.stored_type == b.stored_type);
      if (!same) return absl::DataLossError(absl::StrCat("tensor ", a.shown(), ": the file's entry is another"));
      ++(a.ternary ? result_.ternary : result_.stored);
      if (!a.ternary) continue;
      weights_ += static_cast<uint64_t>(a.elements());
      digests_ &= a.cols() % kI2sBlock == 0;
    }
    return absl::OkStatus();
  }

  absl::Status CompareStored(size_t index) const {
    // Pieces of two sources need not be cut alike; the file's is one piece, its mapped bytes.
    return after_.ReadStored(index, [&](std::span<const uint8_t> stored) -> absl::Status {
      uint64_t at = 0;
      BITNET_RETURN_IF_ERROR(before_.ReadStored(index, [&](std::span<const uint8_t> piece) -> absl::Status {
        if (piece.size() > stored.size() - at || std::memcmp(piece.data(), stored.data() + at, piece.size()) != 0) {
          return absl::DataLossError(absl::StrCat("tensor ", Tensor(index).shown(), ": bytes from ", at, " on differ"));
        }
        at += piece.size();
        return absl::OkStatus();
      }));
      if (at == stored.size()) return absl::OkStatus();
      return absl::DataLossError(
          absl::StrCat("tensor ", Tensor(index).shown(), ": the source has ", at, " bytes, the file ", stored.size()));
    });
  }

  absl::Status CompareTernary(size_t index, int worker) {
    const size_t elements = static_cast<size_t>(Tensor(index).elements());
    const std::span<int8_t> before = trits_before_.Get(worker, elements);
    const std::span<int8_t> after = trits_after_.Get(worker, elements);
    BITNET_ASSIGN_OR_RETURN(const TritsRead read_before, before_.ReadTrits(index, before, MeasureError::kNo));
    const absl::StatusOr<TritsRead> read = after_.ReadTrits(index, after, MeasureError::kNo);
    if (!read.ok()) return CannotBeRead(read.status());
    const TritsRead& read_after = *read;
    if (std::bit_cast<uint32_t>(read_before.scale) != std::bit_cast<uint32_t>(read_after.scale)) {
      return absl::DataLossError(absl::StrCat("tensor ", Tensor(index).shown(), ": scale ", read_before.scale,
                                              " has become ", read_after.scale));
    }
    const auto [a, b] = std::mismatch(before.begin(), before.end(), after.begin());
    if (a != before.end()) {
      return absl::DataLossError(absl::StrCat("tensor ", Tensor(index).shown(), ": weight ", a - before.begin(),
                                              " was ", static_cast<int>(*a), " and has become ", static_cast<int>(*b)));
    }
    if (digests_) {
      leaves_before_[index] = Leaf(index, before, read_before.scale, worker);
      leaves_after_[index] = Leaf(index, after, read_after.scale, worker);
    }
    return absl::OkStatus();
  }

  NamedDigest Leaf(size_t index, std::span<const int8_t> trits, float scale, int worker) {
    const TernaryCodec& i2s = *FindTernaryCodec("i2_s");
    const SourceTensor& tensor = Tensor(index);
    const std::span<uint8_t> data = packed_.Get(worker, i2s.size(tensor.rows(), tensor.cols()));
    const absl::Status packed = i2s.pack(trits, tensor.rows(), tensor.cols(), scale, {.isa = options_.isa}, data);
    CHECK(packed.ok()) << packed;
    return {tensor.name, TernaryTensorDigest(tensor.name, tensor.rows(), tensor.cols(), std::bit_cast<uint32_t>(scale),
                                             data.first(trits.size() / 4))};
  }

  static Digest Root(const std::vector<NamedDigest>& leaves) {
    std::vector<NamedDigest> ternary;
    for (const NamedDigest& leaf : leaves) {
      if (!leaf.name.empty()) ternary.push_back(leaf);
    }
    return MerkleRootByName(std::move(ternary));
  }

  const ModelSource& before_;
  const ModelSource& after_;
  const ConvertOptions& options_;
  ThreadPool& pool_;
  const int workers_;
  WorkerBuffers<int8_t> trits_before_;
  WorkerBuffers<int8_t> trits_after_;
  WorkerBuffers<uint8_t> packed_;
  bool digests_ = true;
  uint64_t weights_ = 0;
  std::vector<NamedDigest> leaves_before_;  // by tensor; nameless for those that are not ternary
  std::vector<NamedDigest> leaves_after_;
  VerifyResult result_;
};

}  // namespace

absl::StatusOr<VerifyResult> VerifyConversion(const ModelSource& source, const ConvertOptions& options,
                                              const std::string& path, ThreadPool& pool, ConvertProgress progress) {
  // No hint about the format: the file must say everything itself.
  const absl::StatusOr<std::unique_ptr<GgufSource>> written = GgufSource::Open(path, {.isa = options.isa});
  if (!written.ok()) return CannotBeRead(written.status());
  const std::string format = (*written)->format();
  if (format != options.to->name) {
    return absl::DataLossError(absl::StrCat(path, ": expected format ", options.to->name, ", got ", format));
  }
  return Verifier(source, **written, options, pool).Run(progress);
}

}  // namespace bitnet
