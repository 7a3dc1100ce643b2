# heloguard_embed_text(TARGET NAME FILE...): the files, joined in this order, as `const std::string_view NAME` of
# namespace heloguard, and as NAMESha256 the base64 of their SHA-256, as a Content-Security-Policy wants it. Users
# declare both themselves. This file is also the script that the build runs for it.
if(NOT CMAKE_SCRIPT_MODE_FILE)
  set(HELOGUARD_EMBED_TEXT ${CMAKE_CURRENT_LIST_FILE})
  function(heloguard_embed_text target name)
    set(output ${CMAKE_CURRENT_BINARY_DIR}/${name}.cc)
    list(TRANSFORM ARGN PREPEND ${CMAKE_CURRENT_SOURCE_DIR}/ OUTPUT_VARIABLE files)
    list(JOIN files "|" joined)
    add_custom_command(OUTPUT ${output} VERBATIM
      COMMAND ${CMAKE_COMMAND} -DNAME=${name} "-DFILES=${joined}" -DOUTPUT=${output} -P ${HELOGUARD_EMBED_TEXT}
      DEPENDS ${files} ${HELOGUARD_EMBED_TEXT})
    target_sources(${target} PRIVATE ${output})
  endfunction()
  return()
endif()

# 32 octets in hexadecimal digits to base64. One zero octet completes the last group of three.
function(base64_of_sha256 result hex)
  set(alphabet "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
  set(text "")
  foreach(start RANGE 0 60 6)
    string(SUBSTRING "${hex}00" ${start} 6 group)
    foreach(shift 18 12 6 0)
      math(EXPR index "(0x${group} >> ${shift}) & 63")
      string(SUBSTRING ${alphabet} ${index} 1 letter)
      string(APPEND text ${letter})
    endforeach()
  endforeach()
  string(SUBSTRING ${text} 0 43 text)
  set(${result} "${text}=" PARENT_SCOPE)
endfunction()

set(text "")
string(REPLACE "|" ";" files "${FILES}")
foreach(path IN LISTS files)
  file(READ "${path}" part)
  string(APPEND text "${part}")
endforeach()
if(text MATCHES "\\)embedded\"")
  message(FATAL_ERROR "${FILES}: holds the end mark of the C++ string it is put into")
endif()
string(SHA256 hex "${text}")
base64_of_sha256(digest ${hex})
file(WRITE "${OUTPUT}" "#include <string_view>

namespace heloguard {
namespace {
constexpr char kText[] = R\"embedded(${text})embedded\";
}  // namespace
extern const std::string_view ${NAME}, ${NAME}Sha256;
const std::string_view ${NAME}{kText, sizeof(kText) - 1};
const std::string_view ${NAME}Sha256 = \"${digest}\";
}  // namespace heloguard
")
