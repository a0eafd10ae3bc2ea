// The schema only grows. testdata/receipt_descriptor.txt has one line per field that was ever published; a line that
// the schema no longer matches means that old receipts would be read as something else.

#include <fstream>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "bitnet/receipt/receipt.pb.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/descriptor.pb.h"
#include "gtest/gtest.h"

namespace bitnet {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

// "Receipt.tokens_generated 8 optional uint64"
void Describe(const Descriptor& message, std::set<std::string>& lines) {
  const std::string name = message.full_name().substr(std::string_view("bitnet.receipt.").size());
  for (int i = 0; i < message.field_count(); ++i) {
    const FieldDescriptor& field = *message.field(i);
    std::string type = field.type_name();
    if (field.message_type() != nullptr && !field.is_map()) type = field.message_type()->name();
    if (field.is_map()) type = "map<string,string>";
    const bool presence = field.has_presence();
    lines.insert(absl::StrCat(name, ".", field.name(), " ", field.number(), " ",
                              field.is_repeated() ? "repeated"
                              : presence          ? "optional"
                                                  : "implicit",
                              " ", type));
  }
  for (int i = 0; i < message.nested_type_count(); ++i) {
    if (!message.nested_type(i)->options().map_entry()) Describe(*message.nested_type(i), lines);
  }
}

std::set<std::string> DescribeSchema() {
  std::set<std::string> lines;
  const auto& file = *receipt::Receipt::descriptor()->file();
  for (int i = 0; i < file.message_type_count(); ++i) Describe(*file.message_type(i), lines);
  return lines;
}

TEST(ReceiptDescriptorTest, NothingIsRenamedRenumberedOrRemoved) {
  std::ifstream file("testdata/receipt_descriptor.txt");
  ASSERT_TRUE(file) << "testdata/receipt_descriptor.txt is not there";
  std::set<std::string> frozen;
  for (std::string line; std::getline(file, line);) {
    if (!line.empty() && line[0] != '#') frozen.insert(line);
  }
  const std::set<std::string> schema = DescribeSchema();
  for (const std::string& line : frozen) {
    EXPECT_TRUE(schema.contains(line)) << "published, and no longer in receipt.proto: " << line;
  }
  for (const std::string& line : schema) {
    EXPECT_TRUE(frozen.contains(line)) << "new in receipt.proto; add this line to testdata/receipt_descriptor.txt:\n"
                                       << line;
  }
}

TEST(ReceiptDescriptorTest, EveryScalarHasPresence) {
  for (const std::string& line : DescribeSchema()) EXPECT_EQ(line.find(" implicit "), std::string::npos) << line;
}

}  // namespace
}  // namespace bitnet
