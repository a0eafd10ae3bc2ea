// The tables of kernels.md are the catalog: every op and every kernel, in its order, and nothing else.

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "bitnet/base/cpu_features.h"
#include "bitnet/kernels/catalog/catalog.h"
#include "docs/markdown.h"
#include "gtest/gtest.h"

namespace bitnet::docs {
namespace {

using Rows = std::vector<std::vector<std::string>>;

std::string Code(std::string_view text) { return absl::StrCat("`", text, "`"); }

std::string_view RowsName(RowClass rows) {
  switch (rows) {
    case RowClass::kAny:
      return "any";
    case RowClass::kOne:
      return "one";
    case RowClass::kMany:
      return "many";
  }
  return "";
}

// The first `columns` cells of each row: what the catalog knows. Cells after them are prose.
Rows FirstCells(const Rows& rows, size_t columns) {
  Rows first;
  for (const std::vector<std::string>& row : rows) {
    first.emplace_back(row.begin(), row.begin() + static_cast<std::ptrdiff_t>(std::min(columns, row.size())));
  }
  return first;
}

std::string Markdown(const Rows& rows) {
  std::string out;
  for (const std::vector<std::string>& row : rows) absl::StrAppend(&out, "| ", absl::StrJoin(row, " | "), " |\n");
  return out;
}

Rows DocumentedRows(std::string_view heading, size_t columns) {
  return FirstCells(TableRows(Section(ReadDocument("docs/kernels.md"), heading)), columns);
}

TEST(KernelsTest, TheTableOfOpsIsOpsDef) {
  Rows expected;
#define OP(symbol, id) expected.push_back({Code(#id), Code("k" #symbol)});
#include "bitnet/kernels/catalog/ops.def"
#undef OP
  EXPECT_EQ(DocumentedRows("## Operations", 2), expected)
      << "docs/kernels.md, section Operations, must begin its rows with:\n"
      << Markdown(expected);
}

TEST(KernelsTest, TheTableOfKernelsIsKernelsDef) {
  Rows expected;
  for (const KernelInfo& kernel : KernelTable()) {
    expected.push_back({Code(kernel.id), Code(OpReceiptId(kernel.op)), std::string(RowsName(kernel.rows)),
                        std::string(IsaName(kernel.isa))});
  }
  EXPECT_EQ(DocumentedRows("## Kernels", 4), expected)
      << "docs/kernels.md, section Kernels, must begin its rows with:\n"
      << Markdown(expected);
}

}  // namespace
}  // namespace bitnet::docs
