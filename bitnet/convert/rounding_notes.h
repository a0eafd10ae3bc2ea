// What rounding to binary16 did to the tables of a source, for the report of its conversion.

#ifndef BITNET_CONVERT_ROUNDING_NOTES_H_
#define BITNET_CONVERT_ROUNDING_NOTES_H_

#include <cstddef>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "bitnet/convert/model_source.h"
#include "bitnet/quant/write_floats.h"

namespace bitnet {

// Thread-safe.
class RoundingNotes {
 public:
  // A tensor that is read twice is one note.
  void Set(size_t tensor, const F16Rounding& rounding) {
    const std::lock_guard lock(mutex_);
    roundings_[tensor] = rounding;
  }

  // One sentence for each table that has been read, in their order.
  void AppendTo(std::vector<std::string>& notes, const std::vector<SourceTensor>& tensors) const {
    const std::lock_guard lock(mutex_);
    for (const auto& [tensor, rounding] : roundings_) {
      const std::string name = tensors[tensor].shown();
      notes.push_back(rounding.rounded == 0 ? absl::StrCat(name, ": every value is exact in F16")
                                            : absl::StrCat(name, ": ", rounding.rounded, " of ", rounding.values,
                                                           " values rounded to F16, ", rounding.to_zero,
                                                           " of them to zero, largest error ", rounding.max_error));
    }
  }

 private:
  mutable std::mutex mutex_;
  std::map<size_t, F16Rounding> roundings_;  // by tensor; guarded by mutex_
};

}  // namespace bitnet

#endif  // BITNET_CONVERT_ROUNDING_NOTES_H_
