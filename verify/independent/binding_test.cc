#include "verify/independent/binding.h"

#include <string>
#include <vector>

#include "absl/log/check.h"
#include "bitnet/commitment/sample_commitment.h"
#include "bitnet/commitment/session_digest.h"
#include "gtest/gtest.h"

namespace bitnet::verify::independent {
namespace {

const Digest kModelFile = Sha256Of("a model file");

std::string IdsDigest(const std::vector<uint32_t>& ids) {
  Sha256 hash;
  for (const uint32_t id : ids) hash.UpdateU32(id);
  return ToHex(hash.Finish());
}

// A receipt and the commitment that it speaks of: three prompt tokens, three chosen.
struct Bound {
  receipt::Receipt receipt;
  Commitment commitment = SampleCommitment();

  Bound() {
    receipt::Evidence& evidence = *receipt.mutable_evidence();
    evidence.mutable_model()->set_file_sha256(ToHex(kModelFile));
    std::vector<uint32_t> prompt;
    std::vector<uint32_t> output;
    for (const NumericsLeaf& leaf : commitment.numerics) {
      if (output.empty()) prompt.push_back(leaf.token_in);
      if (leaf.chosen) output.push_back(leaf.token_out);
    }
    CHECK(prompt.size() == 3 && output.size() == 3);
    receipt::Evidence::Tokens& tokens = *evidence.mutable_tokens();
    tokens.set_prompt(3);
    tokens.set_generated(3);
    tokens.set_kv_reused(0);
    tokens.set_prompt_ids_digest(IdsDigest(prompt));
    tokens.set_output_ids_digest(IdsDigest(output));
    Bind();
  }

  // What follows from the rest.
  void Bind() {
    commitment.session = SessionDigest(receipt);
    const CommitmentRoots roots = RootsOf(commitment);
    receipt::Evidence::Trace& trace = *receipt.mutable_evidence()->mutable_trace();
    trace.set_session(ToHex(commitment.session));
    trace.set_size(roots.size);
    trace.set_numerics_root(ToHex(roots.numerics_root));
    trace.set_observed_size(roots.observed_size);
    trace.set_observed_root(ToHex(roots.observed_root));
  }

  std::string Field() const {
    const auto difference = CompareWithReceipt(receipt, commitment, kModelFile);
    return difference ? difference->field : "";
  }
};

TEST(BindingTest, WhatBelongsTogetherAgrees) { EXPECT_EQ(Bound().Field(), ""); }

TEST(BindingTest, EveryMemberIsCompared) {
  Bound bound;
  EXPECT_TRUE(CompareWithReceipt(bound.receipt, bound.commitment, Sha256Of("another file")));
  bound.receipt.mutable_evidence()->mutable_model()->set_file_sha256("");
  EXPECT_EQ(bound.Field(), "/evidence/model/file_sha256");

  bound = Bound();
  bound.receipt.set_tokens_requested(99);  // another session
  EXPECT_EQ(bound.Field(), "/evidence/trace/session");
  bound = Bound();
  bound.commitment.session = Sha256Of("of another run");
  EXPECT_EQ(bound.Field(), "/evidence/trace/session");

  bound = Bound();
  bound.receipt.mutable_evidence()->mutable_trace()->set_size(4);
  EXPECT_EQ(bound.Field(), "/evidence/trace/size");
  bound = Bound();
  bound.commitment.numerics[1].hidden[0] ^= 1;
  EXPECT_EQ(bound.Field(), "/evidence/trace/numerics_root");
  bound = Bound();
  bound.receipt.mutable_evidence()->mutable_trace()->set_observed_size(2);
  EXPECT_EQ(bound.Field(), "/evidence/trace/observed_size");
  bound = Bound();
  bound.commitment.observed[0].end_ns += 1;
  EXPECT_EQ(bound.Field(), "/evidence/trace/observed_root");

  receipt::Evidence::Tokens* tokens = nullptr;
  const auto tokens_of = [&](Bound& of) { return of.receipt.mutable_evidence()->mutable_tokens(); };
  bound = Bound();
  tokens_of(bound)->set_kv_reused(1);
  bound.Bind();
  EXPECT_EQ(bound.Field(), "/evidence/tokens/kv_reused");
  bound = Bound();
  tokens_of(bound)->set_prompt(2);
  bound.Bind();
  EXPECT_EQ(bound.Field(), "/evidence/tokens/prompt");
  bound = Bound();
  tokens_of(bound)->set_generated(2);
  EXPECT_EQ(bound.Field(), "/evidence/tokens/generated");
  bound = Bound();
  tokens = tokens_of(bound);
  tokens->set_prompt_ids_digest(tokens->output_ids_digest());
  bound.Bind();
  EXPECT_EQ(bound.Field(), "/evidence/tokens/prompt_ids_digest");
  bound = Bound();
  tokens = tokens_of(bound);
  tokens->set_output_ids_digest(tokens->prompt_ids_digest());
  EXPECT_EQ(bound.Field(), "/evidence/tokens/output_ids_digest");
}

}  // namespace
}  // namespace bitnet::verify::independent
