// Early return on error. The error travels unchanged: context belongs where the error is made.

#ifndef BITNET_BASE_STATUS_MACROS_H_
#define BITNET_BASE_STATUS_MACROS_H_

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#define BITNET_RETURN_IF_ERROR(expr)                                                       \
  do {                                                                                     \
    if (absl::Status bitnet_status_ = (expr); !bitnet_status_.ok()) return bitnet_status_; \
  } while (false)

#define BITNET_CONCAT_INNER_(a, b) a##b
#define BITNET_CONCAT_(a, b) BITNET_CONCAT_INNER_(a, b)

// `lhs` may declare a variable: BITNET_ASSIGN_OR_RETURN(const uint32_t n, reader.ReadU32());
#define BITNET_ASSIGN_OR_RETURN(lhs, expr) \
  BITNET_ASSIGN_OR_RETURN_IMPL_(BITNET_CONCAT_(bitnet_statusor_, __LINE__), lhs, expr)

#define BITNET_ASSIGN_OR_RETURN_IMPL_(statusor, lhs, expr) \
  auto statusor = (expr);                                  \
  if (!statusor.ok()) return std::move(statusor).status(); \
  lhs = *std::move(statusor)

#endif  // BITNET_BASE_STATUS_MACROS_H_
