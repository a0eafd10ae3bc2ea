#include "bitnet/receipt/json_writer.h"

#include <bit>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "bitnet/receipt/document.h"
#include "bitnet/receipt/json_reader.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "google/protobuf/util/message_differencer.h"
#include "gtest/gtest.h"

namespace bitnet {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

std::string RandomText(std::mt19937_64& random) {
  static constexpr const char* kPieces[] = {"i2s",  "\"", "\\",           "\n", "\x01", "\x1f",
                                            "\x7f", "é",  "\xe2\x80\x8b", "/",  " ",    "\t"};
  std::string text;
  for (uint64_t n = random() % 6; n > 0; --n) text += kPieces[random() % std::size(kPieces)];
  return text;
}

// Sets about two thirds of all fields, so that presence is tested too.
void Randomize(Message& message, std::mt19937_64& random) {
  const auto& reflection = *message.GetReflection();
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* field = message.GetDescriptor()->field(i);
    if (random() % 3 == 0) continue;
    if (field->is_map()) {
      for (const char* key : {"OS", "CPU_BRAND", "x_y_z"}) {
        Message& entry = *reflection.AddMessage(&message, field);
        entry.GetReflection()->SetString(&entry, field->message_type()->map_key(), key);
        entry.GetReflection()->SetString(&entry, field->message_type()->map_value(), RandomText(random));
      }
    } else if (field->is_repeated()) {
      for (uint64_t n = random() % 4; n > 0; --n) {
        if (field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
          reflection.AddString(&message, field, RandomText(random));
        } else {
          Randomize(*reflection.AddMessage(&message, field), random);
        }
      }
    } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_UINT64) {
      reflection.SetUInt64(&message, field, random() % 4 == 0 ? 0 : random() & kMaxInteger);
    } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_DOUBLE) {
      double value = 0;
      do {
        value = std::bit_cast<double>(random() >> 1);  // not negative
      } while (value - value != 0);                    // finite
      reflection.SetDouble(&message, field, value);
    } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_BOOL) {
      reflection.SetBool(&message, field, random() % 2 == 0);
    } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
      reflection.SetString(&message, field, RandomText(random));
    } else {
      Randomize(*reflection.MutableMessage(&message, field), random);
    }
  }
}

TEST(WriteReceiptJsonTest, ReadsBackAsItWas) {
  std::mt19937_64 random(20261121);
  for (int i = 0; i < 300; ++i) {
    receipt::Receipt receipt;
    Randomize(receipt, random);
    const std::string text = WriteReceiptJson(receipt);
    const ReceiptDocument document = ReadReceiptDocument(text);
    ASSERT_TRUE(document.issues.empty()) << document.issues[0].path << ": " << document.issues[0].message << "\n"
                                         << text;
    EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(receipt, document.receipt)) << text;
    EXPECT_EQ(WriteReceiptJson(document.receipt), text);
    EXPECT_EQ(EncodeReceipt(receipt), *document.json);
  }
}

TEST(WriteReceiptJsonTest, EmptyReceiptIsWrittenAsWhatItHas) {
  EXPECT_EQ(WriteReceiptJson(receipt::Receipt()), R"({
  "kernels": [],
  "environment": {},
  "corrections": []
}
)");
}

TEST(WriteReceiptJsonTest, ZeroAndAbsentAreDifferent) {
  receipt::Receipt receipt;
  receipt.set_tokens_generated(0);
  receipt.set_tokens_per_second(0);
  const std::string text = WriteReceiptJson(receipt);
  EXPECT_NE(text.find("\"tokens_generated\": 0,"), std::string::npos) << text;
  EXPECT_NE(text.find("\"tokens_per_second\": 0.0,"), std::string::npos) << text;
  EXPECT_EQ(text.find("tokens_requested"), std::string::npos) << text;
}

TEST(WritePrettyJsonTest, DoublesAreTheShortestThatReadBack) {
  const std::pair<double, const char*> kCases[] = {{0.1, "0.1"},
                                                   {31.25, "31.25"},
                                                   {3.0, "3.0"},
                                                   {1e22, "1e+22"},
                                                   {1e-7, "1e-07"},
                                                   {5e-324, "5e-324"},
                                                   {0.1 + 0.2, "0.30000000000000004"},
                                                   {100.0, "100.0"}};
  for (const auto& [value, text] : kCases) EXPECT_EQ(CanonicalJson(JsonValue::Double(value)), text);
}

TEST(CanonicalJsonTest, SortsByBytesAndDropsBlanks) {
  const auto value = ParseJsonText(R"({ "b" : [ 1 , {"z":1,"y":"\u0001\n\u00e9"} ], "B": null, "a": false })");
  ASSERT_TRUE(value.ok());
  EXPECT_EQ(CanonicalJson(*value), "{\"B\":null,\"a\":false,\"b\":[1,{\"y\":\"\\u0001\\n\xc3\xa9\",\"z\":1}]}");
  EXPECT_EQ(CanonicalJson(*ParseJsonText(CanonicalJson(*value))), CanonicalJson(*value));
}

}  // namespace
}  // namespace bitnet
