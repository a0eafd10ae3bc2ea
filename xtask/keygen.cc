// xtask keygen: a key to sign receipts with.

#include <unistd.h>

#include <cstdio>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "bitnet/attest/ed25519.h"
#include "bitnet/base/new_file.h"
#include "bitnet/base/status_macros.h"
#include "bitnet/receipt/json_value.h"
#include "bitnet/receipt/json_writer.h"
#include "xtask/commands.h"
#include "xtask/diagnostics.h"

namespace bitnet::xtask {
namespace {

struct KeygenOptions {
  std::string prefix;
  bool json = false;
};

absl::Status RunKeygen(const KeygenOptions& options) {
  const attest::PrivateKey key = attest::PrivateKey::Generate();
  const std::string secret = absl::StrCat(options.prefix, ".key");
  const std::string open = absl::StrCat(options.prefix, ".pub");
  BITNET_RETURN_IF_ERROR(WriteNewFile(secret, key.Pem(), 0600));
  if (absl::Status written = WriteNewFile(open, key.Public().Pem(), 0644); !written.ok()) {
    unlink(secret.c_str());
    return written;
  }
  const std::string key_id = key.Public().KeyId();
  if (options.json) {
    const std::string line = CanonicalJson(JsonValue::MakeObject({{"key_id", JsonValue::String(key_id)},
                                                                  {"private_key", JsonValue::String(secret)},
                                                                  {"public_key", JsonValue::String(open)}}));
    std::printf("%s\n", line.c_str());
  } else {
    std::printf("private key  %s (yours alone: who reads it can sign as you)\n", secret.c_str());
    std::printf("public key   %s (for policies and verify --key)\n", open.c_str());
    std::printf("key id       %s\n", key_id.c_str());
  }
  return absl::OkStatus();
}

}  // namespace

void AddKeygenCommand(CLI::App& app, CommandContext& context) {
  auto options = std::make_shared<KeygenOptions>();
  CLI::App& command = *app.add_subcommand("keygen", "Make an Ed25519 key to sign receipts with");
  command.add_option("-o,--out", options->prefix, "Writes PREFIX.key (mode 0600) and PREFIX.pub; replaces nothing")
      ->type_name("PREFIX")
      ->required();
  command.add_flag("--json", options->json, "Names and key id as JSON");
  command.footer(
      "PREFIX.key is PKCS#8 and PREFIX.pub SubjectPublicKeyInfo, both PEM, as openssl pkey reads them. The key id is\n"
      "the SHA-256 of the public key's DER.\n"
      "Examples:\n"
      "  xtask keygen --out ~/.config/bitnet/signer\n"
      "  xtask keygen --out ci --json\n"
      "Exit codes: 0 done, 1 a file cannot be written, 2 bad flags or a file that is there already.");
  command.callback([options, &context] {
    const absl::Status status = RunKeygen(*options);
    context.exit_code = status.ok() ? kExitOk : ReportError(context.environment, status);
  });
}

}  // namespace bitnet::xtask
