// The switches of mutants: `verify/mutation` writes the text of this file at the top of every source that it rewrites.
// A program then holds all mutants and runs as the original, unless the environment variable BITNET_MUTANT names one.
// With BITNET_MUTANT_LOG=FILE it appends one line for each mutant that the run comes by: "+id", or "-id" where the
// types leave nothing to mutate (a "+" between strings).
//
// Operators are rewritten without knowing where their operands begin and end, by an operand in between:
//   a < b    a < ::mutation::Lt{id} > b     ( < and > bind alike, from left to right)
//   a == b   a == ::mutation::Eq{id} == b
//   a + b    a + ::mutation::Add{id} + b

#ifndef VERIFY_MUTATION_ACTIVE_H_
#define VERIFY_MUTATION_ACTIVE_H_

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <concepts>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <type_traits>

namespace mutation {

struct State {
  uint64_t active;  // 0: none
  int log;          // a descriptor, 0: none
};

inline State ReadState() {
  State state = {0, 0};
  if (const char* active = std::getenv("BITNET_MUTANT")) state.active = std::strtoull(active, nullptr, 10);
  const char* log = std::getenv("BITNET_MUTANT_LOG");
  if (log != nullptr) {
    const int descriptor = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (descriptor > 0) state.log = descriptor;
  }
  return state;
}

inline State state = ReadState();

// Writes a line the first time that a thread comes by. A set of ids, open addressing; a full set says so and stops.
inline void Log(uint64_t id, bool applies) {
  constexpr uint64_t kSlots = 1 << 16;
  static std::atomic<uint64_t> seen[kSlots];
  for (uint64_t slot = id * 0x9e3779b97f4a7c15 >> 48, tries = 0; tries < kSlots; slot = (slot + 1) % kSlots, ++tries) {
    uint64_t there = seen[slot].load(std::memory_order_relaxed);
    if (there == 0 && !seen[slot].compare_exchange_strong(there, id)) there = seen[slot].load();
    if (there == id) return;
    if (there != 0) continue;
    char line[32];
    const int size = std::snprintf(line, sizeof(line), "%c%llu\n", applies ? '+' : '-', (unsigned long long)id);
    if (write(state.log, line, static_cast<size_t>(size)) != size) std::abort();
    return;
  }
  std::abort();
}

// Whether mutant `id` is the one.
constexpr bool On(uint64_t id) {
  if (std::is_constant_evaluated()) return false;
  if (state.log != 0) Log(id, true);
  return state.active == id;
}

constexpr void DoesNotApply(uint64_t id) {
  if (!std::is_constant_evaluated() && state.log != 0) Log(id, false);
}

// id: true, id + 1: false.
template <typename T>
constexpr bool Bool(uint64_t id, const T& value) {
  const bool is = static_cast<bool>(value);
  if (On(id)) return true;
  if (On(id + 1)) return false;
  return is;
}

// An operand of && or ||: what makes the other one decide.
template <typename T>
constexpr bool Neutral(uint64_t id, bool neutral, const T& value) {
  const bool is = static_cast<bool>(value);
  return On(id) ? neutral : is;
}

constexpr bool Not(uint64_t id, bool value) { return On(id) ? !value : value; }

template <typename T>
constexpr T Other(uint64_t id, T value, T other) {
  return On(id) ? other : value;
}

// One more; of a floating-point number 1 % more.
template <typename T>
constexpr T More(uint64_t id, T value) {
  if constexpr (!std::is_arithmetic_v<T>) {
    DoesNotApply(id);
    return value;
  } else if constexpr (std::is_floating_point_v<T>) {
    return !On(id) ? value : value == 0 ? T{1} : value * T{1.01L};
  } else {
    return static_cast<T>(On(id) ? value + 1 : value);
  }
}

// id: More, id + 1: one less or 1 % less.
template <typename T>
constexpr T Near(uint64_t id, T value) {
  if constexpr (!std::is_arithmetic_v<T>) {
    DoesNotApply(id + 1);
  } else if (On(id + 1)) {
    if constexpr (std::is_floating_point_v<T>) return value == 0 ? T{-1} : value * T{0.99L};
    return static_cast<T>(value - 1);
  }
  return More(id, value);
}

// Relations. id: with or without equality; id + 1: the opposite. Eq and Ne have the opposite alone, as id.
struct Lt {
  uint64_t id;
};
struct Le {
  uint64_t id;
};
struct Gt {
  uint64_t id;
};
struct Ge {
  uint64_t id;
};
struct Eq {
  uint64_t id;
};
struct Ne {
  uint64_t id;
};

template <typename A, typename Op>
struct Left {
  const A& a;
  uint64_t id;
};

template <typename A>
constexpr Left<A, Lt> operator<(const A& a, Lt op) {
  return {a, op.id};
}
template <typename A>
constexpr Left<A, Le> operator<(const A& a, Le op) {
  return {a, op.id};
}
template <typename A>
constexpr Left<A, Gt> operator<(const A& a, Gt op) {
  return {a, op.id};
}
template <typename A>
constexpr Left<A, Ge> operator<(const A& a, Ge op) {
  return {a, op.id};
}
template <typename A>
constexpr Left<A, Eq> operator==(const A& a, Eq op) {
  return {a, op.id};
}
template <typename A>
constexpr Left<A, Ne> operator==(const A& a, Ne op) {
  return {a, op.id};
}

template <typename A, typename B>
constexpr bool operator>(Left<A, Lt> l, const B& b) {
  return On(l.id) ? l.a <= b : On(l.id + 1) ? l.a >= b : l.a < b;
}
template <typename A, typename B>
constexpr bool operator>(Left<A, Le> l, const B& b) {
  return On(l.id) ? l.a < b : On(l.id + 1) ? l.a > b : l.a <= b;
}
template <typename A, typename B>
constexpr bool operator>(Left<A, Gt> l, const B& b) {
  return On(l.id) ? l.a >= b : On(l.id + 1) ? l.a <= b : l.a > b;
}
template <typename A, typename B>
constexpr bool operator>(Left<A, Ge> l, const B& b) {
  return On(l.id) ? l.a > b : On(l.id + 1) ? l.a < b : l.a >= b;
}
template <typename A, typename B>
constexpr bool operator==(Left<A, Eq> l, const B& b) {
  return On(l.id) != static_cast<bool>(l.a == b);
}
template <typename A, typename B>
constexpr bool operator==(Left<A, Ne> l, const B& b) {
  return On(l.id) != static_cast<bool>(l.a != b);
}

// Arithmetic: + for -, * for /, and the other way round; * for %.
struct Add {
  uint64_t id;
};
struct Sub {
  uint64_t id;
};
struct Mul {
  uint64_t id;
};
struct Div {
  uint64_t id;
};
struct Mod {
  uint64_t id;
};

template <typename A>
constexpr Left<A, Add> operator+(const A& a, Add op) {
  return {a, op.id};
}
template <typename A>
constexpr Left<A, Sub> operator-(const A& a, Sub op) {
  return {a, op.id};
}
template <typename A>
constexpr Left<A, Mul> operator*(const A& a, Mul op) {
  return {a, op.id};
}
template <typename A>
constexpr Left<A, Div> operator/(const A& a, Div op) {
  return {a, op.id};
}
template <typename A>
constexpr Left<A, Mod> operator%(const A& a, Mod op) {
  return {a, op.id};
}

#define BITNET_MUTATION_ARITHMETIC(Op, op, other)                        \
  template <typename A, typename B>                                      \
  constexpr auto operator op(Left<A, Op> l, const B& b) {                \
    if constexpr (requires {                                             \
                    { l.a other b } -> std::same_as<decltype(l.a op b)>; \
                  }) {                                                   \
      if (On(l.id)) return l.a other b;                                  \
    } else {                                                             \
      DoesNotApply(l.id);                                                \
    }                                                                    \
    return l.a op b;                                                     \
  }
BITNET_MUTATION_ARITHMETIC(Add, +, -)
BITNET_MUTATION_ARITHMETIC(Sub, -, +)
BITNET_MUTATION_ARITHMETIC(Mul, *, /)
BITNET_MUTATION_ARITHMETIC(Div, /, *)
BITNET_MUTATION_ARITHMETIC(Mod, %, *)
#undef BITNET_MUTATION_ARITHMETIC

}  // namespace mutation

#endif  // VERIFY_MUTATION_ACTIVE_H_
