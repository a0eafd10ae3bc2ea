// The text that synthetic vocabularies grow from.

#ifndef BITNET_SYNTHETIC_WORD_LIST_H_
#define BITNET_SYNTHETIC_WORD_LIST_H_

#include <span>
#include <string_view>

namespace bitnet {

// Lower-case English and programming words, most frequent first. Space-separated.
std::string_view SyntheticWords();

// Endings and second halves of compounds, most useful first. Space-separated.
std::string_view SyntheticEndings();

// Runs of punctuation and white space as they stand in code and prose, most frequent first.
std::span<const std::string_view> SyntheticSymbols();

}  // namespace bitnet

#endif  // BITNET_SYNTHETIC_WORD_LIST_H_
