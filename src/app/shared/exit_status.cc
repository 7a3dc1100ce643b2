// Exit statuses (sysexits.h) of error kinds, one row each. Tests: tests/cli.
#include <sysexits.h>

#include "app/shared/load.h"

namespace heloguard {

int ExitStatus(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kUsage:
      return EX_USAGE;
    case ErrorKind::kInputData:
      return EX_DATAERR;
    case ErrorKind::kNoInput:
      return EX_NOINPUT;
    case ErrorKind::kUnavailable:
      return EX_UNAVAILABLE;
    case ErrorKind::kInternal:
      return EX_SOFTWARE;
    case ErrorKind::kConfig:
      return EX_CONFIG;
  }
  return EX_SOFTWARE;
}

}  // namespace heloguard
