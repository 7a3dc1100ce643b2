// Trust anchors: which keys of a file are in force, and the file the library keeps (RFC 5011), made and refused.
#include "adapters/unbound/trust_anchor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "resolver_help.h"

namespace heloguard {
namespace {

using namespace heloguard::testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const char kDs[] = ". IN DS 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D";
const char kOtherDs[] = "example.com. IN DS 1 13 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D";

// A folder that goes with everything in it.
class Folder {
 public:
  Folder() : path_(FreshPath("anchors")) { std::filesystem::create_directory(path_); }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  [[nodiscard]] std::string operator/(std::string_view name) const { return path_ + "/" + std::string(name); }
  [[nodiscard]] std::vector<std::string> Names() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(path_)) names.push_back(entry.path().filename());
    return names;
  }

 private:
  std::string path_;
};

std::string ErrorOf(const Settings::Dns& settings) {
  const auto found = FindTrustAnchor(settings);
  if (found.ok()) return "no error";
  EXPECT_EQ(found.error().kind, ErrorKind::kConfig);
  return found.error().message;
}

TEST(TrustAnchor, OwnersOfAZoneFile) {
  EXPECT_THAT(AnchorsOf(kDs), ElementsAre(Name(".")));
  EXPECT_THAT(AnchorsOf("; . IN DS comment\nexample.com. 300 IN DNSKEY 257 3 13 abc ;{id}\nexample.com. DS 1 13 2 00\n"
                        "example.net. IN A 192.0.2.1\n"),
              ElementsAre(Name("example.com")));
  EXPECT_THAT(AnchorsOf("\xFF\xFE\0 DS"), IsEmpty());
}

// RFC 5011 section 4: a key is trusted while it is valid or missing; not while it waits, is revoked or was removed.
TEST(TrustAnchor, KeysInForceOfAFileTheLibraryKeeps) {
  const auto line = [](const char* key, const char* state) {
    return std::string(". 300 IN DNSKEY 257 3 13 ") + key + " ;{id = 1 (ksk)} ;;state=" + state + " ;;count=0\n";
  };
  EXPECT_THAT(
      KeysInForce("; autotrust trust anchor file\n;;id: . 1\n;;query_interval: 3600\n" + line("start", "0 [ START ]") +
                  line("waits", "1 [ ADDPEND ]") + line("valid", "2 [  VALID  ]") + line("missing", "3 [ MISSING ]") +
                  line("revoked", "4 [ REVOKED ]") + line("removed", "5 [ REMOVED ]") + line("broken", "")),
      ElementsAre(". 300 IN DNSKEY 257 3 13 valid ", ". 300 IN DNSKEY 257 3 13 missing "));
  EXPECT_THAT(AnchorsOf(line("waits", "1 [ ADDPEND ]")), IsEmpty());
}

TEST(TrustAnchor, TheKeptFileIsMadeOnceAndWinsAfterwards) {
  const Folder folder;
  const TextFile source(std::string("; comment\n\n") + kDs + " ; the root\n");
  Settings::Dns settings;
  settings.trust_anchor = source.path();
  settings.auto_trust_anchor = folder / "root.key";
  auto found = FindTrustAnchor(settings);
  ASSERT_TRUE(found.ok()) << found.error().message;
  EXPECT_EQ(found.value().file, folder / "root.key");
  EXPECT_TRUE(found.value().kept);
  EXPECT_EQ(Slurp(folder / "root.key"), std::string(kDs) + " \n");
  EXPECT_THAT(folder.Names(), ElementsAre("root.key"));
  struct stat mode {};
  ASSERT_EQ(stat((folder / "root.key").c_str(), &mode), 0);
  EXPECT_EQ(mode.st_mode & 0777U, 0644U);

  std::ofstream(folder / "root.key") << kOtherDs << "\n";
  settings.trust_anchor = "/nonexistent/root.key";
  ASSERT_TRUE(FindTrustAnchor(settings).ok());
  EXPECT_EQ(Slurp(folder / "root.key"), std::string(kOtherDs) + "\n");
}

TEST(TrustAnchor, ErrorsAboutTheKeptFileNameTheSetting) {
  const Folder folder;
  Settings::Dns settings;
  settings.auto_trust_anchor = "/nonexistent/folder/root.key";
  EXPECT_EQ(ErrorOf(settings),
            "dns.auto_trust_anchor: cannot write into /nonexistent/folder: No such file or directory");
  settings.auto_trust_anchor = "/proc/root.key";  // for whoever: no file is made there
  EXPECT_THAT(ErrorOf(settings), HasSubstr("dns.auto_trust_anchor: cannot write"));

  settings.auto_trust_anchor = folder / "root.key";
  settings.trust_anchor = "/nonexistent/root.key";
  EXPECT_THAT(ErrorOf(settings), HasSubstr("dns.trust_anchor: cannot read /nonexistent/root.key"));
  const TextFile two(std::string(kDs) + "\n" + kOtherDs + "\n");
  settings.trust_anchor = two.path();
  EXPECT_EQ(ErrorOf(settings),
            "dns.auto_trust_anchor: " + two.path() + " holds keys of several zones, and only one zone's can be kept");
  EXPECT_THAT(folder.Names(), IsEmpty());

  std::ofstream(folder / "root.key") << ". 300 IN DNSKEY 257 3 13 abc ;;state=4 [ REVOKED ]\n";
  EXPECT_EQ(ErrorOf(settings), "dns.auto_trust_anchor: no key in force in " + (folder / "root.key") +
                                   ": remove it, and it is made again from dns.trust_anchor");
}

}  // namespace
}  // namespace heloguard
