#include "verify/testing/fixtures.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <utility>

#include "absl/log/check.h"
#include "verify/testing/receipt_edits.h"

namespace bitnet::verify {
namespace {

constexpr char kFolder[] = "testdata/receipts";

std::map<std::string, std::string> ReadFolder(std::string_view suffix) {
  std::map<std::string, std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(kFolder)) {
    const std::string name = entry.path().filename().string();
    if (!name.ends_with(suffix)) continue;
    std::ifstream file(entry.path(), std::ios::binary);
    files[name.substr(0, name.size() - suffix.size())] = std::string(std::istreambuf_iterator<char>(file), {});
  }
  return files;
}

}  // namespace

std::vector<Fixture> ReadFixtures() {
  std::map<std::string, std::vector<std::string>> contexts;
  for (const std::string& table : ReadEditTables()) {
    auto recipes = ParseRecipes(table);
    CHECK_OK(recipes.status());
    for (FixtureRecipe& recipe : *recipes) contexts[recipe.name] = std::move(recipe.context);
  }
  std::vector<Fixture> fixtures;
  for (auto& [name, text] : ReadFolder(".json")) {
    auto context = MakeFixtureContext(contexts[name]);
    CHECK(context.ok()) << name << ": " << context.status();
    fixtures.push_back({name, std::move(text), *std::move(context)});
  }
  return fixtures;
}

std::vector<std::string> ReadEditTables() {
  std::vector<std::string> tables;
  for (auto& [name, text] : ReadFolder(".txt")) {
    if (name.starts_with("edits_")) tables.push_back(std::move(text));
  }
  return tables;
}

}  // namespace bitnet::verify
