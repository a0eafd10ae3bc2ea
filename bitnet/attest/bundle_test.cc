#include "bitnet/attest/bundle.h"

#include <fstream>
#include <iterator>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "bitnet/attest/base64.h"
#include "bitnet/attest/dsse.h"
#include "bitnet/attest/statement.h"
#include "bitnet/attest/testing_bundle.h"
#include "bitnet/receipt/json_reader.h"
#include "gtest/gtest.h"

namespace bitnet::attest {
namespace {

std::string HonestReceipt() {
  std::ifstream file("testdata/receipts/pass_honest.json", std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

// The example of the DSSE specification, protocol.md, and lengths in bytes, not characters.
TEST(DsseTest, PreAuthEncoding) {
  EXPECT_EQ(PreAuthEncoding("http://example.com/HelloWorld", "hello world"),
            "DSSEv1 29 http://example.com/HelloWorld 11 hello world");
  EXPECT_EQ(PreAuthEncoding("", ""), "DSSEv1 0  0 ");
  EXPECT_EQ(PreAuthEncoding("a", "b c"), "DSSEv1 1 a 3 b c");
  EXPECT_EQ(PreAuthEncoding("\xc3\xa9", std::string("\0\n", 2)), std::string("DSSEv1 2 \xc3\xa9 2 \0\n", 16));
  // Type and payload cannot be exchanged for others with the same bytes in a row.
  EXPECT_NE(PreAuthEncoding("a 1 b", "c"), PreAuthEncoding("a", "b 1 c"));
}

TEST(DsseTest, OnlyThePreAuthEncodingIsSigned) {
  const PrivateKey key = TestingKey();
  Envelope envelope = SignPayload("payload", key);
  EXPECT_EQ(envelope.key_id, key.Public().KeyId());
  EXPECT_TRUE(VerifyEnvelope(envelope, key.Public()).ok());
  EXPECT_FALSE(VerifyEnvelope(envelope, TestingKey("second").Public()).ok());
  for (const std::string& other :
       {std::string("payload"), EncodeBase64("payload"), PreAuthEncoding("application/json", "payload"),
        PreAuthEncoding("", "payload"), absl::StrCat("DSSEv1 28 ", kPayloadType, " 07 payload")}) {
    envelope.signature = key.Sign(other);
    EXPECT_FALSE(VerifyEnvelope(envelope, key.Public()).ok()) << other;
  }
}

TEST(StatementTest, ComesBack) {
  const std::string receipt = HonestReceipt();
  const Statement statement = HonestStatement(receipt);
  EXPECT_EQ(statement.subjects.receipt, ToHex(Sha256Of(receipt)));
  const std::string payload = WriteStatement(statement);
  EXPECT_TRUE(ParseJsonText(payload).ok());
  const auto again = ReadStatement(payload);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->subjects, statement.subjects);
  EXPECT_EQ(again->receipt, receipt);
}

TEST(StatementTest, SubjectsMustBeInTheReceipt) {
  const std::string receipt = HonestReceipt();
  const Subjects subjects = *SubjectsOf(receipt);
  EXPECT_TRUE(absl::StrContains(receipt, subjects.model));
  EXPECT_TRUE(absl::StrContains(receipt, subjects.engine));
  EXPECT_TRUE(absl::StrContains(receipt, subjects.commit));
  const auto error = [](const std::string& text) { return std::string(SubjectsOf(text).status().message()); };
  EXPECT_TRUE(absl::StrContains(error(absl::StrReplaceAll(receipt, {{subjects.commit, "unknown"}})),
                                "/evidence/build/git_commit: unknown"));
  EXPECT_TRUE(absl::StrContains(error(absl::StrReplaceAll(receipt, {{"exe_sha256", "build_id"}})), "repeats"));
  EXPECT_TRUE(absl::StrContains(error(absl::StrReplaceAll(receipt, {{subjects.engine, subjects.engine.substr(1)}})),
                                "/evidence/build/exe_sha256"));
  EXPECT_TRUE(absl::StrContains(error("{}"), "/evidence/model/file_sha256: absent"));
  EXPECT_TRUE(absl::StrContains(error("not a receipt"), "not JSON"));
}

TEST(StatementTest, AnythingElseIsRefusedByPlace) {
  const std::string payload = WriteStatement(HonestStatement(HonestReceipt()));
  const std::string model = HonestStatement(HonestReceipt()).subjects.model;
  const struct {
    std::string from;
    std::string to;
    const char* error;
  } kEdits[] = {
      {"Statement/v1", "Statement/v0.1", "/_type: expected"},
      {"urn:uuid:f", "urn:uuid:e", "/predicateType: expected"},
      {"\"name\":\"model\"", "\"name\":\"engine\"", "/subject/1/name: expected \"model\", got \"engine\""},
      {"{\"digest\":{\"sha256\":\"" + model + "\"},\"name\":\"model\"},", "", "/subject: expected 4 items, got 3"},
      {"\"sha256\":\"" + model, "\"sha256\":\"" + model.substr(1), "/subject/1/digest/sha256: "},
      {"\"sha256\":\"" + model, "\"sha256\":\"" + std::string(64, 'A'), "/subject/1/digest/sha256: "},
      {"\"sha256\":\"" + model, "\"sha512\":\"" + model, "/subject/1/digest/sha256: is absent"},
      {model + "\"", model + "\",\"sha1\":\"ab\"", "/subject/1/digest/sha1: no such member"},
      {"\"gitCommit\"", "\"sha256\"", "/subject/3/digest/gitCommit: is absent"},
      {"\"name\":\"model\"", "\"name\":\"model\",\"uri\":\"x\"", "/subject/1/uri: no such member"},
      {"\"predicate\":{", "\"predicate\":{\"notes\":1,", "/predicate/notes: no such member"},
      {"\"receipt\":\"", "\"receipt\":[\"\"],\"text\":\"", "/predicate/receipt: expected string, got array"},
      {"{\"_type\"", "{\"signed\":true,\"_type\"", "/signed: no such member"},
      {"{\"_type\"", "{\"_TYPE\":\"x\",\"_type\"", "repeats"},
  };
  for (const auto& edit : kEdits) {
    std::string text = payload;
    const size_t at = text.find(edit.from);
    ASSERT_NE(at, std::string::npos) << edit.from;
    text.replace(at, edit.from.size(), edit.to);
    const auto statement = ReadStatement(text);
    ASSERT_FALSE(statement.ok()) << edit.from;
    EXPECT_TRUE(absl::StrContains(statement.status().message(), edit.error)) << statement.status();
  }
  EXPECT_FALSE(ReadStatement("\xef\xbb\xbf" + payload).ok());
  EXPECT_FALSE(ReadStatement(payload + payload).ok());
  EXPECT_FALSE(ReadStatement(payload + std::string(kMaxPayloadBytes, ' ')).ok());
}

TEST(BundleTest, ComesBack) {
  const std::string receipt = HonestReceipt();
  const std::string bundle = HonestBundle(receipt);
  EXPECT_TRUE(LooksLikeBundle(bundle));
  EXPECT_FALSE(LooksLikeBundle(receipt));
  EXPECT_EQ(bundle, HonestBundle(receipt)) << "Ed25519 has no chance in it";
  const auto envelope = ReadBundle(bundle);
  ASSERT_TRUE(envelope.ok()) << envelope.status();
  EXPECT_TRUE(VerifyEnvelope(*envelope, TestingKey().Public()).ok());
  EXPECT_EQ(ReadStatement(envelope->payload)->receipt, receipt);
  EXPECT_EQ(WriteBundle(*envelope), bundle);
}

// A receipt as large as one may be, every byte of it a quote, which JSON escapes.
TEST(BundleTest, TheLargestReceiptFits) {
  Statement statement = HonestStatement(HonestReceipt());
  statement.receipt = std::string(kMaxReceiptBytes, '"');
  const std::string bundle = WriteBundle(SignPayload(WriteStatement(statement), TestingKey()));
  EXPECT_LE(bundle.size(), kMaxBundleBytes);
  const auto envelope = ReadBundle(bundle);
  ASSERT_TRUE(envelope.ok()) << envelope.status();
  EXPECT_EQ(ReadStatement(envelope->payload)->receipt, statement.receipt);
}

TEST(BundleTest, WhatLooksLikeABundle) {
  EXPECT_TRUE(LooksLikeBundle(R"({"mediaType":"x"})"));
  EXPECT_TRUE(LooksLikeBundle(R"({"dsseEnvelope":1})"));
  EXPECT_FALSE(LooksLikeBundle(R"({"schema_version":"mediaType"})"));
  EXPECT_FALSE(LooksLikeBundle(R"({"evidence":{"mediaType":1}})"));
  EXPECT_FALSE(LooksLikeBundle(R"(["mediaType"])"));
  EXPECT_FALSE(LooksLikeBundle(R"({"mediaType":)"));
  EXPECT_FALSE(LooksLikeBundle(""));
}

TEST(BundleTest, AnythingElseIsRefusedByPlace) {
  const std::string bundle = HonestBundle(HonestReceipt());
  const Envelope envelope = *ReadBundle(bundle);
  const std::string sig = EncodeBase64(envelope.signature);
  const std::string payload = EncodeBase64(envelope.payload);
  const std::string second = absl::StrCat("{\"sig\": \"", sig, "\", \"keyid\": \"x\"}");
  const struct {
    std::string from;
    std::string to;
    const char* error;
  } kEdits[] = {
      {"v0.3+json", "v0.2+json", "/mediaType: expected"},
      {"bundle.v0.3+json", "bundle+json;version=0.3", "/mediaType: expected"},
      {"vnd.in-toto+json", "json", "/dsseEnvelope/payloadType: expected"},
      {"\"mediaType\"", "\"media_type\"", "/mediaType: is absent"},
      {"\"publicKey\"", "\"certificate\"", "/verificationMaterial/publicKey: is absent"},
      {"\"publicKey\"", "\"tlogEntries\": [], \"publicKey\"", "/verificationMaterial/tlogEntries: no such member"},
      {"\"hint\"", "\"rawBytes\": \"\", \"hint\"", "/verificationMaterial/publicKey/rawBytes: no such member"},
      {"\"dsseEnvelope\"", "\"messageSignature\": {}, \"dsseEnvelope\"", "/messageSignature: no such member"},
      {"\"signatures\": [", "\"signatures\": [" + second + ",", "/dsseEnvelope/signatures: expected 1 items, got 2"},
      {"\"sig\"", "\"sig\": \"\", \"sig\"", "repeats"},
      {"\"payload\"", "\"payload\": \"\", \"payload\"", "repeats"},
      {"\"payload\"", "\"Payload\": \"\", \"payload\"", "repeats"},
      {"\"keyid\"", "\"cert\"", "/dsseEnvelope/signatures/0/keyid: is absent"},
      {"\"keyid\"", "\"cert\": \"\", \"keyid\"", "/dsseEnvelope/signatures/0/cert: no such member"},
      {sig, absl::WebSafeBase64Escape(envelope.signature), "/dsseEnvelope/signatures/0/sig: base64"},
      {sig, sig.substr(0, 86), "/dsseEnvelope/signatures/0/sig: base64 of 86"},
      {sig, EncodeBase64(envelope.signature.substr(1)), "/dsseEnvelope/signatures/0/sig: 63 bytes"},
      {sig, sig + "AAAA", "/dsseEnvelope/signatures/0/sig: a string of 92 bytes"},
      {sig, "", "/dsseEnvelope/signatures/0/sig: 0 bytes"},
      {payload, payload.substr(0, 100) + "\\n" + payload.substr(100), "/dsseEnvelope/payload: base64"},
      {payload, payload.substr(0, 100) + " " + payload.substr(101), "/dsseEnvelope/payload: base64 has \" \""},
      {payload, payload.substr(0, 100) + "-" + payload.substr(101), "/dsseEnvelope/payload: base64 has \"-\""},
      {"\"payloadType\"", "\"signed\": true, \"payloadType\"", "/dsseEnvelope/signed: no such member"},
      {envelope.key_id, std::string(257, 'a'), "/verificationMaterial/publicKey/hint: a string of 257"},
  };
  for (const auto& edit : kEdits) {
    std::string text = bundle;
    const size_t at = text.find(edit.from);
    ASSERT_NE(at, std::string::npos) << edit.from;
    text.replace(at, edit.from.size(), edit.to);
    const auto read = ReadBundle(text);
    ASSERT_FALSE(read.ok()) << edit.from << " -> " << edit.to;
    EXPECT_TRUE(absl::StrContains(read.status().message(), edit.error)) << read.status();
  }
  EXPECT_FALSE(ReadBundle(bundle + bundle).ok());
  EXPECT_FALSE(ReadBundle("[" + bundle + "]").ok());
  EXPECT_FALSE(ReadBundle(bundle + std::string(kMaxBundleBytes, ' ')).ok());
}

}  // namespace
}  // namespace bitnet::attest
