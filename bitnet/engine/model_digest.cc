#include "bitnet/engine/model_digest.h"

#include <algorithm>
#include <atomic>
#include <bit>
#include <functional>
#include <vector>

#include "bitnet/base/merkle.h"
#include "bitnet/model/tokenizer_metadata.h"
#include "bitnet/quant/digest.h"

namespace bitnet {
namespace {

// Hashed a piece at a time; pieces that no forward pass streams are then taken out of the process's memory, so that
// hashing a file does not make all of it resident.
constexpr size_t kStripe = size_t{8} << 20;

void UpdateAndRelease(Sha256& hash, const LoadedModel& model, std::span<const uint8_t> bytes) {
  const std::span<const uint8_t> streamed = model.StreamedBytes();
  for (size_t at = 0; at < bytes.size(); at += kStripe) {
    const std::span<const uint8_t> stripe = bytes.subspan(at, std::min(kStripe, bytes.size() - at));
    hash.Update(stripe);
    const bool is_streamed = stripe.data() >= streamed.data() && stripe.data() < streamed.data() + streamed.size();
    if (!is_streamed) model.file.Release(stripe);
  }
}

Digest FileDigest(const LoadedModel& model) {
  Sha256 hash;
  UpdateAndRelease(hash, model, model.file.bytes());
  return hash.Finish();
}

Digest TensorDigest(const LoadedModel& model, const GgufTensor& tensor) {
  Sha256 hash;
  hash.Update(std::string_view("bnr1/tensor\0", 12)).UpdateU64(tensor.name.size()).Update(tensor.name);
  hash.UpdateU32(tensor.type_id).UpdateU32(static_cast<uint32_t>(tensor.dims.size()));
  for (uint64_t dim : tensor.dims) hash.UpdateU64(dim);
  hash.UpdateU64(tensor.data.size());
  UpdateAndRelease(hash, model, tensor.data);
  return hash.Finish();
}

Digest TernaryDigest(const NamedTernary& tensor) {
  const TernaryView& view = tensor.view;
  return TernaryTensorDigest(tensor.name, static_cast<uint64_t>(view.rows), static_cast<uint64_t>(view.cols),
                             std::bit_cast<uint32_t>(view.scale), view.packed);
}

// One hash to compute: biggest first, so that the workers end together.
struct Job {
  uint64_t bytes;
  std::function<void()> run;
};

}  // namespace

ModelDigests ComputeModelDigests(const LoadedModel& model, ThreadPool& pool) {
  ModelDigests digests;
  const std::vector<GgufTensor>& tensors = model.gguf.tensors();
  const std::vector<NamedTernary>& ternary = model.weights.ternary;
  std::vector<NamedDigest> tensor_leaves(tensors.size());
  std::vector<NamedDigest> ternary_leaves(ternary.size());
  std::vector<Job> jobs;
  jobs.push_back({model.file.bytes().size(), [&] { digests.file_sha256 = FileDigest(model); }});
  for (size_t i = 0; i < tensors.size(); ++i) {
    jobs.push_back({tensors[i].data.size(), [&, i] {
                      tensor_leaves[i] = {tensors[i].name, TensorDigest(model, tensors[i])};
                    }});
  }
  for (size_t i = 0; i < ternary.size(); ++i) {
    jobs.push_back({ternary[i].view.packed.size(), [&, i] {
                      ternary_leaves[i] = {ternary[i].name, TernaryDigest(ternary[i])};
                    }});
  }
  std::stable_sort(jobs.begin(), jobs.end(), [](const Job& a, const Job& b) { return a.bytes > b.bytes; });
  std::atomic<size_t> next{0};
  pool.Run([&](int) {
    for (size_t i = next.fetch_add(1); i < jobs.size(); i = next.fetch_add(1)) jobs[i].run();
  });
  digests.tensor_root = MerkleRootByName(std::move(tensor_leaves));
  digests.ternary_digest = MerkleRootByName(std::move(ternary_leaves));
  digests.tokenizer_sha256 = TokenizerDigest(model.gguf);
  return digests;
}

}  // namespace bitnet
