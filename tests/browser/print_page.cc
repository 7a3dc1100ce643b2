// The HTML page of a report: JSON on standard input, the page on standard output.
#include <iostream>

#include "app/replay/replay_page.h"

int main() {
  std::cout << heloguard::ReplayPage(heloguard::Json::parse(std::cin));
  return 0;
}
