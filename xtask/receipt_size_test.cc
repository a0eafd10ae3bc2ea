// Receipts of long runs stay within the size that a reader takes.

#include <string>

#include "bitnet/base/cpu_features.h"
#include "bitnet/engine/repeating_model.h"
#include "bitnet/receipt/json_reader.h"
#include "bitnet/receipt/json_writer.h"
#include "gtest/gtest.h"
#include "xtask/program_run.h"
#include "xtask/receipt_output.h"

namespace bitnet::xtask {
namespace {

// A run with drafts, sampling and a challenge on the instruction set with the most kernels: what it says besides the
// two lists is as much as receipts say.
receipt::Receipt LongReceipt() {
  const std::string path = testing::TempDir() + "/long.gguf";
  WriteRepeatingModel(SyntheticModelPath("nano"), path);
  const Isa isa = DetectIsaSet().Has(Isa::kAvx512Vnni) ? Isa::kAvx512Vnni : Isa::kScalar;
  ProgramRun run(path, isa, 2, 3);
  run.context.challenge = ChallengeFacts{std::string(64, 'a'), "continuous-integration", std::string(64, 'b')};
  run.request.ignore_eos = true;
  run.Generate({.name = "sampled",
                .prompt = 5,
                .tokens = 40,
                .sampling = {.temperature = 1.5f, .top_k = 8, .top_p = 0.95f, .seed = (uint64_t{1} << 53) - 1},
                .max_draft = 15});
  return run.Report().receipt;
}

TEST(ScheduleLimitTest, LeavesAReceiptThatCanBeRead) {
  receipt::Receipt receipt = LongReceipt();
  receipt::Evidence& evidence = *receipt.mutable_evidence();
  ASSERT_GT(evidence.speculation().accepted(), 0u);
  for (const int repetitions : {0, 1, 500}) {
    evidence.clear_schedule();
    for (size_t i = 0; i < ScheduleLimit(repetitions); ++i) {
      receipt::Evidence::ScheduleEntry& entry = *evidence.add_schedule();
      entry.set_kind("prefill");  // the longer name
      entry.set_steps(1 << 20);
      entry.set_rows(4096);
      entry.set_logit_rows(4096);
      entry.set_rejected_rows(4095);
    }
    evidence.mutable_perf()->clear_samples();
    for (int i = 0; i < repetitions; ++i) {
      receipt::Evidence::Sample& sample = *evidence.mutable_perf()->add_samples();
      sample.set_prefill_ns(999'999'999'999);
      sample.set_decode_ns(999'999'999'999);
    }
    const size_t size = WriteReceiptJson(receipt).size();
    EXPECT_LE(size, kMaxReceiptBytes) << repetitions << " repetitions";
    EXPECT_GE(ScheduleLimit(repetitions), 16u) << "a run can have some shape";
  }
}

}  // namespace
}  // namespace bitnet::xtask
