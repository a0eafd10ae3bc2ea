// Ways to run something else than the model and to write a receipt of it. Classes are those of docs/attacks.md.

#ifndef BITNET_ENGINE_CHEATING_CHEAT_H_
#define BITNET_ENGINE_CHEATING_CHEAT_H_

#include <cstdint>

namespace bitnet::cheating {

enum class Cheat : uint8_t {
  kNone,              // an honest engine, to show that the rest of this one is right
  kFloatActivations,  // T05: products of activations that were never rounded to int8
  kFloatSums,         // T06: the same integers, summed in binary32, which holds them exactly
  kSkipLayer,         // T07: the last layer never runs
  kEarlyExit,         // T07: the last layer runs for the prompt only
  kScaledWeights,     // T09: the scale of one matrix is another, changed in memory after the file was hashed
  kCannedTokens,      // T11: tokens from a list
  kWarmPrefix,        // T12: all of the prompt but its last token was computed before the clock ran
  kDraft,             // T13: tokens are those that the first layer alone would choose
  kShrunkClock,       // T18: all times divided
  kSecondBest,        // T47: the second most likely token
  kOtherSeed,         // T47: sampled from another seed than the receipt tells
  kFlushedDenormals,  // T48
  kRoundedDown,       // T48
  kSaturatingLanes,   // T49: products summed in 8-bit lanes that saturate
};

struct CheatPlan {
  Cheat cheat = Cheat::kNone;
  // Also lie about it: count the calls of an honest pass, commit to logits that would have chosen the token, say the
  // usual floating-point environment. Of kWarmPrefix: say nothing of the reuse, and tell times that fit.
  bool covered_up = false;
  uint64_t clock_divisor = 1;  // of kShrunkClock
};

}  // namespace bitnet::cheating

#endif  // BITNET_ENGINE_CHEATING_CHEAT_H_
