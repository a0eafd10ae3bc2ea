// A baseline's manifest: which receipts it consists of, of which machine, model and workload, and until when it may be
// used. It lies in a folder with its receipts.
//
//   {"manifest_version": "1", "created": "2026-11-21T08:00:00Z", "expires": "2026-12-21T08:00:00Z",
//    "machine": <64 hex digits>, "model": <64 hex digits>, "workload": <64 hex digits>,
//    "receipts": [{"file": "run-01.json", "sha256": <64 hex digits>}, ...], "root": <64 hex digits>}
//
// A receipt that is edited, left out, added or moved changes the root. Who made the manifest is said by an envelope
// around it (verify/compare/manifest_envelope.h), or by nobody.

#ifndef VERIFY_COMPARE_MANIFEST_H_
#define VERIFY_COMPARE_MANIFEST_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "verify/compare/measured_run.h"

namespace bitnet::verify {

// 60 receipts need 8 KiB.
inline constexpr size_t kMaxManifestBytes = 16 * 1024;
inline constexpr size_t kMaxManifestReceipts = 60;

struct ManifestEntry {
  std::string file;    // a name in the manifest's own folder
  std::string sha256;  // 64 lower-case hexadecimal digits

  friend bool operator==(const ManifestEntry& a, const ManifestEntry& b) = default;
};

// A value type; times are whole seconds.
struct Manifest {
  absl::Time created;
  absl::Time expires;                   // later than created
  std::string machine;                  // MachineFingerprint
  std::string model;                    // ternary digest
  std::string workload;                 // WorkloadDigest
  std::vector<ManifestEntry> receipts;  // 2 to kMaxManifestReceipts, files and digests distinct

  friend bool operator==(const Manifest& a, const Manifest& b) = default;
};

// SHA-256 over what a run was asked to do: workload, schedule and threads.
std::string WorkloadDigest(const MeasuredRun& run);

// RFC 6962 root over the digests, which are 64 hexadecimal digits each, in their order; in hexadecimal.
std::string ManifestRoot(std::span<const ManifestEntry> receipts);

// Of runs that are comparable with each other, whose sources are the names of files in one folder. InvalidArgument when
// the result were none that ReadManifest would take.
absl::StatusOr<Manifest> MakeManifest(std::span<const MeasuredRun> runs, absl::Time now, absl::Duration lifetime);

// Pretty JSON.
std::string WriteManifest(const Manifest& manifest);

// Strict: the members above and no other, and the root is that of the receipts. InvalidArgument says where and what was
// expected. Whether the manifest has expired is the caller's question.
absl::StatusOr<Manifest> ReadManifest(std::string_view text);

}  // namespace bitnet::verify

#endif  // VERIFY_COMPARE_MANIFEST_H_
