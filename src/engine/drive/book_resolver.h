// Answers from a book, for those who judge what was looked up before.
#pragma once

#include "heloguard/ports.h"

namespace heloguard {

// What is not in the book is not asked now either. Thread rule: any thread, as long as nobody writes into the book.
class BookResolver final : public Resolver {
 public:
  // `book` outlives this.
  explicit BookResolver(const DnsAnswers& book) : book_(book) {}
  void Ask(const DnsQuestion& question, Callback done) override {
    const DnsAnswer* answer = book_.Find(question);
    done(answer == nullptr ? DnsAnswer{} : *answer);
  }

 private:
  const DnsAnswers& book_;
};

}  // namespace heloguard
