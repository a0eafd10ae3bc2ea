// What each token of a source is part of, told from brackets and keywords alone: run-time code or not, in which
// function.

#ifndef VERIFY_MUTATION_CONTEXT_H_
#define VERIFY_MUTATION_CONTEXT_H_

#include <cstdint>
#include <string_view>
#include <vector>

#include "verify/mutation/tokens.h"

namespace bitnet::mutation {

enum class BraceKind : uint8_t { kNone, kNamespace, kType, kEnum, kCode, kInitializer };

struct TokenContext {
  // Evaluated at run time, so that a mutant there can be seen: code of functions and default values of members. Not:
  // constant expressions, template arguments, labels of cases, bounds of arrays, and conditions of CHECK, which is for
  // invariants that no test can break.
  bool live = false;
  bool in_initializer = false;  // the innermost bracket is that of a braced initializer
  bool loop_header = false;     // between the parentheses of for or while
  bool returns_bool = false;    // of the function or lambda around
  bool starts_statement = false;
  BraceKind brace = BraceKind::kNone;  // of a token { or }
  std::string_view function;           // "" outside of functions
};

// A source and what was found out about it.
struct Source {
  std::vector<Token> tokens;
  std::vector<int> partner;  // see MatchBrackets
  std::vector<TokenContext> context;

  // The index of the > that closes the < at `open`, or `open` when none does.
  size_t EndOfTemplate(size_t open) const;
};

// `text` must outlive the result.
Source ReadSource(std::string_view text);

}  // namespace bitnet::mutation

#endif  // VERIFY_MUTATION_CONTEXT_H_
