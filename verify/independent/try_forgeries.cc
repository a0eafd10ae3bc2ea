// Tries a number of wrong products (10^7 when none is given) against Freivalds' test, each with secrets of its own.
// Exit code 0 when none was accepted and no right one refused.

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "absl/log/check.h"
#include "absl/strings/numbers.h"
#include "bitnet/base/clock.h"
#include "verify/independent/forgeries.h"

int main(int argc, char** argv) {
  namespace independent = bitnet::verify::independent;
  uint64_t count = 10'000'000;
  if (argc > 2 || (argc == 2 && !absl::SimpleAtoi(argv[1], &count))) {
    std::fprintf(stderr, "usage: try_forgeries [COUNT]\n");
    return 2;
  }
  const uint64_t begin = bitnet::NowNs();
  const independent::ForgeryTally tally = independent::TryForgeries(count, begin, [](int64_t rows) {
    auto secrets = independent::DrawSecrets(rows);
    CHECK(secrets.ok()) << secrets.status();
    return *std::move(secrets);
  });
  for (size_t kind = 0; kind < independent::kForgeries; ++kind) {
    const std::string name(independent::ForgeryName(static_cast<independent::Forgery>(kind)));
    std::printf("%-20s %10llu tried %10llu accepted\n", name.c_str(),
                static_cast<unsigned long long>(tally.tried[kind]),
                static_cast<unsigned long long>(tally.accepted[kind]));
  }
  std::printf("%-20s %10llu tried %10llu accepted, %llu right ones refused, %.1f s\n", "all",
              static_cast<unsigned long long>(tally.Tried()), static_cast<unsigned long long>(tally.Accepted()),
              static_cast<unsigned long long>(tally.honest_refused),
              static_cast<double>(bitnet::NowNs() - begin) * 1e-9);
  return tally.Accepted() == 0 && tally.honest_refused == 0 ? 0 : 1;
}
