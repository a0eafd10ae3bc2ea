#include "bitnet/base/parallel.h"

#include <atomic>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace bitnet {
namespace {

TEST(ParallelForEachTest, EachIndexOnceByAWorkerWithinTheBound) {
  for (const int threads : {1, 2, 3, 5}) {
    ThreadPool pool(threads);
    for (const int bound : {1, 2, 64}) {
      for (const size_t count : {0, 1, 2, 100}) {
        std::vector<std::atomic<int>> calls(count);
        std::atomic<int> highest{-1};
        const absl::Status status = ParallelForEach(pool, count, bound, [&](size_t i, int worker) {
          calls[i].fetch_add(1);
          int seen = highest.load();
          while (worker > seen && !highest.compare_exchange_weak(seen, worker)) {
          }
          return absl::OkStatus();
        });
        EXPECT_TRUE(status.ok());
        for (const std::atomic<int>& n : calls) EXPECT_EQ(n.load(), 1);
        EXPECT_LT(highest.load(), std::min(threads, bound));
      }
    }
  }
}

TEST(ParallelForEachTest, TheLowestErrorWins) {
  for (const int threads : {1, 2, 5}) {
    ThreadPool pool(threads);
    for (int repeat = 0; repeat < 50; ++repeat) {
      std::atomic<int> below{0};
      const absl::Status status = ParallelForEach(pool, 100, 64, [&](size_t i, int) {
        if (i < 17) below.fetch_add(1);
        return i >= 17 && i % 2 == 1 ? absl::InvalidArgumentError(absl::StrCat(i)) : absl::OkStatus();
      });
      EXPECT_EQ(status.message(), "17");
      EXPECT_EQ(below.load(), 17) << "what comes before the error is always done";
    }
  }
}

}  // namespace
}  // namespace bitnet
