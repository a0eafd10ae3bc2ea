// xtask doctor: what this machine can do and what the engine makes of it.

#include <cinttypes>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "bitnet/base/aligned_buffer.h"
#include "bitnet/base/cpu_features.h"
#include "bitnet/base/sha256.h"
#include "bitnet/base/status_macros.h"
#include "bitnet/base/thread_pool.h"
#include "bitnet/engine/resident_memory.h"
#include "bitnet/engine/run_clock.h"
#include "bitnet/engine/session.h"
#include "bitnet/kernels/catalog/catalog.h"
#include "bitnet/kernels/peaks/read_bandwidth.h"
#include "bitnet/kernels/selftest/selftest.h"
#include "bitnet/receipt/json_value.h"
#include "bitnet/receipt/json_writer.h"
#include "xtask/build_info.h"
#include "xtask/commands.h"
#include "xtask/diagnostics.h"
#include "xtask/engine.h"
#include "xtask/engine_flags.h"
#include "xtask/memory_table.h"

namespace bitnet::xtask {
namespace {

// Several times any last-level cache, so that the probe reads memory.
constexpr size_t kProbeBytes = size_t{512} << 20;

struct DoctorOptions {
  EngineFlags engine;
  std::string model;  // empty: none
  bool json = false;
};

uint64_t ProbeMemory(ThreadPool& pool) {
  AlignedBuffer<uint8_t> buffer(kProbeBytes);
  for (size_t i = 0; i < buffer.size(); i += 4096)
    buffer[i] = static_cast<uint8_t>(i >> 12);  // untouched pages share one zero page
  return ProbeReadBandwidthMbps(buffer.span(), pool, 5);
}

// What loading a model and a first token leave in memory.
struct ModelMemory {
  std::vector<MemoryUse> uses;
  uint64_t peak_rss_bytes = 0;  // of the process, before the bandwidth probe takes memory of its own
};

absl::StatusOr<ModelMemory> MeasureModel(const DoctorOptions& options) {
  if (options.model.empty()) return ModelMemory();
  BITNET_ASSIGN_OR_RETURN(const std::unique_ptr<Engine> engine, LoadEngine(options.engine, options.model));
  BITNET_ASSIGN_OR_RETURN(const std::unique_ptr<Session> session, engine->StartSession(options.engine.context));
  session->KeepLogits({.largest = 2});  // as a greedy choice does: the head is screened
  BITNET_RETURN_IF_ERROR(session->Decode(0));
  return ModelMemory{MemoryUseOf(*session), PeakRssBytes()};
}

void PrintText(const HostInfo& host, IsaSet detected, IsaSet used, int threads, const SelfTestReport& tests,
               uint64_t bandwidth, const BuildFacts& build, const ModelMemory& memory) {
  std::printf("bitnet %s, commit %s%s, %s\n", build.version.c_str(), build.git_commit.c_str(),
              build.dirty ? " (dirty)" : "", build.compiler.c_str());
  std::printf("cpu        %s, %s\n", host.cpu_brand.c_str(), host.os.c_str());
  std::printf("cores      %d usable, smt %s; %d threads used\n", host.logical_cores, host.smt ? "on" : "off", threads);
  std::printf("memory     %.1f GiB, last-level cache %.1f MiB, clocksource %s%s%s\n",
              static_cast<double>(host.memory_bytes) / (1 << 30), static_cast<double>(host.llc_bytes) / (1 << 20),
              host.clocksource.c_str(), host.governor.empty() ? "" : ", governor ", host.governor.c_str());
  std::printf("read       %.1f GB/s with %d threads\n", static_cast<double>(bandwidth) / 1000, threads);
  std::printf("detected   %s\n", absl::StrJoin(detected.Names(), " ").c_str());
  std::printf("used       %s\n", absl::StrJoin(used.Names(), " ").c_str());
  std::printf("\n| op                 | kernel                   | self-test | us   | digest       |\n");
  std::printf("| ------------------ | ------------------------ | --------- | ---- | ------------ |\n");
  for (const SelfTestResult& result : tests.results) {
    const KernelInfo& kernel = GetKernel(result.kernel);
    std::printf("| %-18s | %-24s | pass      | %4" PRIu64 " | %.12s |\n", std::string(OpReceiptId(kernel.op)).c_str(),
                std::string(kernel.id).c_str(), result.ns / 1000, ToHex(result.digest).c_str());
  }
  std::printf("\nknown-answer digest %s\n", ToHex(tests.kat_digest).c_str());
  if (memory.peak_rss_bytes == 0) return;
  std::printf("%s", MemoryTable(memory.uses).c_str());
  std::printf("peak RSS %.3f GB, model loaded and one token fed\n", static_cast<double>(memory.peak_rss_bytes) * 1e-9);
}

JsonValue Strings(const std::vector<std::string_view>& names) {
  JsonValue::Array array;
  for (std::string_view name : names) array.push_back(JsonValue::String(std::string(name)));
  return JsonValue::MakeArray(std::move(array));
}

void PrintJson(const HostInfo& host, IsaSet detected, IsaSet used, int threads, const SelfTestReport& tests,
               uint64_t bandwidth, const BuildFacts& build, const ModelMemory& memory) {
  JsonValue::Array kernels;
  for (const SelfTestResult& result : tests.results) {
    const KernelInfo& kernel = GetKernel(result.kernel);
    kernels.push_back(JsonValue::MakeObject({{"op", JsonValue::String(std::string(OpReceiptId(kernel.op)))},
                                             {"kernel", JsonValue::String(std::string(kernel.id))},
                                             {"self_test", JsonValue::String("pass")},
                                             {"ns", JsonValue::Uint(result.ns)},
                                             {"digest", JsonValue::String(ToHex(result.digest))}}));
  }
  JsonValue::Object object;
  object.push_back({"version", JsonValue::String(build.version)});
  object.push_back({"git_commit", JsonValue::String(build.git_commit)});
  object.push_back({"dirty", JsonValue::Bool(build.dirty)});
  object.push_back({"compiler", JsonValue::String(build.compiler)});
  object.push_back({"cpu_brand", JsonValue::String(host.cpu_brand)});
  object.push_back({"os", JsonValue::String(host.os)});
  object.push_back({"cores", JsonValue::Int(host.logical_cores)});
  object.push_back({"smt", JsonValue::Bool(host.smt)});
  object.push_back({"threads", JsonValue::Int(threads)});
  object.push_back({"memory_bytes", JsonValue::Uint(host.memory_bytes)});
  object.push_back({"llc_bytes", JsonValue::Uint(host.llc_bytes)});
  object.push_back({"clocksource", JsonValue::String(host.clocksource)});
  object.push_back({"governor", JsonValue::String(host.governor)});
  object.push_back({"read_bandwidth_mbps", JsonValue::Uint(bandwidth)});
  object.push_back({"isa_detected", Strings(detected.Names())});
  object.push_back({"isa_used", Strings(used.Names())});
  object.push_back({"kernels", JsonValue::MakeArray(std::move(kernels))});
  object.push_back({"kat_digest", JsonValue::String(ToHex(tests.kat_digest))});
  if (memory.peak_rss_bytes > 0) {
    JsonValue::Array uses;
    for (const MemoryUse& use : memory.uses) uses.push_back(MemoryUseJson(use));
    object.push_back({"memory", JsonValue::MakeArray(std::move(uses))});
    object.push_back({"peak_rss_bytes", JsonValue::Uint(memory.peak_rss_bytes)});
  }
  std::printf("%s\n", WritePrettyJson(JsonValue::MakeObject(std::move(object))).c_str());
}

absl::StatusOr<int> RunDoctor(const DoctorOptions& options) {
  const HostInfo host = ReadHostInfo();
  const IsaSet detected = DetectIsaSet();
  BITNET_ASSIGN_OR_RETURN(const IsaSet used, ResolveIsa(options.engine.isa, detected));
  BITNET_ASSIGN_OR_RETURN(const BuildFacts build, ReadBuildFacts());
  ThreadPool pool(ResolveThreads(options.engine, host));
  BITNET_ASSIGN_OR_RETURN(const SelfTestReport tests, RunSelfTests(used));
  BITNET_ASSIGN_OR_RETURN(const ModelMemory memory, MeasureModel(options));
  const uint64_t bandwidth = ProbeMemory(pool);
  (options.json ? PrintJson : PrintText)(host, detected, used, pool.size(), tests, bandwidth, build, memory);
  return kExitOk;
}

}  // namespace

void AddDoctorCommand(CLI::App& app, CommandContext& context) {
  auto options = std::make_shared<DoctorOptions>();
  CLI::App& command = *app.add_subcommand("doctor", "CPU features, kernels chosen, self-tests, memory bandwidth");
  command.add_option("-m,--model", options->model, "Also load this GGUF file and say whose the memory is then");
  command
      .add_option("-t,--threads", options->engine.threads,
                  "Threads of the bandwidth probe and of loading -m (default: all cores)")
      ->check(CLI::Range(1, 1024));
  command.add_option("--isa", options->engine.isa, "Highest instruction set to use (default: auto)");
  command.add_flag("--json", options->json, "One JSON object");
  command.footer(
      "Examples:\n"
      "  xtask doctor\n"
      "  xtask doctor --isa avx2 --json\n"
      "  xtask doctor -m model.gguf\n"
      "Exit codes: 0 every kernel passed its self-test, 1 one failed (it is named),\n2 bad flags or a model that "
      "cannot be loaded.");
  command.callback([options, &context] {
    const absl::StatusOr<int> code = RunDoctor(*options);
    context.exit_code = code.ok() ? *code : ReportError(context.environment, code.status());
  });
}

}  // namespace bitnet::xtask
