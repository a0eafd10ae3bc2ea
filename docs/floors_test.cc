// The table of floors in architecture.md holds: it has every package of the shipped programs, and each of them depends
// on packages of lower floors only.

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "docs/markdown.h"
#include "gtest/gtest.h"

namespace bitnet::docs {
namespace {

// "//bitnet/kernels/rope:rope_table" -> "bitnet/kernels/rope". What lies below verify is one package here.
std::string PackageOf(std::string_view label) {
  label = absl::StripPrefix(label, "//");
  label = label.substr(0, label.find(':'));
  return absl::StartsWith(label, "verify/") ? "verify" : std::string(label);
}

// Rows "| 4 | `bitnet/kernels/embed`, `bitnet/kernels/head` | ... |".
std::map<std::string, int> DocumentedFloors() {
  std::map<std::string, int> floors;
  for (const auto& row : TableRows(Section(ReadDocument("docs/architecture.md"), "## Floors"))) {
    int floor = -1;
    if (row.size() < 2 || !absl::SimpleAtoi(row[0], &floor)) continue;
    const std::vector<std::string> parts = absl::StrSplit(row[1], '`');
    for (size_t i = 1; i < parts.size(); i += 2) floors[parts[i]] = floor;
  }
  return floors;
}

// Edges between packages, from lines such as:   "//a:b" -> "//c:d"
std::set<std::pair<std::string, std::string>> ShippedEdges() {
  std::set<std::pair<std::string, std::string>> edges;
  for (std::string_view line : absl::StrSplit(ReadDocument("docs/shipped_deps"), '\n')) {
    const std::vector<std::string_view> quoted = absl::StrSplit(line, '"');
    if (quoted.size() < 5 || !absl::StrContains(quoted[2], "->")) continue;
    const std::string from = PackageOf(quoted[1]);
    const std::string to = PackageOf(quoted[3]);
    if (from != to) edges.insert({from, to});
  }
  return edges;
}

TEST(FloorsTest, EveryDependencyGoesDown) {
  const std::map<std::string, int> floors = DocumentedFloors();
  const auto edges = ShippedEdges();
  EXPECT_GT(edges.size(), 40) << "the graph of dependencies was not read";
  for (const auto& [from, to] : edges) {
    ASSERT_TRUE(floors.contains(from)) << from << " has no floor in docs/architecture.md";
    ASSERT_TRUE(floors.contains(to)) << to << " has no floor in docs/architecture.md";
    EXPECT_GT(floors.at(from), floors.at(to)) << from << " depends on " << to;
  }
}

TEST(FloorsTest, EveryDocumentedPackageIsShipped) {
  std::set<std::string> shipped;
  for (const auto& [from, to] : ShippedEdges()) {
    shipped.insert(from);
    shipped.insert(to);
  }
  for (const auto& [package, floor] : DocumentedFloors()) EXPECT_TRUE(shipped.contains(package)) << package;
}

}  // namespace
}  // namespace bitnet::docs
