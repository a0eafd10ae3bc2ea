#include "verify/testing/deletions.h"

#include <algorithm>
#include <iterator>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "absl/log/check.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "bitnet/attest/base64.h"
#include "bitnet/attest/bundle.h"
#include "bitnet/attest/testing_bundle.h"
#include "bitnet/receipt/json_reader.h"
#include "bitnet/receipt/json_value.h"
#include "bitnet/receipt/json_writer.h"
#include "verify/audit.h"
#include "verify/envelope_facts.h"
#include "verify/testing/attacks.h"
#include "verify/testing/fixtures.h"
#include "verify/testing/named_run.h"
#include "verify/testing/rule_testing.h"

namespace bitnet::verify {
namespace {

constexpr size_t kMostViolations = 20;
// The roots of a commitment take a hundred times as long as the rest of an audit: of texts that come with one, this
// share is tried.
constexpr uint64_t kCommittedShare = 16;

// Where a subtree is deleted.
enum class Layer {
  kText,       // in the text itself: a bare receipt, or the envelope
  kStatement,  // in the signed statement; the signature stays as it was
  kResigned,   // in the signed statement, which the trusted key then signs again
  kReceipt,    // in the receipt inside, about which the trusted key then makes an honest statement
};
constexpr std::string_view kLayerNames[] = {"", " of the statement", " of the statement, signed again",
                                            " of the receipt, signed again"};

struct Tried {
  std::string name;
  Attack attack;
};

// One layer of a text, read once.
struct Opened {
  const Tried* tried;
  Layer layer;
  JsonValue tree;      // that something is deleted of
  JsonValue envelope;  // around it, unless it is the text
};

struct Case {
  const Opened* opened;
  std::string path;
};

void CollectSubtrees(const JsonValue& value, const std::string& path, std::vector<std::string>& paths) {
  if (!path.empty()) paths.push_back(path);
  if (value.is_object()) {
    for (const JsonMember& member : value.object()) CollectSubtrees(member.value, ChildPath(path, member.name), paths);
  } else if (value.is_array()) {
    for (size_t i = 0; i < value.array().size(); ++i) {
      CollectSubtrees(value.array()[i], ChildPath(path, i), paths);
    }
  }
}

std::optional<JsonValue> Tree(std::string_view text) {
  auto tree = ParseJsonText(text);
  if (!tree.ok() || !tree->is_object()) return std::nullopt;
  return *std::move(tree);
}

// The payload of an envelope, when it can be had.
std::optional<std::string> PayloadOf(const JsonValue& envelope) {
  const JsonValue* payload = envelope.AtPath("/dsseEnvelope/payload");
  if (payload == nullptr || !payload->is_string()) return std::nullopt;
  const auto bytes = attest::DecodeBase64(payload->string());
  if (!bytes.ok()) return std::nullopt;
  return *bytes;
}

std::optional<std::string> ReceiptIn(const std::string& statement) {
  const std::optional<JsonValue> tree = Tree(statement);
  if (!tree) return std::nullopt;
  const JsonValue* receipt = tree->AtPath("/predicate/receipt");
  if (receipt == nullptr || !receipt->is_string()) return std::nullopt;
  return receipt->string();
}

std::string Without(const JsonValue& tree, const std::string& path) {
  JsonValue less = tree;
  CHECK_OK(RemoveAt(less, path));
  return WritePrettyJson(less);
}

void Open(const Tried& tried, std::vector<std::unique_ptr<Opened>>& opened) {
  std::optional<JsonValue> text = Tree(tried.attack.text);
  if (!text) return;
  const auto add = [&](Layer layer, std::optional<JsonValue> tree) {
    if (!tree) return;
    opened.push_back(
        std::make_unique<Opened>(Opened{&tried, layer, *std::move(tree), layer == Layer::kText ? JsonValue() : *text}));
  };
  add(Layer::kText, text);
  const std::optional<std::string> statement = PayloadOf(*text);
  if (!statement) return;
  add(Layer::kStatement, Tree(*statement));
  add(Layer::kResigned, Tree(*statement));
  if (const std::optional<std::string> receipt = ReceiptIn(*statement)) add(Layer::kReceipt, Tree(*receipt));
}

void AddCases(const Opened& opened, std::vector<Case>& cases) {
  std::vector<std::string> paths;
  CollectSubtrees(opened.tree, "", paths);
  const uint64_t share = opened.tried->attack.context.artifacts.commitment ? kCommittedShare : 1;
  for (size_t i = 0; i < paths.size(); i += share) cases.push_back({&opened, std::move(paths[i])});
}

std::string TextWithout(const Case& c) {
  const Opened& opened = *c.opened;
  std::string less = Without(opened.tree, c.path);
  switch (opened.layer) {
    case Layer::kText:
      return less;
    case Layer::kStatement: {
      JsonValue envelope = opened.envelope;
      *envelope.AtPath("/dsseEnvelope/payload") = JsonValue::String(attest::EncodeBase64(less));
      return WritePrettyJson(envelope);
    }
    case Layer::kResigned:
      return attest::WriteBundle(attest::SignPayload(less, attest::TestingKey()));
    case Layer::kReceipt:
      break;
  }
  // A receipt that names no model, program or commit has no honest statement: then the old subjects stay.
  attest::Statement about{{}, std::move(less)};
  if (const auto subjects = attest::SubjectsOf(about.receipt); subjects.ok()) {
    about.subjects = *subjects;
  } else if (const auto facts = ReadEnvelopeFacts(opened.tried->attack.text); facts && facts->statement.ok()) {
    about.subjects = facts->statement->subjects;
  }
  return attest::WriteBundle(attest::SignPayload(attest::WriteStatement(about), attest::TestingKey()));
}

// What an honest receipt may lack and claims less without. Of the last two any item may be missing; which of the
// repetitions that are left is the receipt's is held to their times by L1-SAMPLES.
constexpr std::string_view kOptional[] = {"/corrections", "/performance_baseline", "/evidence/trace",
                                          "/evidence/perf/repetition"};
constexpr std::string_view kOptionalItems[] = {"/evidence/crit", "/evidence/perf/samples"};

bool Contains(std::span<const std::string_view> paths, std::string_view path) {
  return std::ranges::find(paths, path) != paths.end();
}

// Whether `value` is `honest`, less only what is optional.
bool IsHonestLess(const JsonValue& value, const JsonValue& honest, const std::string& path) {
  if (value.is_object() && honest.is_object()) {
    size_t there = 0;
    for (const JsonMember& member : honest.object()) {
      const std::string child = ChildPath(path, member.name);
      const JsonValue* found = value.Find(member.name);
      if (found == nullptr && !Contains(kOptional, child)) return false;
      if (found != nullptr && !IsHonestLess(*found, member.value, child)) return false;
      there += found != nullptr ? 1 : 0;
    }
    return there == value.object().size();  // and nothing else
  }
  if (value.is_array() && honest.is_array()) {
    size_t at = 0;
    for (const JsonValue& item : honest.array()) {
      if (at < value.array().size() && value.array()[at] == item) {
        ++at;
      } else if (!Contains(kOptionalItems, path)) {
        return false;
      }
    }
    return at == value.array().size();
  }
  return value == honest || (path == "/evidence/perf/repetition" && value.is_integer());
}

// The receipt in `text`, as a tree.
std::optional<JsonValue> ReceiptTree(std::string_view text) {
  const std::optional<EnvelopeFacts> envelope = ReadEnvelopeFacts(text);
  return Tree(envelope ? envelope->receipt_text() : text);
}

// Receipts that are accepted as they are: fixtures, and the honest receipts that attacks start from.
std::vector<JsonValue> HonestReceipts(const std::vector<AttackRow>& rows) {
  std::vector<JsonValue> honest;
  for (const Fixture& fixture : ReadFixtures()) {
    if (!fixture.name.starts_with("pass_")) continue;
    if (std::optional<JsonValue> tree = ReceiptTree(fixture.text)) honest.push_back(*std::move(tree));
  }
  for (const AttackRow& row : rows) {
    if (!row.recipe.base.starts_with("run ")) continue;
    const receipt::Receipt receipt = HonestReceipt(*FindHonestRun(row.recipe.base));
    const AuditReport report = AuditReceiptText(WriteReceiptJson(receipt), {}, TestNow());
    // Some attacks are honest runs of something else than they say.
    if (report.verdict == Verdict::kAccept) honest.push_back(EncodeReceipt(receipt));
  }
  return honest;
}

std::vector<Tried> Texts(const std::vector<AttackRow>& rows) {
  std::vector<Tried> texts;
  for (Fixture& fixture : ReadFixtures()) {
    if (!fixture.name.starts_with("pass_")) continue;
    const Level level = attest::LooksLikeBundle(fixture.text) ? Level::kL3 : Level::kL1;
    texts.push_back({fixture.name, {std::move(fixture.text), std::move(fixture.context), level}});
  }
  for (const AttackRow& row : rows) {
    if (row.OnSpeeds()) continue;
    auto attack = MakeAttack(row);
    CHECK(attack.ok()) << row.recipe.name << ": " << attack.status();
    // At L0 most members are not looked at.
    attack->level = std::max(attack->level, Level::kL1);
    texts.push_back({row.recipe.name, *std::move(attack)});
  }
  return texts;
}

}  // namespace

DeletionTally TryDeletions(uint64_t wanted) {
  const std::vector<AttackRow> rows = ReadAttackRows();
  const std::vector<JsonValue> honest = HonestReceipts(rows);
  const std::vector<Tried> texts = Texts(rows);
  std::vector<std::unique_ptr<Opened>> opened;
  for (const Tried& tried : texts) Open(tried, opened);
  std::vector<Case> cases;
  for (const auto& layer : opened) AddCases(*layer, cases);

  DeletionTally tally;
  tally.receipts = texts.size();
  tally.known = cases.size();
  const uint64_t count = std::min<uint64_t>(wanted, cases.size());
  for (uint64_t i = 0; i < count; ++i) {
    const Case& c = cases[i * cases.size() / count];
    const Attack& attack = c.opened->tried->attack;
    const std::string text = TextWithout(c);
    Policy policy = attack.context.policy;
    policy.min_level = attack.level;
    const Verdict verdict = AuditReceiptText(text, policy, TestNow(), attack.context.artifacts).verdict;
    ++tally.cases;
    tally.malformed += verdict == Verdict::kMalformed ? 1 : 0;
    tally.rejected += verdict == Verdict::kReject ? 1 : 0;
    tally.unverifiable += verdict == Verdict::kUnverifiable ? 1 : 0;
    if (verdict != Verdict::kAccept) continue;
    ++tally.accepted;
    const std::optional<JsonValue> receipt = ReceiptTree(text);
    const bool is_honest = receipt && std::ranges::any_of(honest, [&](const JsonValue& other) {
                             return IsHonestLess(*receipt, other, "");
                           });
    if (!is_honest && tally.violations.size() < kMostViolations) {
      tally.violations.push_back(
          absl::StrCat(c.opened->tried->name, " without ", c.path, kLayerNames[static_cast<int>(c.opened->layer)]));
    }
  }
  return tally;
}

}  // namespace bitnet::verify
