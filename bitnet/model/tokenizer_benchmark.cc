// Load time and throughput with the published vocabularies; rows are skipped by name when the files are absent.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/log/check.h"
#include "absl/status/statusor.h"
#include "benchmark/benchmark.h"
#include "bitnet/base/mapped_file.h"
#include "bitnet/gguf/gguf_file.h"
#include "bitnet/model/tokenizer_metadata.h"
#include "bitnet/tokenizer/tokenizer.h"

namespace bitnet {
namespace {

constexpr const char* kVocabularies[] = {"ggml-vocab-llama-bpe.gguf", "ggml-vocab-gpt-2.gguf"};

// About 1 MB of prose with numbers, punctuation, code and other scripts.
std::string Prose() {
  std::string text;
  while (text.size() < 1000000) {
    text +=
        "The quick brown fox didn't jump over 13 lazy dogs; it walked around them, slowly.\n\n"
        "for (int i = 0; i < rows; ++i) {\n    sum += weights[i] * 0.125f;\n}\n"
        "Съешь же ещё этих мягких французских булок. 我想在apple工作1314151天。 Zażółć gęślą jaźń! ";
  }
  return text;
}

absl::StatusOr<MappedFile> OpenVocabulary(const benchmark::State& state) {
  return MappedFile::Open(std::string("external/shared_data/tokenizer/") + kVocabularies[state.range(0)]);
}

// From mapped bytes to a tokenizer ready to encode.
void BM_Load(benchmark::State& state) {
  const auto file = OpenVocabulary(state);
  if (!file.ok()) return state.SkipWithError("@shared_data//:tokenizer is empty");
  for (auto _ : state) {
    const auto gguf = GgufFile::Parse(file->bytes());
    CHECK_OK(gguf);
    const auto data = ReadTokenizerData(*gguf);
    CHECK_OK(data);
    const auto tokenizer = Tokenizer::Create(*data);
    CHECK_OK(tokenizer);
  }
  state.SetLabel(kVocabularies[state.range(0)]);
}
BENCHMARK(BM_Load)->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond);

void BM_Create(benchmark::State& state) {
  const auto file = OpenVocabulary(state);
  if (!file.ok()) return state.SkipWithError("@shared_data//:tokenizer is empty");
  const auto gguf = GgufFile::Parse(file->bytes());
  CHECK_OK(gguf);
  const auto data = ReadTokenizerData(*gguf);
  CHECK_OK(data);
  for (auto _ : state) CHECK_OK(Tokenizer::Create(*data));
  state.SetLabel(kVocabularies[state.range(0)]);
}
BENCHMARK(BM_Create)->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond);

void BM_Digest(benchmark::State& state) {
  const auto file = OpenVocabulary(state);
  if (!file.ok()) return state.SkipWithError("@shared_data//:tokenizer is empty");
  const auto gguf = GgufFile::Parse(file->bytes());
  CHECK_OK(gguf);
  for (auto _ : state) benchmark::DoNotOptimize(TokenizerDigest(*gguf));
  state.SetLabel(kVocabularies[state.range(0)]);
}
BENCHMARK(BM_Digest)->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond);

void EncodeText(benchmark::State& state, std::string_view text) {
  const auto file = OpenVocabulary(state);
  if (!file.ok()) return state.SkipWithError("@shared_data//:tokenizer is empty");
  const auto gguf = GgufFile::Parse(file->bytes());
  CHECK_OK(gguf);
  const auto data = ReadTokenizerData(*gguf);
  CHECK_OK(data);
  const auto tokenizer = Tokenizer::Create(*data);
  CHECK_OK(tokenizer);
  size_t tokens = 0;
  for (auto _ : state) tokens += tokenizer->Encode(text, {.parse_special = true}).size();
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * text.size()));
  state.counters["tokens/s"] = benchmark::Counter(static_cast<double>(tokens), benchmark::Counter::kIsRate);
  state.SetLabel(kVocabularies[state.range(0)]);
}

void BM_EncodeProse(benchmark::State& state) { EncodeText(state, Prose()); }
BENCHMARK(BM_EncodeProse)->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond);

// One word of a million letters: the worst case for merging.
void BM_EncodeOneLongWord(benchmark::State& state) { EncodeText(state, std::string(1000000, 'a')); }
BENCHMARK(BM_EncodeOneLongWord)->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace bitnet
