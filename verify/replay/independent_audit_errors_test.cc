// What the independent path cannot audit is an error, and what it reads from files is what was written.

#include <atomic>
#include <cstdint>
#include <fstream>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "bitnet/base/thread_pool.h"
#include "bitnet/commitment/commitment_file.h"
#include "bitnet/engine/testing_model.h"
#include "gtest/gtest.h"
#include "verify/independent/audit.h"
#include "verify/replay/engine_products.h"
#include "verify/replay/independent_audit_testing.h"

namespace bitnet::verify {
namespace {

TEST_F(IndependentAuditTest, WhatCannotBeAuditedIsAnError) {
  ThreadPool pool(1);
  const auto status = [&](const std::string& model, const Commitment& commitment) {
    return IndependentAudit({.model_path = model, .commitment = &commitment}, pool).status();
  };
  EXPECT_TRUE(absl::IsNotFound(status("/nowhere.gguf", honest())));
  Commitment commitment = honest();
  for (NumericsLeaf& leaf : commitment.numerics) leaf.position += 3;
  EXPECT_TRUE(absl::IsUnimplemented(status(path(), commitment)));
  commitment = honest();
  commitment.layer_digests.pop_back();
  EXPECT_TRUE(absl::IsInvalidArgument(status(path(), commitment)));
  commitment = honest();
  commitment.numerics[3].position = 7;
  EXPECT_TRUE(absl::IsInvalidArgument(status(path(), commitment)));
  EXPECT_TRUE(absl::IsInvalidArgument(status(path(), {})));
  EXPECT_TRUE(absl::IsInvalidArgument(IndependentAudit({.model_path = path()}, pool).status()));
  const TestingModel llama("tiny-llama", 1);
  EXPECT_TRUE(absl::IsUnimplemented(status(llama.path(), honest()))) << status(llama.path(), honest());
  const std::atomic<bool> cancelled = true;
  EXPECT_TRUE(absl::IsCancelled(
      IndependentAudit({.model_path = path(), .commitment = &honest(), .cancelled = &cancelled}, pool).status()));
}

TEST_F(IndependentAuditTest, AnEngineOfAnotherModelIsAnError) {
  const TestingModel tiny("tiny", 5);  // two layers
  const auto model = Load(tiny.path());
  ThreadPool pool(1);
  const auto session = Start(*model, pool);
  EngineProducts products(*session);
  const auto report = IndependentAudit({.model_path = path(), .commitment = &honest(), .products = &products}, pool);
  EXPECT_TRUE(absl::IsFailedPrecondition(report.status())) << report.status();
  EXPECT_EQ(report.status().message().find("the engine has no "), 0u) << report.status();
}

TEST_F(IndependentAuditTest, CommitmentsAreReadFromFiles) {
  const std::string file = absl::StrCat(testing::TempDir(), "/run.bnc");
  const std::vector<uint8_t> bytes = EncodeCommitment(honest());
  std::ofstream(file, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  const auto commitment = independent::ReadCommitment(file);
  ASSERT_TRUE(commitment.ok()) << commitment.status();
  EXPECT_EQ(*commitment, honest());
  EXPECT_EQ(independent::ReadCommitment(path()).status().message().find(path()), 0u);
}

}  // namespace
}  // namespace bitnet::verify
