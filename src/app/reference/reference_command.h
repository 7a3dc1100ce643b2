// The row of `heloguard reference`.
#pragma once

#include "app/command.h"

namespace heloguard {

[[nodiscard]] Command ReferenceCommand();

}  // namespace heloguard
