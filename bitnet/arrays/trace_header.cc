#include "bitnet/arrays/trace_header.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "bitnet/arrays/array_view.h"
#include "bitnet/base/status_macros.h"
#include "bitnet/receipt/json_reader.h"
#include "bitnet/receipt/json_value.h"
#include "bitnet/receipt/json_writer.h"

namespace bitnet {
namespace {

constexpr char kFormat[] = "bitnet-trace";
constexpr uint64_t kVersion = 1;
constexpr int64_t kMaxLayer = 1 << 20;
constexpr int64_t kMaxPosition = 1 << 30;
constexpr std::string_view kLayerPrefix = "layer.";

absl::Status Wrong(std::string_view path, std::string_view expected, std::string_view got) {
  return absl::InvalidArgumentError(absl::StrCat("trace header, ", path.empty() ? "the whole" : path, ": expected ",
                                                 expected, ", got ", absl::CHexEscape(got.substr(0, kMaxTraceText))));
}

// The members of one object, each asked for once and refused when it stands there twice.
class Members {
 public:
  static absl::StatusOr<Members> Of(const JsonValue& value, std::string path) {
    if (!value.is_object()) return Wrong(path, "an object", JsonKindName(value.kind()));
    absl::flat_hash_set<std::string_view> names;
    for (const JsonMember& member : value.object()) {
      if (!names.insert(member.name).second) return Wrong(ChildPath(path, member.name), "one value", "two");
    }
    return Members(value, std::move(path));
  }

  const JsonValue* Find(std::string_view name) const { return value_->Find(name); }
  std::string Path(std::string_view name) const { return ChildPath(path_, name); }

  absl::StatusOr<uint64_t> Uint(std::string_view name, uint64_t limit) const {
    const JsonValue* value = Find(name);
    const std::string expected = absl::StrCat("an integer in 0..", limit);
    if (value == nullptr) return Wrong(Path(name), expected, "nothing");
    const std::optional<uint64_t> number = value->AsUint64();
    if (!number) return Wrong(Path(name), expected, JsonKindName(value->kind()));
    if (*number > limit) return Wrong(Path(name), expected, absl::StrCat(*number));
    return *number;
  }

  absl::StatusOr<std::string> Text(std::string_view name, bool optional) const {
    const JsonValue* value = Find(name);
    if (value == nullptr && optional) return std::string();
    if (value == nullptr) return Wrong(Path(name), "a string", "nothing");
    if (!value->is_string()) return Wrong(Path(name), "a string", JsonKindName(value->kind()));
    if (value->string().size() > kMaxTraceText) {
      return Wrong(Path(name), absl::StrCat("at most ", kMaxTraceText, " bytes"), absl::StrCat(value->string().size()));
    }
    return value->string();
  }

  absl::Status Exactly(std::string_view name, std::string_view expected) const {
    BITNET_ASSIGN_OR_RETURN(const std::string got, Text(name, /*optional=*/false));
    if (got == expected) return absl::OkStatus();
    return Wrong(Path(name), absl::StrCat("\"", expected, "\""), got);
  }

  // Empty when it is missing and may be.
  absl::StatusOr<JsonValue::Array> Array(std::string_view name, bool optional) const {
    const JsonValue* value = Find(name);
    if (value == nullptr && optional) return JsonValue::Array();
    if (value == nullptr) return Wrong(Path(name), "an array", "nothing");
    if (!value->is_array()) return Wrong(Path(name), "an array", JsonKindName(value->kind()));
    return value->array();
  }

 private:
  Members(const JsonValue& value, std::string path) : value_(&value), path_(std::move(path)) {}

