// A file descriptor that closes itself. Thread rule: value, one owner.
#pragma once

#include <unistd.h>

namespace heloguard {

class Descriptor {
 public:
  // Takes over `fd`; a negative one stands for none.
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

}  // namespace heloguard
