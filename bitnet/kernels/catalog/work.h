// Work: how much a run must do, computed from the architecture and the schedule alone.
//
// The engine records what ran; this says what must have run. The two are computed apart (each dispatcher counts its
// own calls), so equality between them is evidence.

#ifndef BITNET_KERNELS_CATALOG_WORK_H_
#define BITNET_KERNELS_CATALOG_WORK_H_

#include <array>
#include <cstdint>
#include <span>

#include "bitnet/kernels/catalog/catalog.h"

namespace bitnet {

// Amounts for one kernel.
//   rows   token rows over all calls
//   macs   multiply-accumulates: matmul rows*M*K, attention 2 * heads * head_dim per (row, key), head rows*V*d
//   bytes  weights and KV cache read, once per call: matmul M*K/4, attention 2 * kv_heads * head_dim * 2 per (row,
//   key),
//          head V*d*2, of r of its rows r*d*2, screening V*(d + 16), embedding rows*d*2; activations are not counted
struct WorkCount {
  uint64_t calls = 0;
  uint64_t rows = 0;
  uint64_t macs = 0;
  uint64_t bytes = 0;

  WorkCount& operator+=(const WorkCount& other) {
    calls += other.calls;
    rows += other.rows;
    macs += other.macs;
    bytes += other.bytes;
    return *this;
  }
  bool operator==(const WorkCount&) const = default;
};

// Between the gate and the up projection: relu(gate)^2 * up or silu(gate) * up.
enum class Activation : uint8_t { kRelu2, kSilu };

// The shape of a transformer of this family: sizes, and which steps its graph has. 2B-4T: {30, 2560, 6912, 20, 5, 128,
// 128256} and the defaults of the rest.
struct ArchShape {
  uint64_t layers = 0;
  uint64_t hidden = 0;
  uint64_t ffn = 0;
  uint64_t heads = 0;
  uint64_t kv_heads = 0;
  uint64_t head_dim = 0;
  uint64_t vocab = 0;
  Activation activation = Activation::kRelu2;
  bool sub_norms = true;     // norms before the attention output and the down projection
  bool untied_head = false;  // the head has its own weights; as many as the embedding
  bool operator==(const ArchShape&) const = default;
};

enum class StepKind : uint8_t { kPrefill, kDecode };

// `steps` equal forward passes in a row, each over `rows` tokens, each computing logits for the last `logit_rows`. The
// last `rejected_rows` were drafted tokens that were not chosen: they were computed and forgotten, and the next pass
// begins where they began.
struct ScheduleEntry {
  StepKind kind = StepKind::kPrefill;
  uint64_t steps = 1;
  uint64_t rows = 0;
  uint64_t logit_rows = 0;
  uint64_t rejected_rows = 0;  // < rows

  uint64_t kept_rows() const { return rows - rejected_rows; }
  bool operator==(const ScheduleEntry&) const = default;
};

// A pass of several decode rows feeds the last token chosen and drafted ones after it, which it verifies. More rows
// than this are never fed at once.
inline constexpr int64_t kMaxDecodeRows = 16;

// What one dispatcher call does.
WorkCount EmbeddingWork(uint64_t rows, uint64_t hidden);
WorkCount TernaryMatmulWork(uint64_t rows, uint64_t out_features, uint64_t in_features);
// Rows at positions first_position, first_position + 1, ...: row i sees first_position + i + 1 keys.
WorkCount AttentionWork(uint64_t rows, uint64_t first_position, uint64_t heads, uint64_t kv_heads, uint64_t head_dim);
WorkCount HeadWork(uint64_t rows, uint64_t vocab, uint64_t hidden);
// One token row against `entries` rows of the head.
WorkCount HeadRowsWork(uint64_t entries, uint64_t hidden);
WorkCount HeadScreenWork(uint64_t rows, uint64_t vocab, uint64_t hidden);
// Element-wise and per-row ops: calls and rows only.
WorkCount RowWork(uint64_t rows);

using WorkTable = std::array<WorkCount, kKernelCount>;

// How logits that choose one token each were computed: from the whole head, or screened, from those rows of the head
// that could not be ruled out. Their number follows from values, not from shapes.
struct HeadScreening {
  bool screened = false;
  uint64_t head_rows = 0;  // rows of the head read for all screened logit rows together
  bool operator==(const HeadScreening&) const = default;
};

// Whether a run with a receipt that screens does so in the passes of `entry`: where every row of logits chooses a token.
// (A replay that screens does so for every row that it asks for.)
inline bool ScreensLogits(const ScheduleEntry& entry) {
  return entry.logit_rows == 1 || (entry.kind == StepKind::kDecode && entry.logit_rows > 0);
}

// What the counts of a run say of it: calls of the screening kernel and multiply-accumulates of the head's.
HeadScreening ScreeningOf(const ArchShape& arch, std::span<const ScheduleEntry> schedule, uint64_t screening_calls,
                          uint64_t head_macs);

// The exact counts of every kernel for a run of `schedule` that started with `first_position` tokens already in the
// KV cache and chose `chosen` tokens, each by argmax (`greedy`) or by sampling. Screening is for all passes that
// ScreensLogits names or for none: one call of the screening kernel for all rows of a pass, one of the head's for each.
WorkTable ExpectedWork(const ArchShape& arch, std::span<const ScheduleEntry> schedule, uint64_t first_position,
                       uint64_t chosen, bool greedy, IsaSet isa, const HeadScreening& screening = {});

}  // namespace bitnet

#endif  // BITNET_KERNELS_CATALOG_WORK_H_
