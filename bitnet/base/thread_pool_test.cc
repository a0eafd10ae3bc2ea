#include "bitnet/base/thread_pool.h"

#include <algorithm>
#include <cstdint>
#include <thread>
#include <utility>
#include <vector>

#include "bitnet/base/cpu_features.h"
#include "gtest/gtest.h"

namespace bitnet {
namespace {

class ThreadPoolTest : public testing::TestWithParam<int> {};

TEST_P(ThreadPoolTest, EveryWorkerRunsOncePerRound) {
  ThreadPool pool(GetParam());
  ASSERT_EQ(pool.size(), GetParam());
  std::vector<int> runs(pool.size(), 0);  // one slot per worker: plain ints, so that a race shows under tsan
  // Where others keep the cores busy a round may cost a time slice, so pools that sleep get fewer rounds.
  const int rounds = GetParam() <= 2 ? 2000 : 400;
  for (int round = 1; round <= rounds; ++round) {
    pool.Run([&](int worker) { ++runs[worker]; });
    // Run has returned, so all workers' writes are visible here.
    for (int worker = 0; worker < pool.size(); ++worker) ASSERT_EQ(runs[worker], round);
  }
}

TEST_P(ThreadPoolTest, RoundsSeeTheWorkOfTheRoundBefore) {
  ThreadPool pool(GetParam());
  const int size = pool.size();
  std::vector<int64_t> from(size, 1), to(size);
  for (int round = 0; round < 50; ++round) {
    pool.Run([&](int worker) {
      int64_t sum = 0;
      for (int64_t value : from) sum += value;
      to[worker] = sum % 1'000'003;
    });
    std::swap(from, to);
  }
  for (int worker = 1; worker < size; ++worker) EXPECT_EQ(from[worker], from[0]);
}

TEST_P(ThreadPoolTest, WorkersHaveTheDefaultFloatState) {
  ThreadPool pool(GetParam());
  std::vector<uint32_t> control(pool.size());
  pool.Run([&](int worker) { control[worker] = ReadFloatControl(); });
  for (uint32_t value : control) EXPECT_EQ(value, kDefaultFloatControl);
}

TEST_P(ThreadPoolTest, WorkerZeroIsTheCaller) {
  ThreadPool pool(GetParam());
  std::vector<std::thread::id> ids(pool.size());
  pool.Run([&](int worker) { ids[worker] = std::this_thread::get_id(); });
  EXPECT_EQ(ids[0], std::this_thread::get_id());
  for (int worker = 1; worker < pool.size(); ++worker) EXPECT_NE(ids[worker], ids[0]);
}

INSTANTIATE_TEST_SUITE_P(Threads, ThreadPoolTest, testing::Range(1, 8));

TEST(ThreadPoolLifeTest, PoolsThatNeverRunEnd) {
  for (int i = 0; i < 50; ++i) ThreadPool pool(1 + i % 4);
}

TEST(PartitionTest, CoversExactlyInWholeGrainsAndEvenly) {
  for (const int64_t items : {0, 1, 2, 7, 15, 16, 17, 640, 2560, 6912, 128256}) {
    for (const int64_t grain : {1, 2, 4, 16, 64, 1000}) {
      for (const int parts : {1, 2, 3, 5, 7, 64}) {
        int64_t next = 0, smallest = INT64_MAX, largest = 0;
        for (int part = 0; part < parts; ++part) {
          const auto [begin, end] = ThreadPool::Partition(items, grain, part, parts);
          ASSERT_EQ(begin, next) << items << " " << grain << " " << part << "/" << parts;
          ASSERT_LE(begin, end);
          ASSERT_TRUE(begin % grain == 0 || begin == items);
          const int64_t grains = (end - begin + grain - 1) / grain;
          smallest = std::min(smallest, grains);
          largest = std::max(largest, grains);
          next = end;
        }
        ASSERT_EQ(next, items);
        ASSERT_LE(largest - smallest, 1);
      }
    }
  }
}

}  // namespace
}  // namespace bitnet
