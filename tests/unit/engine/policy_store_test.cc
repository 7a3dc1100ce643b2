// Snapshots of the policy while it is replaced.
#include "engine/policy_store.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace heloguard {
namespace {

std::shared_ptr<const Policy> Named(std::string name) {
  auto policy = std::make_shared<Policy>();
  policy->name = std::move(name);
  return policy;
}

TEST(PolicyStore, ASnapshotOutlivesItsSuccessor) {
  PolicyStore store(Named("first"));
  const auto kept = store.Current();
  const auto replaced = store.Publish(Named("second"));
  EXPECT_EQ(replaced, kept);
  EXPECT_EQ(kept->name, "first");
  EXPECT_EQ(store.Current()->name, "second");
}

TEST(PolicyStore, ReadersSeeOneOrTheOtherWhole) {
  PolicyStore store(Named("0"));
  std::vector<std::thread> readers;
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([&store] {
      int last = 0;
      while (last < 200) {
        const int now = std::stoi(store.Current()->name);
        EXPECT_GE(now, last);
        last = now;
      }
    });
  }
  for (int i = 1; i <= 200; ++i) store.Publish(Named(std::to_string(i)));
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(store.Current()->name, "200");
}

}  // namespace
}  // namespace heloguard
