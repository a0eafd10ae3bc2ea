#include <algorithm>
#include <cstring>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "bitnet/base/merkle.h"
#include "bitnet/commitment/commitment_file.h"
#include "bitnet/commitment/leaf.h"
#include "bitnet/commitment/sample_commitment.h"
#include "bitnet/commitment/session_digest.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace bitnet {
namespace {

using testing::HasSubstr;

std::string_view View(std::span<const uint8_t> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// As docs/commitment.md says, by hand: heads apart in the cache are one after the other in the hash.
TEST(LeafTest, LayerDigestIsOfHeadsInOrder) {
  const F16 cache[] = {1, 2, 99, 99, 3, 4, 99, 99};
  const F16 values[] = {5, 6, 0, 0, 7, 8, 0, 0};
  const Digest session = Sha256Of("s");
  Sha256 hash;
  const Digest got = LayerDigest(hash, session, 7, 9, {cache, 4, 2, 2}, {values, 4, 2, 2});
  std::string bytes("\x02", 1);
  bytes += View(session);
  bytes += std::string("\x07\0\0\0\x09\0\0\0", 8);
  bytes += std::string("\x01\0\x02\0\x03\0\x04\0\x05\0\x06\0\x07\0\x08\0", 16);
  EXPECT_EQ(got, Sha256Of(bytes));
  EXPECT_EQ(LayerDigest(hash.Reset(), session, 7, 9, {cache, 4, 2, 2}, {values, 4, 2, 2}), got);
}

TEST(LeafTest, EveryMemberIsInTheBytes) {
  const NumericsLeaf leaf = SampleCommitment().numerics[3];
  std::set<std::string> forms = {std::string(View(EncodeLeaf(leaf)))};
  const std::function<void(NumericsLeaf&)> kEdits[] = {
      [](NumericsLeaf& l) { ++l.position; },        [](NumericsLeaf& l) { ++l.token_in; },
      [](NumericsLeaf& l) { ++l.layers_root[31]; }, [](NumericsLeaf& l) { ++l.hidden[0]; },
      [](NumericsLeaf& l) { l.chosen = false; },    [](NumericsLeaf& l) { ++l.argmax; },
      [](NumericsLeaf& l) { ++l.top1_bits; },       [](NumericsLeaf& l) { ++l.top2_bits; },
      [](NumericsLeaf& l) { ++l.token_out; }};
  for (const auto& edit : kEdits) {
    NumericsLeaf other = leaf;
    edit(other);
    EXPECT_TRUE(forms.insert(std::string(View(EncodeLeaf(other)))).second);
  }
  EXPECT_EQ(*DecodeNumericsLeaf(EncodeLeaf(leaf)), leaf);
  NumericsLeaf not_chosen = leaf;
  not_chosen.chosen = false;
  EXPECT_FALSE(DecodeNumericsLeaf(EncodeLeaf(not_chosen)).ok());  // a choice that is not there has no members
}

TEST(LeafTest, ObservedLeavesHaveOneForm) {
  for (const ObservedLeaf& leaf : SampleCommitment().observed) {
    const std::vector<uint8_t> bytes = EncodeLeaf(leaf);
    EXPECT_EQ(*DecodeObservedLeaf(bytes), leaf);
    EXPECT_FALSE(DecodeObservedLeaf(std::span(bytes).first(bytes.size() - 1)).ok());
    std::vector<uint8_t> longer = bytes;
    longer.push_back(0);
    EXPECT_FALSE(DecodeObservedLeaf(longer).ok());
  }
  ObservedLeaf leaf = SampleCommitment().observed[0];
  std::swap(leaf.calls[0], leaf.calls[1]);
  EXPECT_FALSE(DecodeObservedLeaf(EncodeLeaf(leaf)).ok());
  leaf.calls = {{1, 0}};
  EXPECT_FALSE(DecodeObservedLeaf(EncodeLeaf(leaf)).ok());
}

TEST(CommitmentFileTest, RoundTrip) {
  const Commitment sample = SampleCommitment();
  const auto read = ParseCommitment(EncodeCommitment(sample));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(*read, sample);
  const CommitmentRoots roots = RootsOf(*read);
  EXPECT_EQ(roots.size, 5u);
  EXPECT_EQ(roots.observed_size, 4u);
  MerkleTree tree;
  for (const NumericsLeaf& leaf : sample.numerics) tree.Add(MerkleLeaf(EncodeLeaf(leaf)));
  EXPECT_EQ(roots.numerics_root, tree.Root());
}

// Nothing in a file can be changed unseen, and every way to cut it short is seen.
TEST(CommitmentFileTest, EveryByteCounts) {
  const std::vector<uint8_t> bytes = EncodeCommitment(SampleCommitment());
  for (size_t i = 0; i < bytes.size(); ++i) {
    std::vector<uint8_t> other = bytes;
    other[i] ^= 0x10;
    EXPECT_FALSE(ParseCommitment(other).ok()) << "byte " << i;
    EXPECT_FALSE(ParseCommitment(std::span(bytes).first(i)).ok()) << i << " bytes";
  }
  std::vector<uint8_t> longer = bytes;
  longer.push_back(0);
  EXPECT_THAT(std::string(ParseCommitment(longer).status().message()), HasSubstr("after the end"));
}

// With a digest that is right again: the structure itself is checked.
TEST(CommitmentFileTest, RefusesWhatIsNoStory) {
  struct Case {
    const char* message;
    std::function<void(Commitment&)> edit;
  };
  const Case kCases[] = {
      {"root of the layers", [](Commitment& c) { ++c.layer_digests[3][0]; }},
      {"expected 2, got 3", [](Commitment& c) { c.numerics[2].position = 3; }},
      {"passes end at position 4", [](Commitment& c) { c.observed.pop_back(); }},
      {"pass 1: expected rows from position 2", [](Commitment& c) { c.observed[1].first_position = 1; }},
      {"pass 2", [](Commitment& c) { c.observed[2].begin_ns = 1699; }},
      {"pass 3", [](Commitment& c) { c.observed[3].end_ns = 2299; }},
      {"number of positions", [](Commitment& c) { c.numerics.clear(), c.layer_digests.clear(), c.observed.clear(); }},
  };
  for (const Case& c : kCases) {
    Commitment commitment = SampleCommitment();
    c.edit(commitment);
    EXPECT_THAT(std::string(ParseCommitment(EncodeCommitment(commitment)).status().message()), HasSubstr(c.message));
  }
}

// A decode pass of several rows may have rows that were not kept: the next pass, or the end, says how many were. A
// prompt has none.
TEST(CommitmentFileTest, DecodePassesMayEndBeforeTheirRows) {
  for (const uint32_t rows : {1, 2, 7}) {
    Commitment commitment = SampleCommitment();
    commitment.observed[2].rows = commitment.observed[2].logit_rows = rows;
    commitment.observed[3].rows = commitment.observed[3].logit_rows = rows;
    const auto parsed = ParseCommitment(EncodeCommitment(commitment));
    ASSERT_TRUE(parsed.ok()) << parsed.status();
    EXPECT_EQ(*parsed, commitment);
    commitment.observed.pop_back();
    EXPECT_EQ(ParseCommitment(EncodeCommitment(commitment)).ok(), rows > 1) << "both positions are of one pass";
  }
  Commitment all_rejected = SampleCommitment();
  all_rejected.observed[2].rows = 2;
  all_rejected.observed[3].first_position = 3;
  EXPECT_FALSE(ParseCommitment(EncodeCommitment(all_rejected)).ok()) << "a pass keeps one row at least";
  Commitment gap = SampleCommitment();
  gap.observed[3].first_position = 5;
  EXPECT_FALSE(ParseCommitment(EncodeCommitment(gap)).ok()) << "a position without a pass";
  Commitment prompt = SampleCommitment();
  prompt.observed[0].rows = 3;
  EXPECT_FALSE(ParseCommitment(EncodeCommitment(prompt)).ok()) << "rows of a prompt are all kept";
}

TEST(CommitmentFileTest, CountsAreNotBelieved) {
  std::vector<uint8_t> bytes = EncodeCommitment(SampleCommitment());
  const uint64_t many = uint64_t{1} << 60;
  std::memcpy(bytes.data() + 16, &many, sizeof(many));
  EXPECT_THAT(std::string(ParseCommitment(bytes).status().message()), HasSubstr("truncated"));
  bytes = EncodeCommitment(SampleCommitment());
  const uint32_t layers = 0xffffffff;
  std::memcpy(bytes.data() + 12, &layers, sizeof(layers));
  EXPECT_THAT(std::string(ParseCommitment(bytes).status().message()), HasSubstr("truncated"));
}

TEST(SessionDigestTest, EveryMemberChangesItAndNothingElseDoes) {
  receipt::Receipt receipt;
  receipt.set_tokens_requested(5);
  receipt::Evidence& evidence = *receipt.mutable_evidence();
  evidence.mutable_model()->set_file_sha256("m");
  evidence.mutable_tokens()->set_prompt_ids_digest("p");
  const Digest digest = SessionDigest(receipt);
  receipt.set_timestamp("2026-11-21T00:00:00Z");
  evidence.mutable_tokens()->set_generated(7);
  evidence.mutable_build()->set_version("1");
  EXPECT_EQ(SessionDigest(receipt), digest);

  std::set<Digest> digests = {digest};
  receipt.set_tokens_requested(6);
  EXPECT_TRUE(digests.insert(SessionDigest(receipt)).second);
  evidence.mutable_arithmetic()->set_profile("x");
  EXPECT_TRUE(digests.insert(SessionDigest(receipt)).second);
  evidence.mutable_build()->set_registry_digest("r");
  EXPECT_TRUE(digests.insert(SessionDigest(receipt)).second);
  evidence.mutable_challenge()->set_nonce("n");
  EXPECT_TRUE(digests.insert(SessionDigest(receipt)).second);
  evidence.mutable_model()->mutable_arch()->set_layers(3);
  EXPECT_TRUE(digests.insert(SessionDigest(receipt)).second);
  evidence.mutable_sampling()->set_seed(3);
  EXPECT_TRUE(digests.insert(SessionDigest(receipt)).second);
  evidence.mutable_tokens()->set_kv_reused(1);
  EXPECT_TRUE(digests.insert(SessionDigest(receipt)).second);
  evidence.mutable_tokens()->set_prompt(9);
  EXPECT_TRUE(digests.insert(SessionDigest(receipt)).second);
  evidence.mutable_tokens()->set_tokenizer_sha256("t");
  EXPECT_TRUE(digests.insert(SessionDigest(receipt)).second);
}

}  // namespace
}  // namespace bitnet
