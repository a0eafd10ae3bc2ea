#include "xtask/bench_plan.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "bitnet/base/philox.h"

namespace bitnet::xtask {
namespace {

JsonValue Strings(const std::vector<std::string>& strings) {
  JsonValue::Array array;
  for (const std::string& text : strings) array.push_back(JsonValue::String(text));
  return JsonValue::MakeArray(std::move(array));
}

JsonValue SideJson(const BenchSideSpec& side) {
  return JsonValue::MakeObject({{"command", Strings(side.command)}, {"options", Strings(side.options)}});
}

}  // namespace

BenchSide FirstOfPair(size_t pair) { return pair % 2 == 1 || pair == 0 ? BenchSide::kA : BenchSide::kB; }

// Pairs differ in the low bits, which nothing else touches: two of them cannot meet.
uint64_t PromptSeed(const BenchPlan& plan, size_t pair) {
  const auto words = PhiloxAt(plan.seed, 0, 0);
  const uint64_t random = (uint64_t{words[0]} << 32 | words[1]) & 0xff'ffff'ffff;  // 40 bits
  return random << 12 | (pair & 0xfff);
}

std::string ReceiptName(size_t pair, BenchSide side) {
  return absl::StrFormat("pair-%02d-%c.json", pair, side == BenchSide::kA ? 'a' : 'b');
}

std::vector<std::string> RunArguments(const BenchPlan& plan, size_t pair, BenchSide side, const std::string& receipt) {
  const BenchSideSpec& spec = plan.of(side);
  std::vector<std::string> args = spec.command;
  std::vector<std::string> options = plan.common;
  // Strict mode is asked of the program, not of its command.
  for (const std::string& option : spec.options) (option == "--strict" ? args : options).push_back(option);
  args.push_back("benchmark");
  args.insert(args.end(), options.begin(), options.end());
  for (const std::string& arg : {std::string("--prompt-seed"), absl::StrCat(PromptSeed(plan, pair)),
                                 std::string("--receipt"), receipt, std::string("-o"), std::string("json")}) {
    args.push_back(arg);
  }
  return args;
}

JsonValue PlanJson(const BenchPlan& plan) {
  JsonValue::Array looks;
  for (const size_t look : plan.policy.looks) looks.push_back(JsonValue::Uint(look));
  return JsonValue::MakeObject({
      {"a", SideJson(plan.a)},
      {"b", SideJson(plan.b)},
      {"common", Strings(plan.common)},
      {"looks", JsonValue::MakeArray(std::move(looks))},
      {"order", JsonValue::String("ABBA")},
      {"seed", JsonValue::Uint(plan.seed)},
      {"warm_up_pairs", JsonValue::Uint(1)},
  });
}

}  // namespace bitnet::xtask
