// Text from outside in a report: one line that cannot move a cursor.

#ifndef VERIFY_PRINTABLE_H_
#define VERIFY_PRINTABLE_H_

#include <string>
#include <string_view>

namespace bitnet::verify {

// Printable ASCII as it is, every other byte as \xNN, and "..." in place of all beyond 1000 bytes.
std::string Printable(std::string_view text);

}  // namespace bitnet::verify

#endif  // VERIFY_PRINTABLE_H_
