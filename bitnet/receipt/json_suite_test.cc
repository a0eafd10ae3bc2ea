// JSONTestSuite (Seriot, "Parsing JSON is a minefield"), when it lies beside the checkout: y_ files are JSON, n_ files
// are not, i_ files may be either.

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "bitnet/receipt/json_reader.h"
#include "gtest/gtest.h"

namespace bitnet {
namespace {

constexpr char kFolder[] = "external/shared_data/json";

TEST(JsonTestSuite, EveryFileGetsItsVerdict) {
  if (!std::filesystem::exists(kFolder))
    GTEST_SKIP() << "JSONTestSuite is not beside this checkout (" << kFolder << ")";
  int accepted = 0;
  int refused = 0;
  for (const auto& entry : std::filesystem::directory_iterator(kFolder)) {
    const std::string name = entry.path().filename().string();
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string text((std::istreambuf_iterator<char>(file)), {});
    const auto value = ParseJsonText(text);
    if (name.starts_with("y_")) {
      EXPECT_TRUE(value.ok()) << name << ": " << value.status();
      ++accepted;
    } else if (name.starts_with("n_")) {
      EXPECT_FALSE(value.ok()) << name;
      ++refused;
    }
    const bool duplicates = name.starts_with("y_object_duplicated_key");
    EXPECT_TRUE((value.ok() && !duplicates) || !ParseReceiptJson(text).issues.empty())
        << name << " passes as a receipt";
  }
  EXPECT_GT(accepted, 10);
  EXPECT_GT(refused, 10);
}

}  // namespace
}  // namespace bitnet
