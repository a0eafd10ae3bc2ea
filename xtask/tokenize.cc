// xtask tokenize: text to token ids, and back.

#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "bitnet/base/mapped_file.h"
#include "bitnet/base/status_macros.h"
#include "bitnet/gguf/gguf_file.h"
#include "bitnet/model/tokenizer_metadata.h"
#include "bitnet/receipt/json_value.h"
#include "bitnet/receipt/json_writer.h"
#include "bitnet/tokenizer/tokenizer.h"
#include "xtask/commands.h"
#include "xtask/diagnostics.h"
#include "xtask/input.h"

namespace bitnet::xtask {
namespace {

constexpr size_t kMaxTextBytes = size_t{64} << 20;

struct TokenizeOptions {
  std::string model;
  std::optional<std::string> text;
  std::vector<TokenId> ids;
  bool no_bos = false;
  bool special = false;
  bool decode = false;
  bool json = false;
};

absl::StatusOr<Tokenizer> LoadTokenizer(const MappedFile& file) {
  BITNET_ASSIGN_OR_RETURN(const GgufFile gguf, GgufFile::Parse(file.bytes()));
  BITNET_ASSIGN_OR_RETURN(const TokenizerData data, ReadTokenizerData(gguf));
  return Tokenizer::Create(data);
}

absl::StatusOr<int> RunTokenize(const TokenizeOptions& options) {
  BITNET_ASSIGN_OR_RETURN(const MappedFile file, MappedFile::Open(options.model));
  const absl::StatusOr<Tokenizer> loaded = LoadTokenizer(file);
  if (!loaded.ok()) {
    return absl::Status(loaded.status().code(), absl::StrCat(options.model, ": ", loaded.status().message()));
  }
  const Tokenizer& tokenizer = *loaded;
  std::vector<TokenId> ids = options.ids;
  if (!options.decode) {
    std::string text = options.text.value_or("");
    if (!options.text) {
      BITNET_ASSIGN_OR_RETURN(text, ReadInput("-", kMaxTextBytes));
    }
    ids = tokenizer.Encode(text, {.add_bos = !options.no_bos, .parse_special = options.special});
  }
  BITNET_ASSIGN_OR_RETURN(const std::string decoded, tokenizer.Decode(ids, /*special=*/true));
  if (options.json) {
    JsonValue::Array tokens;
    for (TokenId id : ids) {
      BITNET_ASSIGN_OR_RETURN(const std::string bytes, tokenizer.TokenBytes(id, /*special=*/true));
      tokens.push_back(JsonValue::MakeObject(
          {{"id", JsonValue::Int(id)}, {"bytes_hex", JsonValue::String(absl::BytesToHexString(bytes))}}));
    }
    std::printf("%s\n", WritePrettyJson(JsonValue::MakeObject({{"count", JsonValue::Uint(ids.size())},
                                                               {"tokens", JsonValue::MakeArray(std::move(tokens))}}))
                            .c_str());
    return kExitOk;
  }
  if (options.decode) {
    std::fwrite(decoded.data(), 1, decoded.size(), stdout);
    std::printf("\n");
    return kExitOk;
  }
  for (TokenId id : ids) {
    BITNET_ASSIGN_OR_RETURN(const std::string bytes, tokenizer.TokenBytes(id, /*special=*/true));
    std::printf("%d\t%s\n", id, absl::Utf8SafeCHexEscape(bytes).c_str());
  }
  return kExitOk;
}

}  // namespace

void AddTokenizeCommand(CLI::App& app, CommandContext& context) {
  auto options = std::make_shared<TokenizeOptions>();
  CLI::App& command = *app.add_subcommand("tokenize", "Text to token ids, or ids to text");
  command.add_option("-m,--model", options->model, "GGUF file with a tokenizer; weights are not needed")->required();
  command.add_option("-p,--prompt,text", options->text, "Text (default: stdin)");
  command.add_option("--decode", options->ids, "Ids to turn into text")->each([options](const std::string&) {
    options->decode = true;
  });
  command.add_flag("--no-bos", options->no_bos, "Do not put the beginning-of-text token first");
  command.add_flag("--special", options->special, "Read <|...|> in the text as control tokens");
  command.add_flag("--json", options->json, "Ids and bytes as JSON");
  command.footer(
      "Examples:\n"
      "  xtask tokenize -m model.gguf \"Hello world\"\n"
      "  xtask tokenize -m model.gguf --decode 9906 1917\n"
      "  xtask tokenize -m model.gguf --json < text.txt");
  command.callback([options, &context] {
    const absl::StatusOr<int> code = RunTokenize(*options);
    context.exit_code = code.ok() ? *code : ReportError(context.environment, code.status());
  });
}

}  // namespace bitnet::xtask
