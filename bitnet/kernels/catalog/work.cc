#include "bitnet/kernels/catalog/work.h"

namespace bitnet {
namespace {

WorkCount Times(WorkCount work, uint64_t n) { return {work.calls * n, work.rows * n, work.macs * n, work.bytes * n}; }

// One forward pass, as the graph in docs/architecture.md has it.
void AddForward(const ArchShape& arch, const ScheduleEntry& step, uint64_t first_position, IsaSet isa, bool screened,
                WorkTable& table) {
  const uint64_t n = step.rows;
  const uint64_t q_dim = arch.heads * arch.head_dim;
  const uint64_t kv_dim = arch.kv_heads * arch.head_dim;
  const auto add = [&](Op op, uint64_t rows, const WorkCount& work) {
    table[static_cast<int>(SelectKernel(op, static_cast<int64_t>(rows), isa))] += work;
  };
  const auto matmul = [&](uint64_t out_features, uint64_t in_features, uint64_t times) {
    add(Op::kTernaryMatmul, n, Times(TernaryMatmulWork(n, out_features, in_features), arch.layers * times));
  };
  add(step.kind == StepKind::kPrefill ? Op::kPrefillForward : Op::kDecodeForward, n, RowWork(n));
  add(Op::kEmbeddingLookup, n, EmbeddingWork(n, arch.hidden));
  matmul(q_dim, arch.hidden, 1);                  // q
  matmul(kv_dim, arch.hidden, 2);                 // k, v
  matmul(arch.hidden, q_dim, 1);                  // attention output
  matmul(arch.ffn, arch.hidden, 2);               // gate, up
  matmul(arch.hidden, arch.ffn, 1);               // down
  const uint64_t norms = arch.sub_norms ? 4 : 2;  // attn, ffn, and where there are sub-norms attn_sub, ffn_sub
  add(Op::kRmsNorm, n, Times(RowWork(n), norms * arch.layers));
  add(Op::kActQuant, n, Times(RowWork(n), 4 * arch.layers));  // before qkv, output, gate/up, down
  add(Op::kRope, n, Times(RowWork(n), 2 * arch.layers));      // q, k
  add(Op::kAttention, n,
      Times(AttentionWork(n, first_position, arch.heads, arch.kv_heads, arch.head_dim), arch.layers));
  add(arch.activation == Activation::kSilu ? Op::kSiluMul : Op::kRelu2Mul, n, Times(RowWork(n), arch.layers));
  add(Op::kResidualAdd, n, Times(RowWork(n), 2 * arch.layers));
  if (step.logit_rows > 0) {
    add(Op::kRmsNorm, step.logit_rows, RowWork(step.logit_rows));
    if (screened && ScreensLogits(step)) {
      add(Op::kLogitsScreening, 1, HeadScreenWork(step.logit_rows, arch.vocab, arch.hidden));
      // How many rows of the head, the caller knows.
      add(Op::kLogitsProjection, 1, Times(HeadRowsWork(0, arch.hidden), step.logit_rows));
    } else {
      add(Op::kLogitsProjection, step.logit_rows, HeadWork(step.logit_rows, arch.vocab, arch.hidden));
    }
  }
}

}  // namespace

WorkCount EmbeddingWork(uint64_t rows, uint64_t hidden) { return {1, rows, 0, rows * hidden * 2}; }

WorkCount TernaryMatmulWork(uint64_t rows, uint64_t out_features, uint64_t in_features) {
  return {1, rows, rows * out_features * in_features, out_features * in_features / 4};
}

WorkCount AttentionWork(uint64_t rows, uint64_t first_position, uint64_t heads, uint64_t kv_heads, uint64_t head_dim) {
  const uint64_t keys = rows * first_position + rows * (rows + 1) / 2;
  return {1, rows, keys * heads * head_dim * 2, keys * kv_heads * head_dim * 2 * 2};
}

WorkCount HeadWork(uint64_t rows, uint64_t vocab, uint64_t hidden) {
  return {1, rows, rows * vocab * hidden, vocab * hidden * 2};
}

WorkCount HeadRowsWork(uint64_t entries, uint64_t hidden) { return {1, 1, entries * hidden, entries * hidden * 2}; }

WorkCount HeadScreenWork(uint64_t rows, uint64_t vocab, uint64_t hidden) {
  return {1, rows, rows * vocab * hidden, vocab * (hidden + 16)};
}

WorkCount RowWork(uint64_t rows) { return {1, rows, 0, 0}; }

HeadScreening ScreeningOf(const ArchShape& arch, std::span<const ScheduleEntry> schedule, uint64_t screening_calls,
                          uint64_t head_macs) {
  if (screening_calls == 0) return {};
  uint64_t whole = 0;
  for (const ScheduleEntry& entry : schedule) {
    if (!ScreensLogits(entry)) whole += entry.steps * HeadWork(entry.logit_rows, arch.vocab, arch.hidden).macs;
  }
  return {true, head_macs > whole ? (head_macs - whole) / arch.hidden : 0};
}

WorkTable ExpectedWork(const ArchShape& arch, std::span<const ScheduleEntry> schedule, uint64_t first_position,
                       uint64_t chosen, bool greedy, IsaSet isa, const HeadScreening& screening) {
  WorkTable table = {};
  uint64_t position = first_position;
  for (const ScheduleEntry& entry : schedule) {
    for (uint64_t step = 0; step < entry.steps; ++step) {
      AddForward(arch, entry, position, isa, screening.screened, table);
      position += entry.kept_rows();
    }
  }
  if (screening.screened) {
    const uint64_t macs = screening.head_rows * arch.hidden;
    table[static_cast<int>(SelectKernel(Op::kLogitsProjection, 1, isa))] += {0, 0, macs, macs * 2};
  }
  if (chosen > 0) {
    table[static_cast<int>(SelectKernel(greedy ? Op::kArgmax : Op::kSample, 1, isa))] += Times(RowWork(1), chosen);
  }
  return table;
}

}  // namespace bitnet
