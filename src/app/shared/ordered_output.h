// Results that are worked out side by side, printed in the order they were asked for.
#pragma once

#include <cstdint>
#include <deque>
#include <future>
#include <string>
#include <thread>

#include "os/mutex.h"

namespace heloguard {

// Prints from a thread of its own: results to standard output, complaints to standard error, and there a progress bar
// if it is a terminal. Thread rule: Push, Finish and the destructor from one thread.
class OrderedOutput {
 public:
  struct Item {
    std::future<std::string> result;  // invalid for a complaint
    std::string complaint;
  };

  // At most `limit` items wait; `input_size` in octets is what the progress bar runs to, 0 if not known.
  OrderedOutput(std::size_t limit, std::uintmax_t input_size);
  ~OrderedOutput();
  OrderedOutput(const OrderedOutput&) = delete;
  OrderedOutput& operator=(const OrderedOutput&) = delete;

  // Waits while the limit is reached. `input` octets were read for this item.
  void Push(Item item, std::uintmax_t input);
  // Waits until all is printed. 0, or the errno of standard output. Throws what a result threw.
  int Finish();
  // True once standard output cannot be written to: going on is useless.
  [[nodiscard]] bool failed();

 private:
  struct Entry {
    Item item;
    std::uintmax_t input = 0;
  };
  void Print();
  // 0, or the errno of standard output.
  int PrintOne(Item item);
  void DrawProgress();
  void EraseProgress();
  void Join();

  const std::size_t limit_;
  const std::uintmax_t input_size_;
  const bool progress_;  // standard error is a terminal

  Mutex mutex_;
  ConditionVariable changed_;
  std::deque<Entry> waiting_ GUARDED_BY(mutex_);
  bool closed_ GUARDED_BY(mutex_) = false;
  int error_ GUARDED_BY(mutex_) = 0;
  std::exception_ptr thrown_ GUARDED_BY(mutex_);

  // The printing thread's own.
  std::uintmax_t done_ = 0, lines_ = 0;
  bool drawn_ = false;

  std::thread printer_;  // last: it uses all of the above
};

}  // namespace heloguard
