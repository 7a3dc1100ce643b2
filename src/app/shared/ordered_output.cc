// The printing half of a batch. Knows nothing of what it prints. Tests: tests/cli/batch_test.py.
#include "app/shared/ordered_output.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <utility>

namespace heloguard {

OrderedOutput::OrderedOutput(std::size_t limit, std::uintmax_t input_size)
    : limit_(limit), input_size_(input_size), progress_(isatty(STDERR_FILENO) == 1), printer_([this] { Print(); }) {}

OrderedOutput::~OrderedOutput() { Join(); }

void OrderedOutput::Join() {
  {
    const MutexLock lock(mutex_);
    closed_ = true;
  }
  changed_.WakeAll();
  if (printer_.joinable()) printer_.join();
}

void OrderedOutput::Push(Item item, std::uintmax_t input) {
  MutexLock lock(mutex_);
  while (waiting_.size() >= limit_) changed_.Wait(lock);
  waiting_.push_back({std::move(item), input});
  lock.Unlock();
  changed_.WakeAll();
}

int OrderedOutput::Finish() {
  Join();
  const MutexLock lock(mutex_);  // nobody else is left to want it
  if (thrown_) std::rethrow_exception(thrown_);
  return error_;
}

bool OrderedOutput::failed() {
  const MutexLock lock(mutex_);
  return error_ != 0 || thrown_ != nullptr;
}

void OrderedOutput::Print() {
  MutexLock lock(mutex_);
  while (true) {
    while (!closed_ && waiting_.empty()) changed_.Wait(lock);
    if (waiting_.empty()) break;
    // The item keeps its place while it is worked on: it counts towards the limit.
    Entry entry = std::move(waiting_.front());
    lock.Unlock();
    std::exception_ptr thrown;
    int error = 0;
    try {
      error = PrintOne(std::move(entry.item));
    } catch (...) {
      thrown = std::current_exception();
    }
    done_ += entry.input;
    ++lines_;
    DrawProgress();
    lock.Lock();
    waiting_.pop_front();
    if (error_ == 0) error_ = error;
    if (!thrown_) thrown_ = thrown;
    changed_.WakeAll();
  }
  lock.Unlock();
  EraseProgress();
}

int OrderedOutput::PrintOne(Item item) {
  const bool complaint = !item.result.valid();
  const std::string text = complaint ? std::move(item.complaint) : item.result.get();
  EraseProgress();
  std::FILE* out = complaint ? stderr : stdout;
  // Flushed line by line: whoever wrote the line may be waiting for its answer.
  const bool written = std::fwrite(text.data(), 1, text.size(), out) == text.size() && std::fflush(out) == 0;
  return written || complaint ? 0 : std::max(errno, 1);
}

void OrderedOutput::DrawProgress() {
  constexpr std::uintmax_t kEvery = 16;  // lines; a terminal is slower than we are
  if (!progress_ || lines_ % kEvery != 0) return;
  constexpr std::size_t kWidth = 40;
  std::string bar;
  if (input_size_ != 0) {
    const std::size_t filled = static_cast<std::size_t>(std::min(done_, input_size_) * kWidth / input_size_);
    bar = "[" + std::string(filled, '#') + std::string(kWidth - filled, ' ') + "] ";
  }
  const std::string text = "\r" + bar + std::to_string(lines_) + " lines";
  std::fputs(text.c_str(), stderr);
  std::fflush(stderr);
  drawn_ = true;
}

void OrderedOutput::EraseProgress() {
  if (!std::exchange(drawn_, false)) return;
  std::fputs("\r\x1b[K", stderr);
  std::fflush(stderr);
}

}  // namespace heloguard
