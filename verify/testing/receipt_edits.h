// Refused receipts as data: an honest receipt and a list of edits. The grammar is at the head of
// testdata/receipts/edits_l0.txt.

#ifndef VERIFY_TESTING_RECEIPT_EDITS_H_
#define VERIFY_TESTING_RECEIPT_EDITS_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bitnet/commitment/commitment_file.h"
#include "bitnet/receipt/json_value.h"

namespace bitnet::verify {

// One fixture: its name without ".json", and the edits that make it.
struct FixtureRecipe {
  std::string name;                // "fail_L0-PATH_capital"
  std::string base;                // the fixture it starts from, "pass_honest" unless a `from` line says otherwise
  std::vector<std::string> edits;  // "set /compute_path \"Real\""
  // What it is audited with, when that is not the usual (fixture_context.h): "challenge none".
  std::vector<std::string> context;
};

// InvalidArgument with the line number for anything that does not fit the grammar.
absl::StatusOr<std::vector<FixtureRecipe>> ParseRecipes(std::string_view text);

// The rule that a fixture's name says must refuse it: "L0-PATH"; empty for other names.
std::string ExpectedRule(std::string_view fixture_name);

// Applies `edits` in order to the JSON text of a receipt or of the envelope around one. Every edit must find what it
// changes. `commitment` is what the edit `commit` takes the roots of.
absl::StatusOr<std::string> ApplyEdits(std::string_view base_text, const std::vector<std::string>& edits,
                                       const Commitment* commitment = nullptr);

// Removes the member or item at `path` (JSON pointer). NotFound when there is none.
absl::Status RemoveAt(JsonValue& root, std::string_view path);

}  // namespace bitnet::verify

#endif  // VERIFY_TESTING_RECEIPT_EDITS_H_
