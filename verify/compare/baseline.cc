#include "verify/compare/baseline.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "bitnet/attest/bundle.h"
#include "bitnet/attest/challenge.h"
#include "bitnet/base/status_macros.h"
#include "bitnet/receipt/json_reader.h"
#include "verify/compare/manifest_envelope.h"
#include "verify/printable.h"
#include "verify/text_file.h"

namespace bitnet::verify {
namespace {

// The manifest's text, out of its envelope if it is to have one.
absl::StatusOr<std::string> Open(const std::string& text, std::span<const attest::PublicKey> trusted,
                                 Baseline& baseline) {
  const bool enveloped = attest::LooksLikeBundle(text);
  if (trusted.empty() && enveloped) {
    return absl::InvalidArgumentError("the manifest is signed; expected --key with the signer's public key");
  }
  if (!trusted.empty() && !enveloped) {
    return absl::InvalidArgumentError("the manifest is not signed; expected a signature by a trusted key");
  }
  if (!enveloped) return text;
  BITNET_ASSIGN_OR_RETURN(SignedManifest opened, OpenSignedManifest(text, trusted));
  baseline.signed_by = opened.key_id;
  return std::move(opened.manifest);
}

// What speaks against the manifest itself; "" when nothing does.
std::string ManifestObjection(const Manifest& manifest, BaselineKind kind, const Policy& policy, absl::Time now) {
  const std::string& pinned = kind == BaselineKind::kAnchor ? policy.compare.anchor_root : policy.compare.baseline_root;
  if (!pinned.empty() && ManifestRoot(manifest.receipts) != pinned) {
    return absl::StrCat("its root is ", ManifestRoot(manifest.receipts), "; the policy pins ", pinned);
  }
  if (manifest.created > now + policy.max_clock_skew) {
    return absl::StrCat("it was created at ", attest::FormatUtcSeconds(manifest.created), ", which is to come");
  }
  if (now >= manifest.expires) return absl::StrCat("it expired at ", attest::FormatUtcSeconds(manifest.expires));
  const absl::Duration most = absl::Hours(24) * policy.compare.max_baseline_days;
  if (kind == BaselineKind::kBaseline && now - manifest.created > most) {
    return absl::StrCat("it was created at ", attest::FormatUtcSeconds(manifest.created), ", more than ",
                        policy.compare.max_baseline_days, " days ago");
  }
  return "";
}

// Reads the receipts; the first that is not what the manifest says is the objection.
std::string ReadRuns(const std::filesystem::path& folder, const Manifest& manifest, const Policy& policy,
                     absl::Time now, std::vector<MeasuredRun>& runs) {
  for (const ManifestEntry& entry : manifest.receipts) {
    const std::string path = (folder / entry.file).string();
    const absl::StatusOr<std::string> text = ReadTextFile(path, kMaxReceiptBytes);
    if (!text.ok()) return std::string(text.status().message());
    MeasuredRun run = ReadMeasuredRun(path, *text, policy, now);
    if (run.receipt_sha256 != entry.sha256) {
      return absl::StrCat(path, " has the SHA-256 ", run.receipt_sha256, "; the manifest says ", entry.sha256);
    }
    if (run.machine != manifest.machine) return absl::StrCat(path, " is from another machine than the manifest says");
    if (run.ternary_digest != manifest.model) return absl::StrCat(path, " is of another model than the manifest says");
    if (WorkloadDigest(run) != manifest.workload) {
      return absl::StrCat(path, " is of another workload than the manifest says");
    }
    runs.push_back(std::move(run));
  }
  return "";
}

}  // namespace

absl::StatusOr<std::vector<attest::PublicKey>> TrustedKeys(std::vector<attest::PublicKey> given, const Policy& policy) {
  if (given.empty()) return policy.keys;
  for (const attest::PublicKey& key : given) {
    if (!policy.keys.empty() && std::ranges::find(policy.keys, key) == policy.keys.end()) {
      return absl::InvalidArgumentError(absl::StrCat("key ", key.KeyId(), " is none of those that the policy trusts"));
    }
  }
  return given;
}

absl::StatusOr<Baseline> ReadBaseline(const std::string& path, BaselineKind kind,
                                      std::span<const attest::PublicKey> trusted, const Policy& policy,
                                      absl::Time now) {
  BITNET_ASSIGN_OR_RETURN(const std::string text, ReadTextFile(path, attest::kMaxBundleBytes));
  Baseline baseline;
  const auto refuse = [&](std::string_view objection) {
    baseline.refusals.push_back({RefusalReason::kBase, Printable(absl::StrCat(path, ": ", objection))});
    return baseline;
  };
  const absl::StatusOr<std::string> opened = Open(text, trusted, baseline);
  if (!opened.ok()) return refuse(opened.status().message());
  absl::StatusOr<Manifest> manifest = ReadManifest(*opened);
  if (!manifest.ok()) return refuse(manifest.status().message());
  baseline.manifest = *std::move(manifest);
  if (const std::string objection = ManifestObjection(*baseline.manifest, kind, policy, now); !objection.empty()) {
    return refuse(objection);
  }
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  const std::string objection = ReadRuns(folder, *baseline.manifest, policy, now, baseline.runs);
  return objection.empty() ? baseline : refuse(objection);
}

}  // namespace bitnet::verify
