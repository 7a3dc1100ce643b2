// Validity of A-labels. The only user of libidn2.
//
// Emoji and other code points outside IDNA2008 count as invalid: a registry may sell such a name, but no mail server is
// supposed to use it. Knows nothing of HELO. RFC 5890 to 5892, RFC 3492. Tests: tests/unit/core/facts/helo_test.cc.
#include "core/base/a_label.h"

#include <idn2.h>

#include <cstdint>

namespace heloguard {

bool IsValidALabel(const std::string& label) {
  // The library works on C strings, and takes dots of several scripts for label separators.
  for (const char c : label) {
    if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-')) return false;
  }
  std::uint8_t* encoded = nullptr;
  // Decodes, tests against IDNA2008, encodes again and compares.
  const int status = idn2_lookup_u8(reinterpret_cast<const std::uint8_t*>(label.c_str()), &encoded,
                                    IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
  const bool same = status == IDN2_OK && encoded != nullptr && label == reinterpret_cast<const char*>(encoded);
  idn2_free(encoded);
  return same;
}

std::optional<std::string> ToALabels(const std::string& name) {
  std::uint8_t* encoded = nullptr;
  const int status = idn2_lookup_u8(reinterpret_cast<const std::uint8_t*>(name.c_str()), &encoded,
                                    IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
  std::optional<std::string> labels;
  if (status == IDN2_OK && encoded != nullptr) labels = reinterpret_cast<const char*>(encoded);
  idn2_free(encoded);
  return labels;
}

}  // namespace heloguard
