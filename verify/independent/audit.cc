#include "verify/independent/audit.h"

#include <bit>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "bitnet/base/clock.h"
#include "bitnet/base/cpu_features.h"
#include "bitnet/base/mapped_file.h"
#include "bitnet/base/status_macros.h"
#include "verify/independent/binding.h"
#include "verify/independent/freivalds.h"
#include "verify/independent/loops.h"
#include "verify/independent/model.h"
#include "verify/independent/product_check.h"

namespace bitnet::verify::independent {
namespace {

absl::Status CheckCommitment(const Commitment& commitment) {
  const std::vector<NumericsLeaf>& leaves = commitment.numerics;
  if (leaves.empty() || commitment.layer_digests.size() != leaves.size() * commitment.layers) {
    return absl::InvalidArgumentError(absl::StrCat(leaves.size(), " positions of ", commitment.layers, " layers: got ",
                                                   commitment.layer_digests.size(), " layer digests"));
  }
  if (leaves.front().position != 0) {
    return absl::UnimplementedError(absl::StrCat("the commitment begins at position ", leaves.front().position,
                                                 ": what was in the cache before is not in it"));
  }
  for (size_t i = 0; i < leaves.size(); ++i) {
    if (leaves[i].position != i) {
      return absl::InvalidArgumentError(
          absl::StrCat("leaf ", i, ": expected position ", i, ", got ", leaves[i].position));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckMemory(const Shape& shape, size_t positions) {
  const uint64_t memory = ReadHostInfo().memory_bytes;
  const uint64_t row = static_cast<uint64_t>(shape.layers * shape.kv_dim()) * 2 * sizeof(float);
  if (memory == 0 || positions <= memory / row) return absl::OkStatus();
  return absl::ResourceExhaustedError(absl::StrCat("keys and values of ", positions, " positions take ", row,
                                                   " bytes each, this machine has ", memory));
}

// A number below `end`, each equally likely.
absl::StatusOr<uint64_t> DrawBelow(uint64_t end) {
  const uint64_t unfair = (0 - end) % end;  // 2^64 mod end: so many are left over
  while (true) {
    BITNET_ASSIGN_OR_RETURN(const std::vector<SecretPair> words, DrawSecrets(1));
    const uint64_t drawn = uint64_t{words[0][0]} << 32 | words[0][1];
    if (drawn >= unfair) return drawn % end;
  }
}

// Which positions' logits are computed: all, or `sample` of those where a choice is claimed.
absl::StatusOr<std::vector<bool>> Wanted(const Commitment& commitment, const std::optional<uint64_t>& sample) {
  std::vector<bool> wanted(commitment.numerics.size(), !sample);
  if (!sample) return wanted;
  std::vector<size_t> choices;
  for (size_t i = 0; i < wanted.size(); ++i) {
    if (commitment.numerics[i].chosen) choices.push_back(i);
  }
  for (size_t i = 0; i < choices.size() && i < *sample; ++i) {
    BITNET_ASSIGN_OR_RETURN(const uint64_t skip, DrawBelow(choices.size() - i));
    std::swap(choices[i], choices[i + skip]);
    wanted[choices[i]] = true;
  }
  return wanted;
}

absl::Status RunWalk(const IndependentRequest& request, const Model& model, const Loops& loops, ThreadPool& pool,
                     IndependentReport& report) {
  const Commitment& commitment = *request.commitment;
  const uint64_t begin = NowNs();
  BITNET_ASSIGN_OR_RETURN(const ProductChecker checker, ProductChecker::Draw(model, loops, pool));
  BITNET_ASSIGN_OR_RETURN(std::vector<bool> wanted, Wanted(commitment, request.sampled_choices));
  report.key_ns = NowNs() - begin;
  PlainProducts own(model, loops, pool);
  ProductSource& source = request.products == nullptr ? own : *request.products;
  Walk walk(model, commitment, checker, source, loops, pool, std::move(wanted));
  while (!walk.done()) {
    if (request.cancelled != nullptr && request.cancelled->load())
      return absl::CancelledError("the audit was cancelled");
    BITNET_RETURN_IF_ERROR(walk.Next(request.chunk));
  }
  report.difference = walk.difference();
  report.tally = walk.tally();
  return absl::OkStatus();
}

}  // namespace

int IndependentReport::error_bits() const {
  if (tally.products_tested == 0) return 0;
  return kSecrets * kBitsPerSecret - std::bit_width(tally.products_tested);
}

absl::StatusOr<Commitment> ReadCommitment(const std::string& path) {
  BITNET_ASSIGN_OR_RETURN(const MappedFile file, MappedFile::Open(path));
  absl::StatusOr<Commitment> commitment = ParseCommitment(file.bytes());
  if (commitment.ok()) return commitment;
  return absl::Status(commitment.status().code(), absl::StrCat(path, ": ", commitment.status().message()));
}

absl::StatusOr<IndependentReport> IndependentAudit(const IndependentRequest& request, ThreadPool& pool) {
  const uint64_t begin = NowNs();
  if (request.commitment == nullptr || request.chunk == 0) {
    return absl::InvalidArgumentError("an independent audit needs a commitment and chunks of at least 1 position");
  }
  const Commitment& commitment = *request.commitment;
  BITNET_RETURN_IF_ERROR(CheckCommitment(commitment));
  BITNET_ASSIGN_OR_RETURN(const MappedFile file, MappedFile::Open(request.model_path));
  absl::StatusOr<Model> model = ReadModel(file.bytes(), pool);
  if (!model.ok()) {
    return absl::Status(model.status().code(), absl::StrCat(request.model_path, ": ", model.status().message()));
  }
  IndependentReport report;
  report.model_file = Sha256Of(file.bytes());
  report.positions = commitment.numerics.size();
  report.layers = commitment.layers;
  for (const NumericsLeaf& leaf : commitment.numerics) report.choices += leaf.chosen ? 1 : 0;
  report.load_ns = NowNs() - begin;

  if (request.receipt != nullptr) {
    report.difference = CompareWithReceipt(*request.receipt, commitment, report.model_file);
    report.receipt_compared = true;
  }
  if (!report.difference && commitment.layers != model->layers.size()) {
    report.difference = {-1, -1, "number of layers",
                         absl::StrCat(commitment.layers, " claimed, ", model->layers.size(), " in the model")};
  }
  if (!report.difference) {
    BITNET_RETURN_IF_ERROR(CheckMemory(model->shape, commitment.numerics.size()));
    BITNET_RETURN_IF_ERROR(RunWalk(request, *model, BestLoops(), pool, report));
  }
  report.total_ns = NowNs() - begin;
  return report;
}

std::string IndependentText(const IndependentReport& report) {
  const Tally& tally = report.tally;
  std::string text = report.difference ? absl::StrCat("differs: ", report.difference->Text(), "\n")
                                       : std::string("agrees: every value compared is the one computed\n");
  absl::StrAppend(&text, "model file: ", ToHex(report.model_file), "\n");
  absl::StrAppend(&text, "receipt: ",
                  report.receipt_compared ? "compared with model file and commitment" : "none was compared", "\n");
  absl::StrAppend(&text, "positions: ", tally.positions, " of ", report.positions, ", ", tally.layers_compared,
                  " digests of keys and values (", report.layers, " layers)\n");
  absl::StrAppend(&text, "ternary products: ", tally.products_tested, " by Freivalds' test, ",
                  tally.products_recomputed, " computed again");
  if (tally.products_tested > 0) {
    absl::StrAppend(&text, "; a wrong one among them is missed with a chance below 2^-", report.error_bits());
  }
  absl::StrAppend(&text, "\nchoices: logits of ", tally.choices_compared, " of ", report.choices);
  if (!report.difference && tally.choices_compared < report.choices) {
    const double missed = 1 - static_cast<double>(tally.choices_compared) / static_cast<double>(report.choices);
    absl::StrAppend(&text, absl::StrFormat("; a single wrong one is missed with a chance of %.4f", missed));
  }
  absl::StrAppend(&text, "; the token chosen has the largest logit in ", tally.largest_chosen,
                  ", sampling was not "
                  "computed again\n");
  const auto ms = [](uint64_t ns) { return absl::StrFormat("%.1f ms", static_cast<double>(ns) * 1e-6); };
  absl::StrAppend(&text, "time: ", ms(report.total_ns), ", of it load ", ms(report.load_ns), ", keys ",
                  ms(report.key_ns), ", products ", ms(tally.source_ns), ", their tests ", ms(tally.check_ns),
                  ", logits ", ms(tally.head_ns), "\n");
  return text;
}

}  // namespace bitnet::verify::independent
