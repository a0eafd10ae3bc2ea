#include "bitnet/engine/resident_memory.h"

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>

#include "bitnet/base/aligned_buffer.h"
#include "bitnet/base/cpu_features.h"
#include "bitnet/base/thread_pool.h"
#include "bitnet/engine/loaded_model.h"
#include "bitnet/engine/session.h"
#include "bitnet/engine/testing_model.h"
#include "gtest/gtest.h"

namespace bitnet {
namespace {

TEST(ResidentMemory, CountsPagesThatWereTouched) {
  constexpr size_t kPage = 4096;
  AlignedBuffer<uint8_t> buffer(64 << 20);
  const auto resident = [&](size_t begin, size_t size) {
    return ResidentBytes(std::span<const uint8_t>(buffer.span().subspan(begin, size)));
  };
  if (!resident(0, 1)) GTEST_SKIP() << "this system has no /proc/self/pagemap";
  EXPECT_LE(*resident(0, buffer.size()), 4 * kPage) << "fresh pages were never touched";
  for (size_t i = 0; i < (8 << 20); i += kPage) buffer[(16 << 20) + i] = 1;
  EXPECT_GE(*resident(16 << 20, 8 << 20), (8u << 20) - kPage);
  EXPECT_EQ(*resident((16 << 20) + 100, 10), 10u);
  EXPECT_EQ(*resident(0, 0), 0u);
  EXPECT_GE(ResidentSetBytes(), 8u << 20);
}

// Rows of tokens and of candidates do not fill memory with the whole table: after every so many its pages are given back.
TEST(ResidentMemory, PagesOfTheTableAreGivenBackNowAndThen) {
  ThreadPool pool(1);
  const TestingModel file("tiny", 5);
  const auto model = LoadedModel::Load(file.path(), pool);
  ASSERT_TRUE(model.ok()) << model.status();
  const auto session = Session::Create(**model, pool, {.isa = DetectIsaSet(), .context = 2048});
  ASSERT_TRUE(session.ok()) << session.status();
  const std::span<const F16> table = (*model)->weights.token_embd;
  const std::span<const uint8_t> bytes(reinterpret_cast<const uint8_t*>(table.data()), table.size_bytes());
  if (!ResidentBytes(bytes)) GTEST_SKIP() << "this system has no /proc/self/pagemap";
  (*session)->KeepLogits({.largest = 2});
  int given_back = 0;
  uint64_t before = 0;
  for (int i = 0; i < 1100; ++i) {
    ASSERT_TRUE((*session)->Decode(i).ok());
    const uint64_t now = *ResidentBytes(bytes);
    given_back += now < before;
    before = now;
  }
  EXPECT_GE(given_back, 1);
  EXPECT_LE(given_back, 100) << "not after every few tokens";
}

TEST(ResidentMemory, EveryPartOfASessionAndTheRest) {
  ThreadPool pool(2);
  const TestingModel file("tiny", 5);
  const auto model = LoadedModel::Load(file.path(), pool);
  ASSERT_TRUE(model.ok()) << model.status();
  const auto session = Session::Create(**model, pool, {.isa = DetectIsaSet(), .context = 65536});
  ASSERT_TRUE(session.ok()) << session.status();
  ASSERT_TRUE((*session)->Prefill(TestingIds(40, (*model)->config.shape.vocab)).ok());
  const std::vector<MemoryUse> uses = MemoryUseOf(**session);
  if (uses.empty()) GTEST_SKIP() << "this system has no /proc/self/pagemap";
  std::map<std::string, MemoryUse> by_name;
  uint64_t sum = 0;
  for (const MemoryUse& use : uses) {
    EXPECT_LE(use.resident, use.size) << use.name;
    sum += use.resident;
    by_name[use.name] = use;
  }
  EXPECT_EQ(by_name.count("repacked"), 0u) << "an I2_S file is used where it lies";
  EXPECT_EQ(by_name["mapped_file"].size, (*model)->file.bytes().size());
  EXPECT_GE(by_name["int8_head"].resident, (*model)->weights.screened_head.bytes() - 3 * 4096);
  EXPECT_EQ(by_name["kv_cache"].size, (*session)->kv_cache_bytes());
  EXPECT_GT(by_name["kv_cache"].resident, 0u);
  EXPECT_LT(by_name["kv_cache"].resident, by_name["kv_cache"].size / 4) << "positions that were never filled";
  EXPECT_GT(by_name["activations"].resident, 0u);
  EXPECT_GT(by_name["logits"].resident, 0u);
  EXPECT_GT(by_name["rest"].resident, 0u);
  EXPECT_LE(sum, ResidentSetBytes() + (1u << 20));
}

}  // namespace
}  // namespace bitnet
