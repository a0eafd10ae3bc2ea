// A decoded token takes nothing from the heap: from the second forward pass of decode on, no thread calls malloc or its
// kin, however tokens are chosen and with a trace commitment or without. Not meant are a commitment whose trace file is
// wanted (it is the memory) and, once each, a token whose text is longer than 512 bytes. Drafts are not looked at.

#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/log/check.h"
#include "absl/strings/str_cat.h"
#include "bitnet/base/cpu_features.h"
#include "bitnet/base/sha256.h"
#include "bitnet/base/thread_pool.h"
#include "bitnet/engine/batch.h"
#include "bitnet/engine/committer.h"
#include "bitnet/engine/generate.h"
#include "bitnet/engine/heap_count.h"
#include "bitnet/engine/loaded_model.h"
#include "bitnet/engine/session.h"
#include "bitnet/engine/testing_model.h"
#include "gtest/gtest.h"

namespace bitnet {
namespace {

constexpr int64_t kTokens = 48;

class SteadyStateTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!HeapIsCounted()) GTEST_SKIP() << "this build's allocator cannot be counted (a sanitizer's, or not glibc's)";
  }

  // Calls of the heap's functions during one run, as they stood when the text of each token was shown.
  static std::vector<uint64_t> CountsAtTokens(Session& session, const GenerateRequest& request) {
    session.Reset();
    std::vector<uint64_t> counts;
    counts.reserve(static_cast<size_t>(2 * request.max_tokens));
    const auto completion = Generate(session, request, [&](std::string_view) { counts.push_back(HeapAllocations()); });
    CHECK(completion.ok()) << completion.status();
    CHECK_EQ(static_cast<int64_t>(completion->output.size()), request.max_tokens);
    return counts;
  }
};

TEST_F(SteadyStateTest, TheCounterSeesEveryWayToTheHeapAndEveryThread) {
  const auto counted = [](auto body) {
    const uint64_t before = HeapAllocations();
    body();
    return HeapAllocations() - before;
  };
  std::vector<std::unique_ptr<std::string>> kept(2);
  EXPECT_EQ(counted([] {}), 0u);
  EXPECT_EQ(counted([&] { kept[0] = std::make_unique<std::string>(); }), 1u);
  EXPECT_EQ(counted([&] { *kept[0] = std::string(1000, 'x'); }), 1u);
  void* volatile memory = nullptr;  // or the compiler leaves out what is freed at once
  EXPECT_EQ(counted([&] { memory = std::malloc(100); }), 1u);
  EXPECT_EQ(counted([&] { memory = std::realloc(memory, 100000); }), 1u);
  std::free(memory);
  EXPECT_EQ(counted([&] { memory = std::aligned_alloc(64, 128); }), 1u);
  std::free(memory);
  EXPECT_GE(counted([] { const Sha256 context; }), 1u);
  ThreadPool pool(2);
  EXPECT_EQ(counted([&] {
              pool.Run([&](int worker) {
                if (worker == 1) kept[1] = std::make_unique<std::string>();
              });
            }),
            1u);
}

TEST_F(SteadyStateTest, ATokenTakesNothingFromTheHeap) {
  const TestingModel file("tiny", 5);
  for (int threads : {1, 2}) {
    ThreadPool pool(threads);
    const auto model = LoadedModel::Load(file.path(), pool);
    ASSERT_TRUE(model.ok()) << model.status();
    const auto session = Session::Create(**model, pool, {.isa = DetectIsaSet(), .context = 128});
    ASSERT_TRUE(session.ok()) << session.status();
    const SamplingParams samplings[] = {
        {},
        {.temperature = 1, .top_k = 20, .seed = 1},
        {.temperature = 1.5f, .seed = 2},
        {.temperature = 3, .top_p = 0.9f, .seed = 3},
        {.temperature = 2, .min_p = 0.02f, .seed = 4},
        {.repetition_penalty = 1.3f, .repetition_window = -1},
        {.temperature = 1, .top_k = 40, .top_p = 0.95f, .min_p = 0.01f, .repetition_penalty = 1.1f, .seed = 5}};
    int index = 0;
    for (const SamplingParams& sampling : samplings) {
      for (bool committed : {false, true}) {
        const std::string what = absl::StrCat("sampling ", index, ", threads ", threads, ", committed ", committed);
        GenerateRequest request;
        request.prompt = TestingIds(10, (*model)->config.shape.vocab);
        request.max_tokens = kTokens;
        request.ignore_eos = true;
        request.stop = {"a stop string that never comes"};
        request.sampling = sampling;
        Committer committer((*model)->config.shape, Digest{}, pool);
        if (committed) request.committer = &committer;
        const std::vector<uint64_t> counts = CountsAtTokens(**session, request);
        // The first is shown after the prompt, the second after the first decode, which sizes what is kept.
        ASSERT_GT(counts.size(), static_cast<size_t>(kTokens / 2)) << what;
        EXPECT_EQ(counts.back() - counts[1], 0u) << what;
      }
      ++index;
    }
  }
}

// Longer batches of the same prompts call the heap no more often.
TEST_F(SteadyStateTest, NorDoesATokenOfABatch) {
  const TestingModel file("tiny", 5);
  ThreadPool pool(2);
  const auto model = LoadedModel::Load(file.path(), pool);
  ASSERT_TRUE(model.ok()) << model.status();
  const auto session = Session::Create(**model, pool, {.isa = DetectIsaSet(), .context = 128, .sequences = 3});
  ASSERT_TRUE(session.ok()) << session.status();
  BatchRequest request = {.ignore_eos = true};
  for (int size : {5, 6, 7}) request.prompts.push_back(TestingIds(size, (*model)->config.shape.vocab));
  for (const SamplingParams& sampling : {SamplingParams(), SamplingParams{.temperature = 1, .top_k = 20, .seed = 1}}) {
    request.sampling = sampling;
    std::vector<uint64_t> counts;
    for (int64_t tokens : {int64_t{2}, int64_t{8}, kTokens}) {  // the first sizes what is kept
      (*session)->Reset();
      request.max_tokens = tokens;
      const uint64_t before = HeapAllocations();
      const auto batch = GenerateBatch(**session, request);
      counts.push_back(HeapAllocations() - before);
      ASSERT_TRUE(batch.ok()) << batch.status();
      ASSERT_EQ(batch->decode_passes, static_cast<uint64_t>(tokens - 1));
    }
    EXPECT_GT(counts[1], 0u);
    EXPECT_EQ(counts[2], counts[1]);
  }
}

}  // namespace
}  // namespace bitnet
