#include "bitnet/commitment/commitment_file.h"

#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "bitnet/base/byte_reader.h"
#include "bitnet/base/merkle.h"
#include "bitnet/base/status_macros.h"

namespace bitnet {
namespace {

constexpr std::string_view kMagic("BNCOMMIT", 8);
constexpr uint32_t kVersion = 1;

template <typename T>
void Append(const T& value, std::vector<uint8_t>& out) {
  static_assert(std::is_trivially_copyable_v<T>);
  const auto* bytes = reinterpret_cast<const uint8_t*>(&value);
  out.insert(out.end(), bytes, bytes + sizeof(T));
}

absl::StatusOr<Digest> ReadDigest(ByteReader& reader, std::string_view what) {
  BITNET_ASSIGN_OR_RETURN(const std::span<const uint8_t> raw, reader.ReadBytes(sizeof(Digest), what));
  Digest digest;
  std::memcpy(digest.data(), raw.data(), raw.size());
  return digest;
}

absl::Status AtPosition(size_t index, const absl::Status& status) {
  return absl::Status(status.code(), absl::StrCat("position ", index, " of the file: ", status.message()));
}

absl::Status ReadNumerics(ByteReader& reader, uint64_t size, Commitment& out) {
  const uint64_t record = kNumericsLeafBytes + uint64_t{out.layers} * sizeof(Digest);
  if (size > reader.remaining() / record) {
    return absl::OutOfRangeError(
        absl::StrCat("truncated input: ", size, " positions of ", record, " bytes, ", reader.remaining(), " left"));
  }
  out.numerics.reserve(size);
  out.layer_digests.reserve(size * out.layers);
  for (uint64_t i = 0; i < size; ++i) {
    BITNET_ASSIGN_OR_RETURN(const std::span<const uint8_t> raw, reader.ReadBytes(kNumericsLeafBytes, "leaf"));
    absl::StatusOr<NumericsLeaf> leaf = DecodeNumericsLeaf(raw.first<kNumericsLeafBytes>());
    if (!leaf.ok()) return AtPosition(i, leaf.status());
    for (uint32_t layer = 0; layer < out.layers; ++layer) {
      BITNET_ASSIGN_OR_RETURN(const Digest digest, ReadDigest(reader, "layer digest"));
      out.layer_digests.push_back(digest);
    }
    if (i > 0 && leaf->position != out.numerics.back().position + 1) {
      return AtPosition(i, absl::InvalidArgumentError(
                               absl::StrCat("expected ", out.numerics.back().position + 1, ", got ", leaf->position)));
    }
    if (leaf->layers_root != LayersRoot(std::span(out.layer_digests).last(out.layers))) {
      return AtPosition(i, absl::InvalidArgumentError("the root of the layers is not that of the digests below it"));
    }
    out.numerics.push_back(*leaf);
  }
  return absl::OkStatus();
}

absl::Status ReadObserved(ByteReader& reader, uint64_t size, Commitment& out) {
  // A pass begins where the one before it ends; after a decode pass, where what was kept of it does.
  uint64_t first = out.numerics.empty() ? 0 : out.numerics.front().position;
  uint64_t last = first;
  const uint64_t end = first + out.numerics.size();
  for (uint64_t i = 0; i < size; ++i) {
    BITNET_ASSIGN_OR_RETURN(const uint32_t length, reader.Read<uint32_t>("length of a pass"));
    BITNET_ASSIGN_OR_RETURN(const std::span<const uint8_t> raw, reader.ReadBytes(length, "pass"));
    absl::StatusOr<ObservedLeaf> leaf = DecodeObservedLeaf(raw);
    if (!leaf.ok()) return absl::Status(leaf.status().code(), absl::StrCat("pass ", i, ": ", leaf.status().message()));
    const uint64_t since = out.observed.empty() ? 0 : out.observed.back().end_ns;
    if (leaf->first_position < first || leaf->first_position > last || leaf->rows == 0 || leaf->begin_ns < since ||
        leaf->end_ns < leaf->begin_ns) {
      return absl::InvalidArgumentError(absl::StrCat("pass ", i, ": expected rows from position ", first, "..", last,
                                                     " at ", since, " ns or later, got ", leaf->rows, " from ",
                                                     leaf->first_position, " at ", leaf->begin_ns, "..", leaf->end_ns));
    }
    last = uint64_t{leaf->first_position} + leaf->rows;
    first = leaf->kind == StepKind::kDecode ? leaf->first_position + uint64_t{1} : last;
    out.observed.push_back(*std::move(leaf));
  }
  if (end < first || end > last) {
    return absl::InvalidArgumentError(
        absl::StrCat("passes end at position ", last, ", the positions committed to at ", end));
  }
  return absl::OkStatus();
}

}  // namespace

Digest LayersRoot(std::span<const Digest> layer_digests) {
  Sha256 hash;
  return LayersRoot(hash, layer_digests);
}

Digest LayersRoot(Sha256& hash, std::span<const Digest> layer_digests) {
  MerkleTree tree;
  for (const Digest& digest : layer_digests) tree.Add(hash, digest);
  return tree.Root(hash);
}

CommitmentRoots RootsOf(const Commitment& commitment) {
  MerkleTree numerics;
  MerkleTree observed;
  for (const NumericsLeaf& leaf : commitment.numerics) numerics.Add(MerkleLeaf(EncodeLeaf(leaf)));
  for (const ObservedLeaf& leaf : commitment.observed) observed.Add(MerkleLeaf(EncodeLeaf(leaf)));
  return {numerics.size(), numerics.Root(), observed.size(), observed.Root()};
}

std::vector<uint8_t> EncodeCommitment(const Commitment& commitment) {
  std::vector<uint8_t> out(kMagic.begin(), kMagic.end());
  Append(kVersion, out);
  Append(commitment.layers, out);
  Append(static_cast<uint64_t>(commitment.numerics.size()), out);
  Append(static_cast<uint64_t>(commitment.observed.size()), out);
  Append(commitment.session, out);
  for (size_t i = 0; i < commitment.numerics.size(); ++i) {
    Append(EncodeLeaf(commitment.numerics[i]), out);
    for (uint32_t layer = 0; layer < commitment.layers; ++layer) {
      Append(commitment.layer_digests[i * commitment.layers + layer], out);
    }
  }
  for (const ObservedLeaf& leaf : commitment.observed) {
    const std::vector<uint8_t> bytes = EncodeLeaf(leaf);
    Append(static_cast<uint32_t>(bytes.size()), out);
    out.insert(out.end(), bytes.begin(), bytes.end());
  }
  Append(Sha256Of(out), out);
  return out;
}

absl::StatusOr<Commitment> ParseCommitment(std::span<const uint8_t> bytes) {
  ByteReader reader(bytes);
  BITNET_ASSIGN_OR_RETURN(const std::span<const uint8_t> magic, reader.ReadBytes(kMagic.size(), "magic"));
  if (std::string_view(reinterpret_cast<const char*>(magic.data()), magic.size()) != kMagic) {
    return absl::InvalidArgumentError("not a commitment file: it does not begin with BNCOMMIT");
  }
  BITNET_ASSIGN_OR_RETURN(const uint32_t version, reader.Read<uint32_t>("version"));
  if (version != kVersion) {
    return absl::InvalidArgumentError(absl::StrCat("commitment file version: expected ", kVersion, ", got ", version));
  }
  Commitment commitment;
  BITNET_ASSIGN_OR_RETURN(commitment.layers, reader.Read<uint32_t>("layers"));
  if (commitment.layers == 0) return absl::InvalidArgumentError("layers: expected at least 1, got 0");
  BITNET_ASSIGN_OR_RETURN(const uint64_t numerics, reader.Read<uint64_t>("number of positions"));
  if (numerics == 0) return absl::InvalidArgumentError("number of positions: expected at least 1, got 0");
  BITNET_ASSIGN_OR_RETURN(const uint64_t observed, reader.Read<uint64_t>("number of passes"));
  BITNET_ASSIGN_OR_RETURN(commitment.session, ReadDigest(reader, "session"));
  BITNET_RETURN_IF_ERROR(ReadNumerics(reader, numerics, commitment));
  BITNET_RETURN_IF_ERROR(ReadObserved(reader, observed, commitment));
  const size_t hashed = reader.offset();
  BITNET_ASSIGN_OR_RETURN(const Digest digest, ReadDigest(reader, "digest of the file"));
  if (reader.remaining() != 0) {
    return absl::InvalidArgumentError(absl::StrCat(reader.remaining(), " bytes after the end"));
  }
  if (digest != Sha256Of(bytes.first(hashed))) {
    return absl::InvalidArgumentError("the digest at the end is not that of the file: it was damaged or edited");
  }
  return commitment;
}

}  // namespace bitnet
