#include "xtask/program_run.h"

#include <map>
#include <span>
#include <utility>

#include "absl/log/check.h"
#include "bitnet/engine/committer.h"
#include "bitnet/engine/run_clock.h"
#include "bitnet/engine/testing_model.h"
#include "bitnet/kernels/peaks/read_bandwidth.h"

namespace bitnet::xtask {

const std::string& SyntheticModelPath(const std::string& preset) {
  static auto* const models = new std::map<std::string, TestingModel*>;
  TestingModel*& model = (*models)[preset];
  if (model == nullptr) model = new TestingModel(preset, 3);
  return model->path();
}

ProgramRun::ProgramRun(const std::string& path, Isa isa, int threads, int64_t chunk) : pool(threads) {
  context.start = ReadClocks();
  context.host = ReadHostInfo();
  context.detected_isa = DetectIsaSet();
  context.requested_isa = IsaName(isa);
  auto loaded = LoadedModel::Load(path, pool);
  CHECK(loaded.ok()) << loaded.status();
  model = *std::move(loaded);
  auto created = Session::Create(
      *model, pool, {.isa = IsaClosure(isa).Intersect(context.detected_isa), .context = 128, .prefill_chunk = chunk});
  CHECK(created.ok()) << created.status();
  session = *std::move(created);
}

void ProgramRun::Generate(const Setting& setting) {
  request.prompt = TestingIds(setting.prompt, model->config.shape.vocab);
  request.max_tokens = setting.tokens;
  request.sampling = setting.sampling;
  request.max_draft = setting.max_draft;
  request.max_schedule = ScheduleLimit(/*repetitions=*/0);
  static const auto sink = [](std::span<const float>) {};
  request.logits.reset();
  if (setting.every_logit) request.logits.emplace(sink);
  const Provenance& provenance = ProvenanceOfModel();
  ReceiptFlags flags;
  if (setting.keep_commitment) flags.commitment = "kept";
  const std::unique_ptr<Committer> committer = StartCommitment(flags, *session, request, provenance, context);
  request.committer = committer.get();
  auto generated = bitnet::Generate(*session, request, [](std::string_view) {});
  CHECK(generated.ok()) << generated.status();
  completion = *std::move(generated);
  request.committer = nullptr;
  context.end = ReadClocks();
  commitment = committer->commitment();
}

const Provenance& ProgramRun::ProvenanceOfModel() {
  static auto* const known = new std::map<std::string, Provenance>;
  const auto it = known->find(model->file.path());
  if (it != known->end()) return it->second;
  const auto read = ReadProvenance(*session);
  CHECK(read.ok()) << read.status();
  return known->emplace(model->file.path(), *read).first->second;
}

RunReport ProgramRun::Report() {
  context.read_bandwidth_mbps = ProbeReadBandwidthMbps(model->file.bytes(), pool, 1);
  return ReportRun(*session, request, *completion, context, ProvenanceOfModel(), {});
}

}  // namespace bitnet::xtask
