// What keygen and sign answer, and whether what they write is what it should be.

#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "bitnet/attest/bundle.h"
#include "bitnet/attest/dsse.h"
#include "bitnet/attest/ed25519.h"
#include "bitnet/attest/statement.h"
#include "bitnet/receipt/json_value.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "xtask/cli_testing.h"

namespace bitnet::xtask {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::UnorderedElementsAre;

class CliSignTest : public CliTest {
 protected:
  CliSignTest() {
    std::ifstream file("testdata/receipts/pass_honest.json", std::ios::binary);
    receipt_.assign(std::istreambuf_iterator<char>(file), {});
    Write("run.json", receipt_);
  }

  mode_t Mode(std::string_view name) const {
    struct stat facts;
    CHECK_EQ(stat(Path(name).c_str(), &facts), 0);
    return facts.st_mode & 0777;
  }

  std::string receipt_;
};

TEST_F(CliSignTest, KeysAreNewAndTheSecretIsItsOwnersAlone) {
  const ProcessResult made = Run({"keygen", "--out", Path("a"), "--json"});
  ASSERT_EQ(made.exit_code, 0) << made.err;
  EXPECT_THAT(Files(), UnorderedElementsAre("run.json", "a.key", "a.pub"));
  EXPECT_EQ(Mode("a.key"), 0600);
  const auto key = attest::PrivateKey::FromPem(Read("a.key"));
  ASSERT_TRUE(key.ok()) << key.status();
  EXPECT_EQ(Read("a.pub"), key->Public().Pem());
  EXPECT_EQ(Json(made.out).Find("key_id")->string(), key->Public().KeyId());
  EXPECT_THAT(made.out, Not(HasSubstr("PRIVATE")));

  const std::string before = Read("a.key");
  const ProcessResult again = Run({"keygen", "--out", Path("a")});
  EXPECT_EQ(again.exit_code, 2);
  EXPECT_THAT(again.err, HasSubstr("is not replaced"));
  EXPECT_EQ(Read("a.key"), before);

  const ProcessResult other = Run({"keygen", "--out", Path("b")});
  ASSERT_EQ(other.exit_code, 0) << other.err;
  EXPECT_NE(Read("b.key"), before);
  EXPECT_THAT(other.out, HasSubstr(Path("b.key")));
}

// Of a pair of which one is there already, nothing is written.
TEST_F(CliSignTest, NoHalfOfAPair) {
  Write("a.pub", "mine");
  EXPECT_EQ(Run({"keygen", "--out", Path("a")}).exit_code, 2);
  EXPECT_THAT(Files(), UnorderedElementsAre("run.json", "a.pub"));
  EXPECT_EQ(Read("a.pub"), "mine");
  EXPECT_EQ(Run({"keygen", "--out", Path("no/such/folder")}).exit_code, 2);
  EXPECT_EQ(Run({"keygen"}).exit_code, 2);
}

TEST_F(CliSignTest, SignsTheReceiptAsItIs) {
  ASSERT_EQ(Run({"keygen", "--out", Path("a")}).exit_code, 0);
  const ProcessResult made =
      Run({"sign", Path("run.json"), "--key", Path("a.key"), "--out", Path("run.bundle.json"), "--json"});
  ASSERT_EQ(made.exit_code, 0) << made.err;
  const auto envelope = attest::ReadBundle(Read("run.bundle.json"));
  ASSERT_TRUE(envelope.ok()) << envelope.status();
  const auto key = attest::PublicKey::FromText(Read("a.pub"));
  ASSERT_TRUE(key.ok());
  EXPECT_TRUE(attest::VerifyEnvelope(*envelope, *key).ok());
  const auto statement = attest::ReadStatement(envelope->payload);
  ASSERT_TRUE(statement.ok()) << statement.status();
  EXPECT_EQ(statement->receipt, receipt_);
  EXPECT_EQ(statement->subjects, *attest::SubjectsOf(receipt_));
  const JsonValue said = Json(made.out);
  EXPECT_EQ(said.Find("key_id")->string(), key->KeyId());
  EXPECT_EQ(said.AtPath("/subjects/model")->string(), statement->subjects.model);

  const ProcessResult shown = Run({"sign", Path("run.json"), "-k", Path("a.key"), "-o", "-"});
  EXPECT_EQ(shown.exit_code, 0);
  EXPECT_EQ(shown.out, Read("run.bundle.json"));
}

TEST_F(CliSignTest, TheEnvelopeReplacesNothingThatItIsMadeOf) {
  ASSERT_EQ(Run({"keygen", "--out", Path("ci")}).exit_code, 0);
  const std::string key = Read("ci.key");
  for (const char* out : {"ci.key", "run.json"}) {
    const ProcessResult result = Run({"sign", Path("run.json"), "--key", Path("ci.key"), "--out", Path(out)});
    EXPECT_EQ(result.exit_code, 2);
    EXPECT_THAT(result.err, HasSubstr("the same file as "));
  }
  EXPECT_EQ(Read("ci.key"), key);
  EXPECT_EQ(Read("run.json"), receipt_);
}

TEST_F(CliSignTest, WhoeverSignsIsToldOfAKeyThatOthersCanRead) {
  ASSERT_EQ(Run({"keygen", "--out", Path("ci")}).exit_code, 0);
  const std::vector<std::string> commands[] = {
      {"sign", Path("run.json"), "--key", Path("ci.key"), "--out", Path("run.bundle.json")},
      {"baseline", "create", "--receipts", Path("run.json"), "--key", Path("ci.key"), "--out", Path("b")}};
  for (const std::vector<std::string>& command : commands) {
    ASSERT_EQ(chmod(Path("ci.key").c_str(), 0600), 0);
    EXPECT_THAT(Run(command).err, Not(HasSubstr("can be read by others"))) << command[0];
    ASSERT_EQ(chmod(Path("ci.key").c_str(), 0640), 0);
    std::filesystem::remove_all(Path("b"));
    EXPECT_THAT(Run(command).err, HasSubstr("ci.key can be read by others than you: chmod 600")) << command[0];
  }
}

TEST_F(CliSignTest, RefusesWhatAnEnvelopeCannotBind) {
  ASSERT_EQ(Run({"keygen", "--out", Path("a")}).exit_code, 0);
  const auto sign = [&](std::vector<std::string> more) {
    std::vector<std::string> args = {"sign", "--key", Path("a.key"), "--out", Path("out.json")};
    args.insert(args.end(), more.begin(), more.end());
    return Run(args);
  };
  const ProcessResult other_model = sign({Path("run.json"), "--model", nano()});
  EXPECT_EQ(other_model.exit_code, 2);
  EXPECT_THAT(other_model.err, HasSubstr("the receipt is about a file with"));

  const std::string commit = attest::SubjectsOf(receipt_)->commit;
  Write("no_commit.json", absl::StrReplaceAll(receipt_, {{commit, "unknown"}}));
  EXPECT_THAT(sign({Path("no_commit.json")}).err, HasSubstr("/evidence/build/git_commit: unknown"));
  Write("text.json", "not a receipt");
  EXPECT_EQ(sign({Path("text.json")}).exit_code, 2);
  EXPECT_EQ(sign({Path("nothing.json")}).exit_code, 2);

  Write("garbage.key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
  const ProcessResult bad_key =
      Run({"sign", Path("run.json"), "--key", Path("garbage.key"), "--out", Path("out.json")});
  EXPECT_EQ(bad_key.exit_code, 2);
  EXPECT_THAT(bad_key.err, HasSubstr("garbage.key"));
  EXPECT_EQ(Run({"sign", Path("run.json"), "--key", Path("a.pub"), "--out", Path("out.json")}).exit_code, 2);
  EXPECT_EQ(Run({"sign", Path("run.json"), "--key", Path("a.key")}).exit_code, 2);
  for (const std::string& name : Files()) EXPECT_NE(name, "out.json");
}

// What verify refuses may be signed: all outcomes of a plan have to be accounted for. But it is said.
TEST_F(CliSignTest, SaysWhatVerifyWouldSay) {
  ASSERT_EQ(Run({"keygen", "--out", Path("a")}).exit_code, 0);
  Write("failed.json", absl::StrReplaceAll(receipt_, {{"\"completed\"", "\"failed\""}}));
  const ProcessResult made = Run({"sign", Path("failed.json"), "--key", Path("a.key"), "--out", Path("out.json")});
  EXPECT_EQ(made.exit_code, 0) << made.err;
  EXPECT_THAT(made.err, HasSubstr("verify says REJECT"));
  ASSERT_EQ(chmod(Path("a.key").c_str(), 0640), 0);
  EXPECT_THAT(Run({"sign", Path("run.json"), "--key", Path("a.key"), "--out", Path("out.json")}).err,
              HasSubstr("chmod 600"));
}

}  // namespace
}  // namespace bitnet::xtask
