// ActivationTap: what a forward pass lets be looked at.

#ifndef BITNET_MODEL_ACTIVATION_TAP_H_
#define BITNET_MODEL_ACTIVATION_TAP_H_

#include <cstdint>
#include <iterator>
#include <optional>
#include <span>
#include <string_view>

namespace bitnet {

// In the order in which a pass makes the values.
enum class TapPoint : uint8_t {
#define TAP_POINT(id, name, per_layer) id,
#include "bitnet/model/tap_points.def"
#undef TAP_POINT
};

struct TapPointInfo {
  TapPoint point;
  std::string_view name;
  bool per_layer;  // false: once per pass
};

inline constexpr TapPointInfo kTapPoints[] = {
#define TAP_POINT(id, name, per_layer) {TapPoint::id, name, per_layer},
#include "bitnet/model/tap_points.def"
#undef TAP_POINT
};

inline constexpr const TapPointInfo& InfoOf(TapPoint point) { return kTapPoints[static_cast<size_t>(point)]; }

// Empty for a name that is none.
inline constexpr std::optional<TapPoint> FindTapPoint(std::string_view name) {
  for (const TapPointInfo& info : kTapPoints) {
    if (info.name == name) return info.point;
  }
  return std::nullopt;
}

// What a tap is shown: `rows` rows of one value, of tokens at positions first_position ..
struct TapValues {
  TapPoint point;
  int64_t layer;  // -1 for values that are not of a layer
  int64_t first_position;
  int64_t rows;
  std::span<const float> values;  // [rows][width], valid during the call
};

// The caller's own: called on the thread that runs the pass, between two kernels. Looks, never changes: logits are the
// same bits with and without.
class ActivationTap {
 public:
  virtual ~ActivationTap() = default;
  virtual void OnValues(const TapValues& values) = 0;
};

}  // namespace bitnet

#endif  // BITNET_MODEL_ACTIVATION_TAP_H_
