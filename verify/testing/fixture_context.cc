#include "verify/testing/fixture_context.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "absl/log/check.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "bitnet/attest/challenge.h"
#include "bitnet/attest/testing_bundle.h"
#include "bitnet/base/sha256.h"
#include "bitnet/base/status_macros.h"
#include "bitnet/receipt/json_reader.h"
#include "bitnet/receipt/json_value.h"
#include "bitnet/receipt/json_writer.h"
#include "verify/testing/artifact_edits.h"
#include "verify/testing/honest_commitment.h"
#include "verify/testing/honest_receipt.h"
#include "verify/testing/named_run.h"

namespace bitnet::verify {
namespace {

// Half a day around the date of the fixtures and the auditor's clock in tests.
constexpr std::string_view kIssuedAt = "2026-11-20T12:00:00Z";
constexpr std::string_view kExpiresAt = "2026-11-22T12:00:00Z";

attest::Challenge UsualChallenge() {
  return {std::string(kFixtureNonce), std::string(kFixtureIssuer), *attest::ParseUtcSeconds(kIssuedAt),
          *attest::ParseUtcSeconds(kExpiresAt), std::nullopt};
}

absl::Status Remember(std::string_view nonce, std::string_view receipt, attest::Ledger& ledger) {
  return ledger.Append({std::string(nonce), ToHex(Sha256Of(receipt)), *attest::ParseUtcSeconds(kIssuedAt)}).status();
}

absl::StatusOr<attest::Challenge> ChangedChallenge(std::string_view members) {
  BITNET_ASSIGN_OR_RETURN(JsonValue challenge, ParseJsonText(attest::WriteChallenge(UsualChallenge())));
  BITNET_ASSIGN_OR_RETURN(const JsonValue changes, ParseJsonText(members));
  for (const JsonMember& change : changes.object()) {
    if (JsonValue* member = challenge.Find(change.name)) {
      *member = change.value;
    } else {
      challenge.object().push_back(change);
    }
  }
  return attest::ReadChallenge(WritePrettyJson(challenge));
}

// A little more than the accepted fixtures claim.
constexpr uint64_t kUsualOuterNs = 8'000'000'000;

absl::StatusOr<LaunchArtifact> ReadLaunch(std::string_view members) {
  BITNET_ASSIGN_OR_RETURN(const JsonValue changes, ParseJsonText(members));
  LaunchArtifact launch{.nonce = std::string(kFixtureNonce), .outer_ns = kUsualOuterNs, .failure = ""};
  for (const JsonMember& change : changes.object()) {
    if (change.name == "failure" && change.value.is_string()) {
      launch.failure = change.value.string();
    } else if (change.name == "nonce" && change.value.is_string()) {
      launch.nonce = change.value.string();
    } else if (change.name == "outer_ns" && change.value.AsUint64()) {
      launch.outer_ns = *change.value.AsUint64();
    } else {
      return absl::InvalidArgumentError(absl::StrCat("no launch has \"", change.name, "\""));
    }
  }
  return launch;
}

void AddFiles(const Artifacts& files, Artifacts& artifacts) {
  artifacts.model = files.model;
  artifacts.replay = files.replay;
}

// Of pass_traced, which stands for most.
const std::optional<ModelArtifact>& UsualModel() {
  static const auto* const kModel = new std::optional<ModelArtifact>(
      HonestArtifacts(HonestReceipt(*FindHonestRun("pass_traced"))).model);
  return *kModel;
}

absl::Status Apply(std::string_view change, FixtureContext& context) {
  if (absl::ConsumePrefix(&change, "policy ")) {
    BITNET_ASSIGN_OR_RETURN(context.policy, ParsePolicy(change));
  } else if (change == "challenge none") {
    context.artifacts.challenge.reset();
  } else if (absl::ConsumePrefix(&change, "challenge ")) {
    BITNET_ASSIGN_OR_RETURN(context.artifacts.challenge, ChangedChallenge(change));
  } else if (change == "no keys") {
    context.trusts_testing_key = false;
    context.artifacts.challenge.reset();
    context.artifacts.ledger = nullptr;
  } else if (change == "ledger none") {
    context.artifacts.ledger = nullptr;
  } else if (change == "ledger taken") {
    return Remember(kFixtureNonce, "another receipt", *context.ledger);
  } else if (change == "model none") {
    context.artifacts.model.reset();
  } else if (absl::StartsWith(change, "model {") || absl::StartsWith(change, "replay {") ||
             absl::StartsWith(change, "independent {")) {
    const size_t blank = change.find(' ');
    return SetArtifactMembers(change.substr(0, blank), change.substr(blank + 1), context.artifacts);
  } else if (absl::ConsumePrefix(&change, "replay ")) {
    BITNET_ASSIGN_OR_RETURN(const HonestRun run, FindHonestRun(change));
    AddFiles(HonestArtifacts(HonestReceipt(run)), context.artifacts);
  } else if (absl::ConsumePrefix(&change, "files ")) {
    BITNET_ASSIGN_OR_RETURN(const HonestRun run, FindHonestRun(change));
    const receipt::Receipt receipt = HonestReceipt(run);
    AddFiles(HonestArtifacts(receipt), context.artifacts);
    context.artifacts.independent = HonestArtifacts(receipt).independent;
    context.artifacts.commitment = HonestCommitment(run, receipt);
  } else if (absl::ConsumePrefix(&change, "launch ")) {
    BITNET_ASSIGN_OR_RETURN(context.artifacts.launch, ReadLaunch(change));
  } else if (change == "independent differs") {
    context.artifacts.independent->first_difference = "position 3, layer 1, q: output 17";
  } else if (absl::ConsumePrefix(&change, "commitment ")) {
    if (!context.artifacts.commitment) return absl::NotFoundError("no commitment is given (with files)");
    return EditCommitment(change, *context.artifacts.commitment);
  } else {
    return absl::InvalidArgumentError(absl::StrCat("no context is changed by \"", change, "\""));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<FixtureContext> MakeFixtureContext(const std::vector<std::string>& changes) {
  FixtureContext context;
  context.ledger = std::make_unique<attest::Ledger>();
  context.artifacts.ledger = context.ledger.get();
  context.artifacts.challenge = UsualChallenge();
  context.artifacts.model = UsualModel();
  for (const char* name : {"first", "second", "third"}) {
    BITNET_RETURN_IF_ERROR(Remember(ToHex(Sha256Of(name)), name, *context.ledger));
  }
  for (const std::string& change : changes) BITNET_RETURN_IF_ERROR(Apply(change, context));
  if (context.policy.keys.empty() && context.trusts_testing_key) {
    context.policy.keys = {attest::TestingKey().Public()};
  }
  return context;
}

FixtureContext UsualContext(Level level) {
  absl::StatusOr<FixtureContext> context = MakeFixtureContext({});
  CHECK_OK(context.status());
  context->policy.min_level = level;
  return *std::move(context);
}

}  // namespace bitnet::verify
