// Writes testdata/receipts: pass_*.json from pass_fixtures.cc, the others from those and edits_*.txt.
//
//   ./bazelw run //verify/testing:make_fixtures -- $PWD/testdata/receipts
//
// Run it after a change of the honest receipts, of the edits or of the kernel catalog, whose digest every receipt
// carries; //verify/testing:fixtures_test fails until it was run.

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "bitnet/base/atomic_file.h"
#include "bitnet/receipt/json_writer.h"
#include "verify/testing/honest_receipt.h"
#include "verify/testing/pass_fixtures.h"
#include "verify/testing/receipt_edits.h"

namespace bitnet::verify {
namespace {

std::string ReadFile(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

int MakeFixtures(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> stale;
  std::vector<std::filesystem::path> tables;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (name.ends_with(".json")) stale.push_back(entry.path());
    if (name.starts_with("edits_") && name.ends_with(".txt")) tables.push_back(entry.path());
  }
  for (const auto& path : stale) std::filesystem::remove(path);
  int written = 0;
  for (const PassFixture& fixture : PassFixtures()) {
    const std::string text = WriteReceiptJson(HonestReceipt(fixture.run));
    if (const absl::Status status = WriteFileAtomically((folder / (fixture.name + ".json")).string(), text);
        !status.ok()) {
      std::fprintf(stderr, "%s\n", status.ToString().c_str());
      return 1;
    }
  }
  for (const auto& table : tables) {
    const auto recipes = ParseRecipes(ReadFile(table));
    if (!recipes.ok()) {
      std::fprintf(stderr, "%s: %s\n", table.c_str(), recipes.status().ToString().c_str());
      return 1;
    }
    for (const FixtureRecipe& recipe : *recipes) {
      const auto text = ApplyEdits(ReadFile(folder / (recipe.base + ".json")), recipe.edits);
      const absl::Status status =
          text.ok() ? WriteFileAtomically((folder / (recipe.name + ".json")).string(), *text) : text.status();
      if (!status.ok()) {
        std::fprintf(stderr, "%s: %s: %s\n", table.c_str(), recipe.name.c_str(), status.ToString().c_str());
        return 1;
      }
      ++written;
    }
  }
  std::printf("wrote %d edited receipts\n", written);
  return written > 0 ? 0 : 1;
}

}  // namespace
}  // namespace bitnet::verify

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: make_fixtures TESTDATA_RECEIPTS_FOLDER\n");
    return 2;
  }
  return bitnet::verify::MakeFixtures(argv[1]);
}
