// xtask sign: a signed envelope around a receipt.

#include <cstdio>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "bitnet/attest/bundle.h"
#include "bitnet/attest/dsse.h"
#include "bitnet/attest/ed25519.h"
#include "bitnet/attest/statement.h"
#include "bitnet/base/atomic_file.h"
#include "bitnet/base/mapped_file.h"
#include "bitnet/base/sha256.h"
#include "bitnet/base/status_macros.h"
#include "bitnet/receipt/json_reader.h"
#include "bitnet/receipt/json_value.h"
#include "bitnet/receipt/json_writer.h"
#include "verify/audit.h"
#include "verify/policy.h"
#include "xtask/commands.h"
#include "xtask/diagnostics.h"
#include "xtask/distinct_paths.h"
#include "xtask/input.h"
#include "xtask/private_key.h"

namespace bitnet::xtask {
namespace {

struct SignOptions {
  std::string receipt;
  std::string key;
  std::string out;
  std::string model;
  bool json = false;
};

absl::Status AtPath(const std::string& path, const absl::Status& status) {
  return absl::Status(status.code(), absl::StrCat(path, ": ", status.message()));
}

// The file that --model names must be the one that the receipt is about.
absl::Status CheckModel(const std::string& path, const std::string& expected) {
  BITNET_ASSIGN_OR_RETURN(const MappedFile file, MappedFile::Open(path));
  const std::string digest = ToHex(Sha256Of(file.bytes()));
  if (digest == expected) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(path, ": SHA-256 is ", digest,
                                                    "; the receipt is about a file with ", expected,
                                                    " (/evidence/model/file_sha256)"));
}

// A signature says who made a receipt, not that it is right: what verify would say of it is told, and does not decide.
void NoteVerdict(const std::string& text, const Environment& environment) {
  verify::Policy policy;
  policy.strict = environment.strict;
  const verify::AuditReport report = verify::AuditReceiptText(text, policy, absl::Now());
  if (report.verdict == verify::Verdict::kAccept) return;
  std::fprintf(stderr, "note: verify says %s of this receipt at level %s; the signature does not change that\n",
               std::string(verify::VerdictName(report.verdict)).c_str(),
               std::string(verify::LevelName(report.level)).c_str());
}

absl::Status RunSign(const SignOptions& options, const Environment& environment) {
  const auto file = [](const std::string& path) { return path == "-" ? "" : path; };
  BITNET_RETURN_IF_ERROR(
      CheckDistinct({{"the receipt", file(options.receipt)}, {"--key", file(options.key)}, {"--model", options.model}},
                    {{"--out", file(options.out)}}));
  BITNET_ASSIGN_OR_RETURN(const std::string receipt, ReadInput(options.receipt, kMaxReceiptBytes));
  const absl::StatusOr<attest::Subjects> subjects = attest::SubjectsOf(receipt);
  if (!subjects.ok()) return AtPath(options.receipt, subjects.status());
  if (!options.model.empty()) BITNET_RETURN_IF_ERROR(CheckModel(options.model, subjects->model));
  BITNET_ASSIGN_OR_RETURN(const attest::PrivateKey key, ReadPrivateKey(options.key));
  const std::string payload = attest::WriteStatement({*subjects, receipt});
  const std::string bundle = attest::WriteBundle(attest::SignPayload(payload, key));
  NoteVerdict(receipt, environment);
  if (options.out == "-") {
    std::fputs(bundle.c_str(), stdout);
    return absl::OkStatus();
  }
  BITNET_RETURN_IF_ERROR(WriteFileAtomically(options.out, bundle));
  const std::string key_id = key.Public().KeyId();
  if (options.json) {
    const auto text = [](const std::string& value) { return JsonValue::String(value); };
    const JsonValue digests = JsonValue::MakeObject({{"receipt", text(subjects->receipt)},
                                                     {"model", text(subjects->model)},
                                                     {"engine", text(subjects->engine)},
                                                     {"commit", text(subjects->commit)}});
    std::printf("%s\n",
                CanonicalJson(JsonValue::MakeObject(
                                  {{"bundle", text(options.out)}, {"key_id", text(key_id)}, {"subjects", digests}}))
                    .c_str());
  } else {
    std::printf("signed %s\nby key  %s\n", options.out.c_str(), key_id.c_str());
    std::printf("receipt %s\nmodel   %s\nengine  %s\ncommit  %s\n", subjects->receipt.c_str(), subjects->model.c_str(),
                subjects->engine.c_str(), subjects->commit.c_str());
  }
  return absl::OkStatus();
}

}  // namespace

void AddSignCommand(CLI::App& app, CommandContext& context) {
  auto options = std::make_shared<SignOptions>();
  CLI::App& command = *app.add_subcommand("sign", "Put a receipt into a signed envelope");
  command.add_option("receipt", options->receipt, "Receipt file; - is stdin")->required();
  command.add_option("-k,--key", options->key, "Private key, PEM, as xtask keygen writes it")
      ->type_name("FILE")
      ->required();
  command.add_option("-o,--out", options->out, "Bundle to write; - is stdout")->type_name("FILE")->required();
  command.add_option("-m,--model", options->model, "Model file: refuse to sign unless the receipt is about it")
      ->type_name("FILE");
  command.add_flag("--json", options->json, "Key id and subjects as JSON");
  command.footer(
      "The bundle is a Sigstore bundle v0.3: a DSSE envelope with one Ed25519 signature over an in-toto statement "
      "whose\n"
      "subjects are the receipt, the model file, the engine binary and the git commit, and which carries the receipt.\n"
      "Examples:\n"
      "  xtask sign run.json --key ci.key --out run.bundle.json\n"
      "  xtask sign run.json --key ci.key --model model.gguf --out run.bundle.json --json\n"
      "Exit codes: 0 signed, 1 a file cannot be written, 2 bad flags, key or receipt, or a receipt about another "
      "model.");
  command.callback([options, &context] {
    const absl::Status status = RunSign(*options, context.environment);
    context.exit_code = status.ok() ? kExitOk : ReportError(context.environment, status);
  });
}

}  // namespace bitnet::xtask
