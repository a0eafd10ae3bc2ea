#include "xtask/third_party.h"

#include <fstream>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "xtask/gate_run.h"
#include "xtask/source_checks.h"

namespace bitnet::xtask {
namespace {

using testing::Contains;
using testing::HasSubstr;

std::vector<ThirdPartySource> Sources() {
  const auto sources = ReadInventory(InventoryText());
  EXPECT_TRUE(sources.ok()) << sources.status();
  return *sources;
}

// The repositories that the shipped programs depend on are those that the inventory calls linked, or tools of the
// build.
TEST(ThirdPartyTest, TheInventorySaysWhatIsLinked) {
  std::map<std::string, std::string> use_of;
  for (const ThirdPartySource& source : Sources()) use_of[source.name] = source.use;
  // What Bazel and the machine bring and our own repositories, none of which has code in the programs.
  const std::set<std::string> not_sources = {
      "bazel_tools",     "local_config_cc", "local_config_cc_toolchains", "local_config_platform",
      "local_config_sh", "platforms",       "remote_coverage_tools",      "rules_cc",
      "rules_java",      "rules_proto",     "third_party_inventory"};
  std::ifstream file("xtask/shipped_repositories");
  std::set<std::string> linked;
  for (std::string label; std::getline(file, label);) {
    if (label.rfind('@', 0) != 0) continue;
    const std::string repository = label.substr(1, label.find("//") - 1);
    if (not_sources.contains(repository)) continue;
    ASSERT_TRUE(use_of.contains(repository)) << label << " is in no inventory: add it to third_party/deps.bzl";
    EXPECT_NE(use_of[repository], "tests") << label;
    if (use_of[repository] == "linked") linked.insert(repository);
  }
  for (const auto& [name, use] : use_of) {
    if (use != "linked") continue;
    EXPECT_THAT(linked, Contains(name)) << "nothing that is shipped depends on it";
  }
}

TEST(ThirdPartyTest, EverySourceIsPinnedAndHasALicenceThatIsKnown) {
  EXPECT_GE(Sources().size(), 8u);
  for (const ThirdPartySource& source : Sources()) {
    EXPECT_EQ(source.sha256.size(), 64u) << source.name;
    EXPECT_NE(SourceVersion(source), "") << source.filename;
    EXPECT_FALSE(source.licences.empty()) << source.name;
    for (const LicenceFile& file : source.licences) EXPECT_NE(IdentifyLicence(file.text), "") << source.name;
  }
  EXPECT_EQ(IdentifyLicence(OwnLicenceText()), "Apache-2.0");
}

TEST(ThirdPartyTest, VersionsAreInTheNamesOfTarballs) {
  const auto version = [](const char* filename) { return SourceVersion({"", "", "", filename, "", {}}); };
  EXPECT_EQ(version("abseil_20240722.0.orig.tar.gz"), "20240722.0");
  EXPECT_EQ(version("cli11_2.4.1+ds.orig.tar.xz"), "2.4.1+ds");
  EXPECT_EQ(version("abseil.tar.gz"), "");
  EXPECT_EQ(version("abseil_.orig.tar.gz"), "");
  EXPECT_EQ(version(".orig.tar._gz"), "");
}

TEST(ThirdPartyTest, LicencesAreKnownByTheirPhrases) {
  const std::string bsd =
      "Redistribution and use in source and binary\n * forms are permitted. Redistributions of source code must retain "
      "the above copyright notice. Redistributions in binary form must reproduce the above\ncopyright notice.";
  EXPECT_EQ(IdentifyLicence(bsd), "BSD-2-Clause");
  EXPECT_EQ(IdentifyLicence(bsd + " Neither the\n// name of"), "BSD-3-Clause");
  EXPECT_EQ(
      IdentifyLicence("Permission is hereby granted, free of charge, to deal in the Software without restriction; "
                      "the above copyright notice and this permission notice"),
      "MIT");
  EXPECT_EQ(IdentifyLicence("Apache License"), "");
  EXPECT_EQ(IdentifyLicence("GNU GENERAL PUBLIC LICENSE"), "");
  EXPECT_EQ(IdentifyLicence(""), "");
}

TEST(ThirdPartyTest, WhatIsNoInventoryIsRefused) {
  EXPECT_TRUE(ReadInventory("[]").ok());
  for (
      const char* text :
      {"", "{}", "[1]", R"([{"name": "a"}])",
       R"([{"name": "a", "use": "linked", "package": "a", "filename": "a", "sha256": "a", "licences": {}}])",
       R"([{"name": "a", "use": "linked", "package": "a", "filename": "a", "sha256": "a", "licences": [{"file": "L"}]}])",
       R"([{"name": "a", "use": "fun", "package": "a", "filename": "a", "sha256": "a", "licences": []}])",
       R"([{"name": 1, "use": "linked", "package": "a", "filename": "a", "sha256": "a", "licences": []}])"}) {
    EXPECT_FALSE(ReadInventory(text).ok()) << text;
  }
  EXPECT_THAT(ReadInventory("[{}]").status().message(), HasSubstr("\"name\""));
}

constexpr char kMit[] =
    "Permission is hereby granted, free of charge, to deal in the Software without restriction; the above copyright "
    "notice and this permission notice";

GateRun Checked(std::vector<ThirdPartySource> sources, std::vector<std::string> allowed = DefaultAllowedLicences()) {
  GateRun run;
  run.evidence = {{"sbom.spdx.json", "00"}};
  CheckSources(sources, allowed, run);
  return run;
}

// The id of the one check that failed.
std::string Failure(const GateRun& run) {
  EXPECT_EQ(run.Count(GateOutcome::kFailed), 1u);
  EXPECT_EQ(run.conclusion(), GateConclusion::kFailure);
  for (const GateCheck& check : run.checks) {
    if (check.outcome == GateOutcome::kFailed) return check.id;
  }
  return "";
}

TEST(SourceChecksTest, WhatIsShippedPasses) {
  const GateRun run = Checked(Sources());
  EXPECT_EQ(run.conclusion(), GateConclusion::kSuccess) << run.Count(GateOutcome::kFailed);
  EXPECT_EQ(run.checks.size(), 2 * Sources().size());
}

TEST(SourceChecksTest, ASourceWithoutPinOrLicenceFails) {
  const ThirdPartySource good = {
      "lib", "linked", "lib", "lib_1.orig.tar.gz", std::string(64, 'a'), {{"LICENSE", kMit}}};
  EXPECT_EQ(Checked({good}).conclusion(), GateConclusion::kSuccess);
  for (const std::string& sha256 : {std::string(), std::string(63, 'a'), std::string(64, 'A'), std::string(64, 'g')}) {
    ThirdPartySource source = good;
    source.sha256 = sha256;
    EXPECT_EQ(Failure(Checked({good, source})), "pin.lib") << sha256;
  }
  ThirdPartySource unversioned = good;
  unversioned.filename = "lib.tar.gz";
  EXPECT_EQ(Failure(Checked({unversioned})), "pin.lib");
  ThirdPartySource silent = good;
  silent.licences.clear();
  EXPECT_EQ(Failure(Checked({silent})), "licence.lib");
  EXPECT_EQ(Failure(Checked({silent}, {"NOASSERTION"})), "licence.lib") << "nothing said is nothing allowed";
  ThirdPartySource copyleft = good;
  copyleft.licences[0].text = "GNU GENERAL PUBLIC LICENSE";
  EXPECT_EQ(Failure(Checked({copyleft})), "licence.lib");
  EXPECT_EQ(Failure(Checked({good}, {"Apache-2.0"})), "licence.lib") << "a licence that is not allowed";
}

TEST(SourceChecksTest, NoSourcesAreNothingMeasured) { EXPECT_EQ(Checked({}).conclusion(), GateConclusion::kNeutral); }

}  // namespace
}  // namespace bitnet::xtask
