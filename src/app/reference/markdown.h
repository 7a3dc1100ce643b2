// The Markdown of the reference pages: a head, tables, code. Every text is one of the program's own.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace heloguard {

// Title, and the note that `heloguard reference PAGE` printed it.
[[nodiscard]] std::string PageHead(const std::string& title, const std::string& page);
// A cell holds no line feed and no bare "|".
[[nodiscard]] std::string Cell(std::string_view text);
// `text` between backticks; "" stays "".
[[nodiscard]] std::string Code(std::string_view text);
[[nodiscard]] std::string Row(const std::vector<std::string>& cells);
[[nodiscard]] std::string TableHead(const std::vector<std::string>& titles);

}  // namespace heloguard
