#include "xtask/sbom.h"

#include <set>
#include <string>
#include <vector>

#include "bitnet/receipt/json_reader.h"
#include "bitnet/receipt/json_value.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace bitnet::xtask {
namespace {

using testing::MatchesRegex;

const std::string kMit =
    "Permission is hereby granted, free of charge, to deal in the Software without restriction; the above copyright "
    "notice and this permission notice";

std::vector<ThirdPartySource> Sources() {
  return {{"some_lib", "linked", "some-lib", "some-lib_1.2.orig.tar.gz", std::string(64, 'a'), {{"LICENSE", kMit}}},
          {"other.lib", "tests", "other", "other_3.orig.tar.xz", std::string(64, 'b'), {}}};
}

JsonValue Sbom(absl::Time created = absl::FromUnixSeconds(1'800'000'000)) {
  return *ParseJsonText(SpdxJson({"0.1.0", "abc", std::string(64, 'c'), "Apache-2.0", created}, Sources()));
}

TEST(SbomTest, HasTheMembersThatSpdxDemands) {
  const JsonValue sbom = Sbom();
  EXPECT_EQ(sbom.AtPath("/spdxVersion")->string(), "SPDX-2.3");
  EXPECT_EQ(sbom.AtPath("/dataLicense")->string(), "CC0-1.0");
  EXPECT_EQ(sbom.AtPath("/SPDXID")->string(), "SPDXRef-DOCUMENT");
  EXPECT_EQ(sbom.AtPath("/creationInfo/created")->string(), "2027-01-15T08:00:00Z");
  EXPECT_EQ(sbom.AtPath("/creationInfo/creators/0")->string(), "Tool: xtask-0.1.0");
  EXPECT_THAT(sbom.AtPath("/documentNamespace")->string(),
              MatchesRegex("urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"));
  std::set<std::string> ids;
  for (const JsonValue& package : sbom.Find("packages")->array()) {
    for (const char* name : {"SPDXID", "name", "downloadLocation", "licenseConcluded", "licenseDeclared",
                             "copyrightText", "versionInfo"}) {
      ASSERT_NE(package.Find(name), nullptr) << name;
      EXPECT_NE(package.Find(name)->string(), "") << name;
    }
    EXPECT_THAT(package.Find("SPDXID")->string(), MatchesRegex("SPDXRef-[A-Za-z0-9.-]+"));
    EXPECT_TRUE(ids.insert(package.Find("SPDXID")->string()).second);
  }
  for (const JsonValue& relationship : sbom.Find("relationships")->array()) {
    for (const char* end : {"spdxElementId", "relatedSpdxElement"}) {
      const std::string& id = relationship.Find(end)->string();
      EXPECT_TRUE(id == "SPDXRef-DOCUMENT" || ids.contains(id)) << id;
    }
  }
}

TEST(SbomTest, EverySourceIsAPackageWithItsPinAndLicence) {
  const JsonValue sbom = Sbom();
  ASSERT_EQ(sbom.Find("packages")->array().size(), 4u) << "the program, two sources, the system's OpenSSL";
  EXPECT_EQ(sbom.AtPath("/packages/0/checksums/0/checksumValue")->string(), std::string(64, 'c'));
  EXPECT_EQ(sbom.AtPath("/packages/0/licenseDeclared")->string(), "Apache-2.0");
  EXPECT_EQ(sbom.AtPath("/packages/1/SPDXID")->string(), "SPDXRef-some-lib");
  EXPECT_EQ(sbom.AtPath("/packages/1/name")->string(), "some-lib");
  EXPECT_EQ(sbom.AtPath("/packages/1/versionInfo")->string(), "1.2");
  EXPECT_EQ(sbom.AtPath("/packages/1/packageFileName")->string(), "some-lib_1.2.orig.tar.gz");
  EXPECT_EQ(sbom.AtPath("/packages/1/checksums/0/checksumValue")->string(), std::string(64, 'a'));
  EXPECT_EQ(sbom.AtPath("/packages/1/licenseConcluded")->string(), "MIT");
  EXPECT_EQ(sbom.AtPath("/packages/2/licenseConcluded")->string(), "NOASSERTION");
  EXPECT_THAT(sbom.AtPath("/packages/3/versionInfo")->string(), MatchesRegex("3\\..*"));
}

TEST(SbomTest, SourcesAreRelatedByTheirUse) {
  std::vector<ThirdPartySource> sources = Sources();
  sources.push_back({"tool", "build", "tool", "tool_1.orig.tar.xz", std::string(64, 'd'), {}});
  const JsonValue sbom = *ParseJsonText(SpdxJson({"0.1.0", "abc", std::string(64, 'c'), "", {}}, sources));
  std::vector<std::string> found;
  for (const JsonValue& relationship : sbom.Find("relationships")->array()) {
    found.push_back(relationship.Find("spdxElementId")->string() + " " +
                    relationship.Find("relationshipType")->string() + " " +
                    relationship.Find("relatedSpdxElement")->string());
  }
  EXPECT_THAT(found, testing::ElementsAre("SPDXRef-DOCUMENT DESCRIBES SPDXRef-xtask",
                                          "SPDXRef-xtask DEPENDS_ON SPDXRef-some-lib",
                                          "SPDXRef-other.lib TEST_DEPENDENCY_OF SPDXRef-xtask",
                                          "SPDXRef-tool BUILD_DEPENDENCY_OF SPDXRef-xtask",
                                          "SPDXRef-xtask DYNAMIC_LINK SPDXRef-system-openssl"));
  EXPECT_EQ(sbom.AtPath("/packages/0/licenseDeclared")->string(), "NOASSERTION");
}

// Names from outside: identifiers keep to SPDX's letters, and texts to JSON's.
TEST(SbomTest, HostileNamesStayText) {
  std::vector<ThirdPartySource> sources = Sources();
  sources[0].name = "a/b c\"\n<x>";
  sources[0].package = "\"},{\"evil\": \"\x1b";
  const JsonValue sbom = *ParseJsonText(SpdxJson({"0.1.0", "abc", std::string(64, 'c'), "MIT", {}}, sources));
  EXPECT_EQ(sbom.AtPath("/packages/1/SPDXID")->string(), "SPDXRef-a-b-c---x-");
  EXPECT_EQ(sbom.AtPath("/packages/1/name")->string(), sources[0].package);
  EXPECT_EQ(sbom.Find("packages")->array().size(), 4u);
}

TEST(SbomTest, LicenceFilesThatDisagreeAssertNothing) {
  ThirdPartySource source = Sources()[0];
  EXPECT_EQ(SourceLicence(source), "MIT");
  source.licences.push_back({"COPYING", kMit});
  EXPECT_EQ(SourceLicence(source), "MIT");
  source.licences.push_back({"NOTICE", "something else"});
  EXPECT_EQ(SourceLicence(source), "NOASSERTION");
}

TEST(SbomTest, TheNamespaceIsThatOfItsContent) {
  EXPECT_EQ(*Sbom().Find("documentNamespace"), *Sbom().Find("documentNamespace"));
  EXPECT_NE(Sbom(absl::FromUnixSeconds(1)).Find("documentNamespace")->string(),
            Sbom().Find("documentNamespace")->string());
}

}  // namespace
}  // namespace bitnet::xtask
