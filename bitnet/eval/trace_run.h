// Writing what a forward pass makes.

#ifndef BITNET_EVAL_TRACE_RUN_H_
#define BITNET_EVAL_TRACE_RUN_H_

#include <atomic>
#include <bitset>
#include <cstdint>
#include <iterator>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bitnet/arrays/trace_writer.h"
#include "bitnet/engine/session.h"
#include "bitnet/model/activation_tap.h"

namespace bitnet {

// Inclusive.
struct Range {
  int64_t first = 0;
  int64_t last = 0;

  bool Has(int64_t value) const { return first <= value && value <= last; }
};

// "A-B", or "A" for one. InvalidArgument for what is neither or falls.
absl::StatusOr<Range> ParseRange(std::string_view text);

using TapPointSet = std::bitset<std::size(kTapPoints)>;

// "all", "layers" (embed, layer_output, logits), or names of values with commas between them, "logits" for one.
// InvalidArgument lists the names.
absl::StatusOr<TapPointSet> ParseTapPoints(std::string_view text);

struct TraceSelection {
  TapPointSet points;
  std::optional<Range> layers;     // empty: all
  std::optional<Range> positions;  // empty: all
};

// Feeds `ids` (as far as they are needed) to the session, which is at position 0, and gives the chosen values to
// `sink`: one record for each value of each layer, in the order in which a pass makes them first. InvalidArgument when
// a range is outside or nothing is chosen; errors of the session and of the sink.
absl::Status TraceRun(Session& session, std::span<const TokenId> ids, const TraceSelection& selection, RecordSink& sink,
                      const std::atomic<bool>* cancelled);

}  // namespace bitnet

#endif  // BITNET_EVAL_TRACE_RUN_H_
