// Pure. Tests: the ctest label docs compares docs/reference with the pages made of this.
#include "app/reference/markdown.h"

namespace heloguard {

std::string PageHead(const std::string& title, const std::string& page) {
  return "# " + title + "\n\nThis page is printed by the program from its own table (`heloguard reference " + page +
         "`); a test keeps the two in step.\n";
}

std::string Cell(std::string_view text) {
  std::string cell;
  for (const char c : text) {
    if (c == '|') cell += '\\';
    cell += c == '\n' ? ' ' : c;
  }
  return cell;
}

std::string Code(std::string_view text) { return text.empty() ? "" : "`" + Cell(text) + "`"; }

std::string Row(const std::vector<std::string>& cells) {
  std::string row = "|";
  for (const std::string& cell : cells) row += " " + cell + " |";
  return row + "\n";
}

std::string TableHead(const std::vector<std::string>& titles) {
  std::string rule = "|";
  for (std::size_t i = 0; i < titles.size(); ++i) rule += "---|";
  return "\n" + Row(titles) + rule + "\n";
}

}  // namespace heloguard
