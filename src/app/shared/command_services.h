// What a command needs of the world around it: as a session does, and a clock to wait on, since a command drives its
// sessions and gathers by itself.
#pragma once

#include "heloguard/services.h"

namespace heloguard {

struct CommandServices : Services {
  WaitableClock* waitable = nullptr;  // the same as `clock`
};

}  // namespace heloguard
