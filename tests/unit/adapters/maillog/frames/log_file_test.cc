// Lines out of plain and packed files, whole and damaged.
#include "adapters/maillog/frames/log_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>
#include <zstd.h>

#include "memory_file.h"

namespace heloguard {
namespace {

using ::testing::ElementsAre;
using testing::FileOf;
using ::testing::HasSubstr;

std::string Gzip(const std::string& text) {
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string out(deflateBound(&stream, text.size()) + 64, '\0');
  std::string in = text;
  stream.next_in = reinterpret_cast<Bytef*>(in.data());
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string Zstd(const std::string& text) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3));
  return out;
}

std::vector<std::string> LinesOf(LogFile file) {
  std::vector<std::string> lines;
  std::string_view line;
  while (file.NextLine(&line)) lines.emplace_back(line);
  if (file.problem()) lines.push_back("! " + file.problem()->ToString());
  return lines;
}

TEST(LogFile, CutsLinesWhereverReadsEnd) {
  const std::string text = "one\ntwo\r\n\nlast";
  for (std::size_t step = 1; step < 16; ++step) {
    EXPECT_THAT(LinesOf(FileOf(text, step)), ElementsAre("one", "two", "", "last")) << step;
  }
  EXPECT_THAT(LinesOf(FileOf("")), ElementsAre());
  EXPECT_THAT(LinesOf(FileOf("\n")), ElementsAre(""));
}

TEST(LogFile, UnpacksByContent) {
  const std::string text = "one\ntwo\n";
  for (const std::size_t step : {std::size_t{1}, std::size_t{3}, std::size_t{4096}}) {
    EXPECT_THAT(LinesOf(FileOf(Gzip(text), step)), ElementsAre("one", "two")) << step;
    EXPECT_THAT(LinesOf(FileOf(Zstd(text), step)), ElementsAre("one", "two")) << step;
  }
}

TEST(LogFile, UnpacksSeveralPartsInARow) {
  EXPECT_THAT(LinesOf(FileOf(Gzip("a\n") + Gzip("b\n"))), ElementsAre("a", "b"));
  EXPECT_THAT(LinesOf(FileOf(Zstd("a\n") + Zstd("b\n"))), ElementsAre("a", "b"));
}

TEST(LogFile, SaysWhatIsDamagedAndKeepsWhatCameBefore) {
  std::string many;
  for (int i = 0; i < 200'000; ++i) many += std::to_string(i * 7919) + "\n";
  for (const std::string& packed : {Gzip(many), Zstd(many)}) {
    const auto cut = LinesOf(FileOf(packed.substr(0, packed.size() / 2)));
    EXPECT_GT(cut.size(), 10'000U);
    EXPECT_EQ(cut[5], "39595");
    EXPECT_THAT(cut.back(), HasSubstr("cut short"));
    std::string broken = packed;
    for (std::size_t i = broken.size() / 2; i < broken.size() / 2 + 64; ++i) broken[i] = '\x55';
    const auto lines = LinesOf(FileOf(broken));
    EXPECT_THAT(lines.back(), HasSubstr("! test.log: the ")) << lines.size();
  }
}

TEST(LogFile, NamesWhatItDoesNotUnpack) {
  const std::string xz("\xfd\x37zXZ\0\0\4\xe6\xd6", 10);
  for (const std::size_t step : {std::size_t{1}, std::size_t{4096}}) {
    EXPECT_THAT(LinesOf(FileOf(xz + "more", step)),
                ElementsAre("! test.log: is packed with xz, which is not read here: decompress it first"));
    EXPECT_THAT(LinesOf(FileOf("BZh91AY&SY\x01", step)), ElementsAre(HasSubstr("is packed with bzip2")));
    EXPECT_THAT(LinesOf(FileOf("BZh9\n", step)), ElementsAre("BZh9"));
  }
}

TEST(LogFile, AHugeLineKeepsItsBeginningAndTheNextOneIsWhole) {
  const std::string huge(3'000'000, 'x');
  for (const std::size_t step : {std::size_t{1'000}, std::size_t{1'000'000}}) {
    const auto lines = LinesOf(FileOf("before\n" + huge + "\nafter\n", step));
    ASSERT_EQ(lines.size(), 3U);
    EXPECT_EQ(lines[1], std::string(LogFile::kMaxLine, 'x'));
    EXPECT_EQ(lines[2], "after");
  }
}

TEST(LogFile, UnpacksMuchInLittleRoom) {
  const std::string zeros = Gzip(std::string(64U << 20U, '\0'));
  EXPECT_LT(zeros.size(), 100'000U);
  EXPECT_THAT(LinesOf(FileOf(zeros)), ElementsAre(std::string(LogFile::kMaxLine, '\0')));
}

TEST(LogFile, NamesWhatCannotBeOpened) {
  const auto missing = LogFile::Open("/nonexistent/mail.log");
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.error().kind, ErrorKind::kNoInput);
  EXPECT_EQ(missing.error().ToString(), "/nonexistent/mail.log: No such file or directory");
  EXPECT_THAT(LogFile::Open("/").error().ToString(), HasSubstr("is a directory"));
}

TEST(LogFile, ShowsItsHeadWithoutUsingItUp) {
  LogFile file = FileOf("one\ntwo\n");
  EXPECT_EQ(file.Head(), "one\ntwo\n");
  std::string_view line;
  ASSERT_TRUE(file.NextLine(&line));
  EXPECT_EQ(line, "one");
  EXPECT_EQ(file.NextBytes(3), "two");
  EXPECT_EQ(file.NextBytes(3), std::nullopt);
}

}  // namespace
}  // namespace heloguard
