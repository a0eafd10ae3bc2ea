#include "bitnet/commitment/leaf.h"

#include <cstring>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "bitnet/base/byte_reader.h"
#include "bitnet/base/status_macros.h"

namespace bitnet {
namespace {

constexpr uint8_t kLayerPrefix[] = {2};

// Little-endian values one after the other.
class ByteWriter {
 public:
  explicit ByteWriter(uint8_t* out) : out_(out) {}

  template <typename T>
  void Put(const T& value) {
    std::memcpy(out_, &value, sizeof(T));
    out_ += sizeof(T);
  }

 private:
  uint8_t* out_;
};

void UpdateRow(Sha256& hash, const KvRow& row) {
  for (int64_t head = 0; head < row.heads; ++head) {
    hash.Update(std::span(reinterpret_cast<const uint8_t*>(row.first + head * row.stride),
                          static_cast<size_t>(row.head_dim) * sizeof(F16)));
  }
}

constexpr size_t kObservedHeadBytes = 1 + 3 * 4 + 2 * 8 + 2;
constexpr size_t kCallsBytes = 2 + 4;

}  // namespace

Digest LayerDigest(Sha256& hash, const Digest& session, uint32_t position, uint32_t layer, const KvRow& keys,
                   const KvRow& values) {
  hash.Update(kLayerPrefix).Update(session).UpdateU32(position).UpdateU32(layer);
  UpdateRow(hash, keys);
  UpdateRow(hash, values);
  return hash.Finish();
}

std::array<uint8_t, kNumericsLeafBytes> EncodeLeaf(const NumericsLeaf& leaf) {
  std::array<uint8_t, kNumericsLeafBytes> bytes;
  ByteWriter writer(bytes.data());
  writer.Put(leaf.position);
  writer.Put(leaf.token_in);
  writer.Put(leaf.layers_root);
  writer.Put(leaf.hidden);
  writer.Put(static_cast<uint8_t>(leaf.chosen ? 1 : 0));
  writer.Put(leaf.argmax);
  writer.Put(leaf.top1_bits);
  writer.Put(leaf.top2_bits);
  writer.Put(leaf.token_out);
  return bytes;
}

absl::StatusOr<NumericsLeaf> DecodeNumericsLeaf(std::span<const uint8_t, kNumericsLeafBytes> bytes) {
  ByteReader reader(bytes);
  NumericsLeaf leaf;
  BITNET_ASSIGN_OR_RETURN(leaf.position, reader.Read<uint32_t>("position"));
  BITNET_ASSIGN_OR_RETURN(leaf.token_in, reader.Read<uint32_t>("token_in"));
  for (Digest* digest : {&leaf.layers_root, &leaf.hidden}) {
    BITNET_ASSIGN_OR_RETURN(const std::span<const uint8_t> raw, reader.ReadBytes(digest->size(), "digest"));
    std::memcpy(digest->data(), raw.data(), raw.size());
  }
  BITNET_ASSIGN_OR_RETURN(const uint8_t chosen, reader.Read<uint8_t>("chosen"));
  for (uint32_t* value : {&leaf.argmax, &leaf.top1_bits, &leaf.top2_bits, &leaf.token_out}) {
    BITNET_ASSIGN_OR_RETURN(*value, reader.Read<uint32_t>("choice"));
  }
  leaf.chosen = chosen == 1;
  const bool empty = (leaf.argmax | leaf.top1_bits | leaf.top2_bits | leaf.token_out) == 0;
  if (chosen > 1 || (chosen == 0 && !empty)) {
    return absl::InvalidArgumentError(
        absl::StrCat("position ", leaf.position, ": the choice flag is neither 1, nor 0 with nothing chosen"));
  }
  return leaf;
}

std::vector<uint8_t> EncodeLeaf(const ObservedLeaf& leaf) {
  std::vector<uint8_t> bytes;
  EncodeLeaf(leaf, bytes);
  return bytes;
}

void EncodeLeaf(const ObservedLeaf& leaf, std::vector<uint8_t>& bytes) {
  bytes.resize(kObservedHeadBytes + leaf.calls.size() * kCallsBytes);
  ByteWriter writer(bytes.data());
  writer.Put(static_cast<uint8_t>(leaf.kind));
  writer.Put(leaf.first_position);
  writer.Put(leaf.rows);
  writer.Put(leaf.logit_rows);
  writer.Put(leaf.begin_ns);
  writer.Put(leaf.end_ns);
  writer.Put(static_cast<uint16_t>(leaf.calls.size()));
  for (const ObservedLeaf::Calls& calls : leaf.calls) {
    writer.Put(calls.kernel);
    writer.Put(calls.calls);
  }
}

absl::StatusOr<ObservedLeaf> DecodeObservedLeaf(std::span<const uint8_t> bytes) {
  ByteReader reader(bytes);
  ObservedLeaf leaf;
  BITNET_ASSIGN_OR_RETURN(const uint8_t kind, reader.Read<uint8_t>("kind"));
  if (kind > 1) return absl::InvalidArgumentError(absl::StrCat("kind of pass: expected 0 or 1, got ", kind));
  leaf.kind = static_cast<StepKind>(kind);
  BITNET_ASSIGN_OR_RETURN(leaf.first_position, reader.Read<uint32_t>("first position"));
  BITNET_ASSIGN_OR_RETURN(leaf.rows, reader.Read<uint32_t>("rows"));
  BITNET_ASSIGN_OR_RETURN(leaf.logit_rows, reader.Read<uint32_t>("logit rows"));
  BITNET_ASSIGN_OR_RETURN(leaf.begin_ns, reader.Read<uint64_t>("begin"));
  BITNET_ASSIGN_OR_RETURN(leaf.end_ns, reader.Read<uint64_t>("end"));
  BITNET_ASSIGN_OR_RETURN(const uint16_t count, reader.Read<uint16_t>("number of kernels"));
  if (reader.remaining() != count * kCallsBytes) {
    return absl::InvalidArgumentError(absl::StrCat("a pass of ", count, " kernels: expected ", count * kCallsBytes,
                                                   " bytes, got ", reader.remaining()));
  }
  for (uint16_t i = 0; i < count; ++i) {
    ObservedLeaf::Calls calls;
    BITNET_ASSIGN_OR_RETURN(calls.kernel, reader.Read<uint16_t>("kernel"));
    BITNET_ASSIGN_OR_RETURN(calls.calls, reader.Read<uint32_t>("calls"));
    const bool ascending = leaf.calls.empty() || leaf.calls.back().kernel < calls.kernel;
    if (calls.calls == 0 || !ascending) {
      return absl::InvalidArgumentError("kernels of a pass: expected ascending indices, each called");
    }
    leaf.calls.push_back(calls);
  }
  return leaf;
}

}  // namespace bitnet
