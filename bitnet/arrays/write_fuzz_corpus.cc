// Writes the seeds of the two fuzz targets here: bazel run //bitnet/arrays:write_fuzz_corpus -- NPY_FOLDER TRACE_FOLDER

#include <cstdint>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "bitnet/arrays/array_view.h"
#include "bitnet/arrays/npy.h"
#include "bitnet/arrays/trace_header.h"
#include "bitnet/base/atomic_file.h"

namespace bitnet {
namespace {

using Seeds = std::vector<std::pair<std::string, std::string>>;

// A file of the given version and header text.
std::string Npy(int version, const std::string& header, size_t data_bytes) {
  std::string file = absl::StrCat("\x93NUMPY", std::string(1, static_cast<char>(version)), std::string(1, '\0'));
  for (int i = 0; i < (version == 1 ? 2 : 4); ++i) file.push_back(static_cast<char>(header.size() >> (8 * i)));
  return absl::StrCat(file, header, std::string(data_bytes, '\x01'));
}

Seeds NpySeeds() {
  Seeds seeds;
  for (const Dtype dtype : {Dtype::kF16, Dtype::kF32, Dtype::kF64, Dtype::kI32, Dtype::kI64}) {
    const std::vector<uint64_t> shape = {2, 3};
    seeds.push_back({absl::StrCat("valid_", DtypeName(dtype).substr(1)),
                     NpyPreamble(dtype, shape) + std::string(6 * DtypeBytes(dtype), '\x01')});
  }
  const std::string good = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }\n";
  const auto with = [&](const std::string& from, const std::string& to) {
    return absl::StrReplaceAll(good, {{from, to}});
  };
  seeds.push_back({"valid_version_2", Npy(2, good, 24)});
  seeds.push_back({"valid_version_3", Npy(3, good, 24)});
  seeds.push_back({"valid_ids", Npy(1, "{'descr':'<i8','fortran_order':False,'shape':(3,)}", 24)});
  seeds.push_back({"valid_scalar", Npy(1, with("(2, 3)", "()"), 4)});
  seeds.push_back({"valid_empty", Npy(1, with("(2, 3)", "(0, 3)"), 0)});
  seeds.push_back({"valid_python_2", Npy(1, with("(2, 3)", "(2L, 3L)"), 24)});
  seeds.push_back({"version_4", Npy(4, good, 24)});
  seeds.push_back({"fortran", Npy(1, with("False", "True"), 24)});
  seeds.push_back({"big_endian", Npy(1, with("<f4", ">f4"), 24)});
  seeds.push_back({"object", Npy(1, with("<f4", "|O"), 24)});
  seeds.push_back({"structured", Npy(1, with("'<f4'", "[('a', '<f4')]"), 24)});
  seeds.push_back({"shape_huge", Npy(1, with("(2, 3)", "(999999999999999, 999999999999999, 999999999999999)"), 24)});
  seeds.push_back({"shape_digits", Npy(1, with("(2, 3)", "(99999999999999999999999,)"), 24)});
  seeds.push_back({"shape_negative", Npy(1, with("(2, 3)", "(-2, 3)"), 24)});
  seeds.push_back({"shape_no_tuple", Npy(1, with("(2, 3)", "(6)"), 24)});
  seeds.push_back({"dims_nine", Npy(1, with("(2, 3)", "(1,1,1,1,1,1,1,1,6)"), 24)});
  seeds.push_back({"member_twice", Npy(1, with("'shape'", "'descr': '<f4', 'shape'"), 24)});
  seeds.push_back({"member_missing", Npy(1, "{'descr': '<f4', 'shape': (6,)}", 24)});
  seeds.push_back({"member_unknown", Npy(1, with("'shape'", "'size'"), 24)});
  seeds.push_back({"string_open", Npy(1, "{'descr: <f4", 24)});
  seeds.push_back({"after_header", Npy(1, good + "x", 24)});
  seeds.push_back({"data_short", Npy(1, good, 23)});
  seeds.push_back({"data_long", Npy(1, good, 25)});
  seeds.push_back({"header_length_lie", Npy(1, good, 0).replace(8, 2, "\xff\x1f")});
  seeds.push_back({"header_length_huge", Npy(2, good, 24).replace(8, 4, "\xff\xff\xff\xff")});
  seeds.push_back({"magic", "\x93NUMPZ"});
  return seeds;
}

Seeds TraceSeeds() {
  TraceHeader header;
  header.data = "a.f32";
  header.data_bytes = 56;
  header.producer = "xtask";
  header.model = "tiny";
  header.ids = {1, 2, 3};
  header.records = {{.id = {0, "q"}, .first_position = 1, .rows = 2, .width = 4, .offset = 0},
                    {.id = {{}, "logits"}, .first_position = 0, .rows = 3, .width = 2, .offset = 32}};
  header.records[0].sha256 = std::string(64, 'a');
  const std::string good = WriteTraceHeader(header);
  Seeds seeds = {{"valid", good}};
  const auto add = [&](const std::string& name, const std::string& from, const std::string& to) {
    seeds.push_back({name, absl::StrReplaceAll(good, {{from, to}})});
  };
  add("format", "bitnet-trace", "other");
  add("version", "\"version\": 1", "\"version\": 2");
  add("data_elsewhere", "a.f32", "../a.f32");
  add("data_short", "\"data_bytes\": 56", "\"data_bytes\": 55");
  add("data_negative", "\"data_bytes\": 56", "\"data_bytes\": -1");
  add("bytes_lie", "\"bytes\": 24", "\"bytes\": 20");
  add("offset_outside", "\"offset\": 32", "\"offset\": 36");
  add("offset_odd", "\"offset\": 32", "\"offset\": 31");
  add("overlap", "\"offset\": 32", "\"offset\": 28");
  add("name_lie", "layer.0.q", "layer.1.q");
  add("layer_fraction", "\"layer\": 0", "\"layer\": 0.5");
  add("dtype", "f32\"", "f64\"");
  add("sha256", "aaaa\"", "AAAA\"");
  add("op_space", "\"op\": \"q\"", "\"op\": \"q \"");
  add("id_negative", "2,", "-2,");
  add("member_twice", "\"format\"", "\"data\": \"b.f32\", \"format\"");
  seeds.push_back({"shape_huge",
                   R"({"format":"bitnet-trace","version":1,"data":"a","data_bytes":64,"records":[{"name":"q","op":"q",)"
                   R"("first_position":0,"shape":[1000000000,18446744073709551615],"dtype":"f32","offset":0,)"
                   R"("bytes":4}]})"});
  seeds.push_back({"records_none", R"({"format":"bitnet-trace","version":1,"data":"a","data_bytes":0,"records":[]})"});
  seeds.push_back({"truncated", good.substr(0, good.size() / 2)});
  seeds.push_back({"array", "[]"});
  seeds.push_back({"name", "layer.12.attention"});
  return seeds;
}

absl::Status WriteSeeds(const std::string& folder, const std::string& suffix, const Seeds& seeds) {
  for (const auto& [name, bytes] : seeds) {
    const absl::Status status = WriteFileAtomically(absl::StrCat(folder, "/", name, suffix), bytes);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace
}  // namespace bitnet

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: write_fuzz_corpus NPY_FOLDER TRACE_FOLDER\n");
    return 2;
  }
  absl::Status status = bitnet::WriteSeeds(argv[1], ".npy", bitnet::NpySeeds());
  if (status.ok()) status = bitnet::WriteSeeds(argv[2], ".json", bitnet::TraceSeeds());
  if (!status.ok()) std::fprintf(stderr, "%s\n", status.ToString().c_str());
  return status.ok() ? 0 : 1;
}
