// What the tests of the independent path share: a model of their own, honest runs of it, audits of them.

#ifndef VERIFY_REPLAY_INDEPENDENT_AUDIT_TESTING_H_
#define VERIFY_REPLAY_INDEPENDENT_AUDIT_TESTING_H_

#include <cstddef>
#include <cstdint>
#include <fstream>
#include <functional>
#include <iterator>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/log/check.h"
#include "absl/strings/str_cat.h"
#include "bitnet/base/cpu_features.h"
#include "bitnet/base/sha256.h"
#include "bitnet/base/thread_pool.h"
#include "bitnet/commitment/commitment_file.h"
#include "bitnet/engine/committer.h"
#include "bitnet/engine/generate.h"
#include "bitnet/engine/loaded_model.h"
#include "bitnet/engine/session.h"
#include "bitnet/engine/testing_model.h"
#include "bitnet/synthetic/presets.h"
#include "bitnet/synthetic/synthetic_model.h"
#include "gtest/gtest.h"
#include "verify/independent/audit.h"
#include "verify/independent/gguf_directory.h"
#include "verify/independent/products.h"
#include "verify/replay/engine_products.h"

namespace bitnet::verify {

using independent::IndependentAudit;
using independent::IndependentReport;
using independent::ProductSource;

inline const Digest kSession = Sha256Of("a session");

inline std::unique_ptr<const LoadedModel> Load(const std::string& path) {
  ThreadPool pool(1);
  auto model = LoadedModel::Load(path, pool);
  CHECK(model.ok()) << model.status();
  return *std::move(model);
}

inline std::unique_ptr<Session> Start(const LoadedModel& model, ThreadPool& pool, Isa isa = Isa::kAvx512Vnni,
                                      int64_t chunk = 256) {
  auto session = Session::Create(
      model, pool, {.isa = IsaClosure(isa).Intersect(DetectIsaSet()), .context = 512, .prefill_chunk = chunk});
  CHECK(session.ok()) << session.status();
  return *std::move(session);
}

struct Way {
  Isa isa = Isa::kAvx512Vnni;
  int threads = 1;
  int64_t chunk = 256;
  int prompt = 37;
  int tokens = 12;
  SamplingParams sampling;
};

inline Commitment RunOf(const std::string& path, const Way& way = {}) {
  const auto model = Load(path);
  ThreadPool pool(way.threads);
  const auto session = Start(*model, pool, way.isa, way.chunk);
  Committer committer(model->config.shape, kSession, pool, /*keep=*/true);
  GenerateRequest request;
  request.prompt = TestingIds(way.prompt, model->config.shape.vocab);
  request.max_tokens = way.tokens;
  request.sampling = way.sampling;
  request.committer = &committer;
  const auto completion = Generate(*session, request, [](std::string_view) {});
  CHECK(completion.ok()) << completion.status();
  return committer.commitment();
}

inline IndependentReport Audit(const std::string& path, const Commitment& commitment, ProductSource* products = nullptr,
                               size_t chunk = 32, int threads = 1) {
  ThreadPool pool(threads);
  const auto report =
      IndependentAudit({.model_path = path, .commitment = &commitment, .products = products, .chunk = chunk}, pool);
  CHECK(report.ok()) << report.status();
  return *report;
}

// With products of the engine that has loaded `products_path`.
inline IndependentReport AuditWithEngine(const std::string& path, const Commitment& commitment,
                                         const std::string& products_path, size_t chunk = 32,
                                         int64_t engine_chunk = 256) {
  const auto model = Load(products_path);
  ThreadPool pool(1);
  const auto session = Start(*model, pool, Isa::kAvx512Vnni, engine_chunk);
  EngineProducts products(*session);
  return Audit(path, commitment, &products, chunk);
}

inline std::string Text(const IndependentReport& report) { return report.difference ? report.difference->Text() : ""; }

// 3 layers, 4 heads over 2: grouped-query attention and a layer that is neither first nor last.
class IndependentAuditTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    path_ = new std::string(absl::StrCat(testing::TempDir(), "/grouped.gguf"));
    auto preset = FindPreset("tiny");
    CHECK(preset.ok()) << preset.status();
    preset->layers = 3;
    preset->kv_heads = 2;
    const auto written = WriteSyntheticModel(
        *preset, 5, *path_, [](uint64_t, uint64_t) { return true; }, 2);
    CHECK(written.ok()) << written.status();
    honest_ = new Commitment(RunOf(*path_));
  }

  // The model with the bytes of one tensor changed; of `base`, if it is given. Each call overwrites the file before.
  static std::string Edited(std::string_view tensor, const std::function<void(std::span<uint8_t>)>& edit,
                            const std::string& base = *path_) {
    std::ifstream in(base, std::ios::binary);
    std::vector<uint8_t> bytes((std::istreambuf_iterator<char>(in)), {});
    const auto directory = independent::GgufDirectory::Read(bytes);
    CHECK(directory.ok()) << directory.status();
    const auto data = directory->Data(*directory->Find(tensor));
    CHECK(data.ok()) << data.status();
    edit({bytes.data() + (data->data() - bytes.data()), data->size()});
    const std::string path = absl::StrCat(testing::TempDir(), "/edited.gguf");
    std::ofstream(path, std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    return path;
  }

  static const std::string& path() { return *path_; }
  static const Commitment& honest() { return *honest_; }

  static inline std::string* path_ = nullptr;
  static inline Commitment* honest_ = nullptr;
};

}  // namespace bitnet::verify

#endif  // VERIFY_REPLAY_INDEPENDENT_AUDIT_TESTING_H_
