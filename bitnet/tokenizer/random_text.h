// Random strings that are hard on a tokenizer. For tests.

#ifndef BITNET_TOKENIZER_RANDOM_TEXT_H_
#define BITNET_TOKENIZER_RANDOM_TEXT_H_

#include <random>
#include <string>

namespace bitnet {

// 0 to about 200 bytes: words, digits, contractions, white space of every kind, CR/LF mixes, combining marks, emoji
// sequences, all planes, bytes that are no UTF-8 unless `valid_utf8`, repeats. A function of the generator's state.
std::string RandomText(std::mt19937_64& random, bool valid_utf8 = false);

}  // namespace bitnet

#endif  // BITNET_TOKENIZER_RANDOM_TEXT_H_
