// What may be opened by a name, and that nothing is waited for.
#include "os/regular_file.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>

namespace heloguard {
namespace {

class RegularFile : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "heloguardXXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  [[nodiscard]] std::string In(const std::string& name) const { return folder_ + "/" + name; }
  [[nodiscard]] std::string Fifo() const {
    EXPECT_EQ(mkfifo(In("fifo").c_str(), 0600), 0);
    return In("fifo");
  }

  std::string folder_;
};

TEST_F(RegularFile, IsReadWhole) {
  const std::string text(200'000, 'x');
  std::ofstream(In("file")) << text;
  EXPECT_EQ(ReadRegularFile(In("file"), 200'000).value(), text);
  EXPECT_EQ(ReadRegularFile(In("file"), 199'999).error().message, "it is larger than 199999 octets");
  EXPECT_EQ(ReadRegularFile("/proc/self/status", 1U << 20U).value().substr(0, 5), "Name:") << "one without a size";
  std::ofstream(In("empty")).flush();
  EXPECT_EQ(ReadRegularFile(In("empty"), 10).value(), "");
}

TEST_F(RegularFile, OthersAreNamedAndNotWaitedFor) {
  const Descriptor listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, In("socket").c_str(), sizeof address.sun_path - 1);
  ASSERT_EQ(::bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  const std::pair<std::string, std::string> rows[] = {
      {Fifo(), "it is a FIFO, not a regular file"},
      {folder_, "it is a directory, not a regular file"},
      {In("socket"), "it is a socket, FIFO or device, not a regular file"},
      {"/dev/zero", "it is a device, not a regular file"},
      {"/dev/null", "it is a device, not a regular file"},
  };
  for (const auto& [path, want] : rows) {
    EXPECT_EQ(ReadRegularFile(path, 100).error().message, want) << path;
    EXPECT_EQ(ReadRegularFile(path, 100).error().kind, ErrorKind::kConfig) << path;
  }
  EXPECT_EQ(ReadRegularFile(In("none"), 100).error().kind, ErrorKind::kNoInput);
}

TEST_F(RegularFile, NeitherForWriting) {
  const int flags = O_WRONLY | O_APPEND | O_CREAT;
  EXPECT_FALSE(OpenRegularFile(Fifo(), flags, 0600).ok());
  EXPECT_FALSE(OpenRegularFile("/dev/null", flags, 0600).ok());
  ASSERT_TRUE(OpenRegularFile(In("new"), flags, 0600).ok());
  EXPECT_TRUE(std::filesystem::is_regular_file(In("new")));
}

TEST_F(RegularFile, ALinkIsWhatItLeadsTo) {
  std::ofstream(In("file")) << "text";
  std::filesystem::create_symlink(In("file"), In("link"));
  EXPECT_EQ(ReadRegularFile(In("link"), 10).value(), "text");
}

}  // namespace
}  // namespace heloguard