  const JsonValue* value_;
  std::string path_;
};

bool IsOpName(std::string_view op) {
  const auto allowed = [](char c) { return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_'; };
  return !op.empty() && op.size() <= 64 && std::all_of(op.begin(), op.end(), allowed);
}

// A file beside the header, never a path elsewhere.
bool IsFileName(std::string_view name) {
  return !name.empty() && name != "." && name != ".." && !absl::StrContains(name, '/') &&
         !absl::StrContains(name, '\0');
}

bool IsSha256(std::string_view hex) {
  const auto allowed = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  return hex.size() == 64 && std::all_of(hex.begin(), hex.end(), allowed);
}

absl::StatusOr<RecordId> ParseId(const Members& members) {
  BITNET_ASSIGN_OR_RETURN(const std::string name, members.Text("name", /*optional=*/false));
  RecordId id;
  BITNET_ASSIGN_OR_RETURN(id.op, members.Text("op", /*optional=*/false));
  if (!IsOpName(id.op)) return Wrong(members.Path("op"), "1 to 64 of A-Z a-z 0-9 _", id.op);
  if (const JsonValue* layer = members.Find("layer"); layer != nullptr && !layer->is_null()) {
    BITNET_ASSIGN_OR_RETURN(const uint64_t number, members.Uint("layer", kMaxLayer));
    id.layer = static_cast<int64_t>(number);
  }
  if (id.Name() != name) return Wrong(members.Path("name"), absl::StrCat("\"", id.Name(), "\""), name);
  return id;
}

absl::StatusOr<TraceRecord> ParseRecord(const JsonValue& value, const std::string& path, uint64_t data_bytes) {
  BITNET_ASSIGN_OR_RETURN(const Members members, Members::Of(value, path));
  TraceRecord record;
  BITNET_ASSIGN_OR_RETURN(record.id, ParseId(members));
  BITNET_RETURN_IF_ERROR(members.Exactly("dtype", "f32"));
  BITNET_ASSIGN_OR_RETURN(const uint64_t first, members.Uint("first_position", kMaxPosition));
  record.first_position = static_cast<int64_t>(first);
  BITNET_ASSIGN_OR_RETURN(const JsonValue::Array shape, members.Array("shape", /*optional=*/false));
  if (shape.size() != 2) return Wrong(members.Path("shape"), "[rows, width]", absl::StrCat(shape.size(), " numbers"));
  const std::optional<uint64_t> rows = shape[0].AsUint64(), width = shape[1].AsUint64();
  if (!rows || !width || *rows == 0 || *width == 0 || *rows > kMaxPosition) {
    return Wrong(members.Path("shape"), "two positive integers", CanonicalJson(JsonValue::MakeArray(shape)));
  }
  record.rows = *rows;
  record.width = *width;
  const uint64_t extents[] = {*rows, *width};
  BITNET_ASSIGN_OR_RETURN(const uint64_t bytes, ArrayBytes(Dtype::kF32, extents, members.Path("shape")));
  BITNET_ASSIGN_OR_RETURN(const uint64_t stated, members.Uint("bytes", data_bytes));
  if (stated != bytes) return Wrong(members.Path("bytes"), absl::StrCat(bytes), absl::StrCat(stated));
  BITNET_ASSIGN_OR_RETURN(record.offset, members.Uint("offset", data_bytes - bytes));
  if (record.offset % sizeof(float) != 0) {
    return Wrong(members.Path("offset"), "a multiple of 4", absl::StrCat(record.offset));
  }
  BITNET_ASSIGN_OR_RETURN(record.sha256, members.Text("sha256", /*optional=*/true));
  if (!record.sha256.empty() && !IsSha256(record.sha256)) {
    return Wrong(members.Path("sha256"), "64 lower-case hexadecimal digits", record.sha256);
  }
  return record;
}

absl::Status CheckDistinct(const std::vector<TraceRecord>& records) {
  absl::flat_hash_set<std::string> names;
  std::vector<const TraceRecord*> by_offset;
  for (const TraceRecord& record : records) {
    if (!names.insert(record.id.Name()).second) return Wrong("/records", "each name once", record.id.Name() + " twice");
    by_offset.push_back(&record);
  }
  std::ranges::sort(by_offset, {}, &TraceRecord::offset);
  for (size_t i = 1; i < by_offset.size(); ++i) {
    const TraceRecord &a = *by_offset[i - 1], &b = *by_offset[i];
    if (b.offset - a.offset < a.bytes()) {
      return Wrong("/records", "bytes of its own for each", absl::StrCat(a.id.Name(), " over ", b.id.Name()));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<int32_t>> ParseIds(const Members& members) {
  BITNET_ASSIGN_OR_RETURN(const JsonValue::Array values, members.Array("ids", /*optional=*/true));
  std::vector<int32_t> ids;
  for (size_t i = 0; i < values.size(); ++i) {
    const std::optional<uint64_t> id = values[i].AsUint64();
    if (!id || *id > std::numeric_limits<int32_t>::max()) {
      return Wrong(ChildPath(members.Path("ids"), i), "an integer in 0..2^31-1", CanonicalJson(values[i]));
    }
    ids.push_back(static_cast<int32_t>(*id));
  }
  return ids;
}

JsonValue RecordJson(const TraceRecord& record) {
  JsonValue::Object object;
  object.push_back({"name", JsonValue::String(record.id.Name())});
  if (record.id.layer) object.push_back({"layer", JsonValue::Int(*record.id.layer)});
  object.push_back({"op", JsonValue::String(record.id.op)});
  object.push_back({"first_position", JsonValue::Int(record.first_position)});
  object.push_back({"shape", JsonValue::MakeArray({JsonValue::Uint(record.rows), JsonValue::Uint(record.width)})});
  object.push_back({"dtype", JsonValue::String("f32")});
  object.push_back({"offset", JsonValue::Uint(record.offset)});
  object.push_back({"bytes", JsonValue::Uint(record.bytes())});
  if (!record.sha256.empty()) object.push_back({"sha256", JsonValue::String(record.sha256)});
  return JsonValue::MakeObject(std::move(object));
}

}  // namespace

std::string RecordId::Name() const { return layer ? absl::StrCat(kLayerPrefix, *layer, ".", op) : op; }

absl::StatusOr<RecordId> ParseRecordName(std::string_view name) {
  RecordId id;
  if (absl::StartsWith(name, kLayerPrefix)) {
    const std::string_view rest = name.substr(kLayerPrefix.size());
    const size_t dot = rest.find('.');
    int64_t layer = 0;
    if (dot != std::string_view::npos && absl::SimpleAtoi(rest.substr(0, dot), &layer)) id.layer = layer;
    id.op = dot == std::string_view::npos ? "" : std::string(rest.substr(dot + 1));
  } else {
    id.op = std::string(name);
  }
  // Written again it must be the same: no sign, no leading zero, no space.
  if (!IsOpName(id.op) || id.layer.value_or(0) < 0 || id.layer.value_or(0) > kMaxLayer || id.Name() != name) {
    return absl::InvalidArgumentError(absl::StrCat("name of a value: expected OP or layer.N.OP, got \"",
                                                   absl::CHexEscape(name.substr(0, kMaxTraceText)), "\""));
  }
  return id;
}

absl::StatusOr<TraceHeader> ParseTraceHeader(std::string_view text) {
  if (text.size() > kMaxTraceHeaderBytes) {
    return Wrong("", absl::StrCat("at most ", kMaxTraceHeaderBytes, " bytes"), absl::StrCat(text.size()));
  }
  const absl::StatusOr<JsonValue> json = ParseJsonText(text);
  if (!json.ok()) return absl::InvalidArgumentError(absl::StrCat("trace header: ", json.status().message()));
  BITNET_ASSIGN_OR_RETURN(const Members members, Members::Of(*json, ""));
  BITNET_RETURN_IF_ERROR(members.Exactly("format", kFormat));
  BITNET_ASSIGN_OR_RETURN(const uint64_t version, members.Uint("version", kMaxInteger));
  if (version != kVersion) return Wrong("/version", absl::StrCat(kVersion), absl::StrCat(version));
  TraceHeader header;
  BITNET_ASSIGN_OR_RETURN(header.data, members.Text("data", /*optional=*/false));
  if (!IsFileName(header.data)) return Wrong("/data", "the name of a file beside the header", header.data);
  BITNET_ASSIGN_OR_RETURN(header.data_bytes, members.Uint("data_bytes", kMaxArrayBytes));
  BITNET_ASSIGN_OR_RETURN(header.producer, members.Text("producer", /*optional=*/true));
  BITNET_ASSIGN_OR_RETURN(header.model, members.Text("model", /*optional=*/true));
  BITNET_ASSIGN_OR_RETURN(header.ids, ParseIds(members));
  BITNET_ASSIGN_OR_RETURN(const JsonValue::Array records, members.Array("records", /*optional=*/false));
  if (records.empty()) return Wrong("/records", "at least one record", "none");
  for (size_t i = 0; i < records.size(); ++i) {
    BITNET_ASSIGN_OR_RETURN(TraceRecord record, ParseRecord(records[i], ChildPath("/records", i), header.data_bytes));
    header.records.push_back(std::move(record));
  }
  BITNET_RETURN_IF_ERROR(CheckDistinct(header.records));
  return header;
}

std::string WriteTraceHeader(const TraceHeader& header) {
  JsonValue::Array ids, records;
  for (int32_t id : header.ids) ids.push_back(JsonValue::Int(id));
  for (const TraceRecord& record : header.records) records.push_back(RecordJson(record));
  JsonValue::Object object;
  object.push_back({"format", JsonValue::String(kFormat)});
  object.push_back({"version", JsonValue::Uint(kVersion)});
  if (!header.producer.empty()) object.push_back({"producer", JsonValue::String(header.producer)});
  if (!header.model.empty()) object.push_back({"model", JsonValue::String(header.model)});
  object.push_back({"data", JsonValue::String(header.data)});
  object.push_back({"data_bytes", JsonValue::Uint(header.data_bytes)});
  if (!ids.empty()) object.push_back({"ids", JsonValue::MakeArray(std::move(ids))});
  object.push_back({"records", JsonValue::MakeArray(std::move(records))});
  return WritePrettyJson(JsonValue::MakeObject(std::move(object)));
}

}  // namespace bitnet
