#include "measure/target_table.hpp"

#include <doctest/doctest.h>

#include <utility>

using inferometer::config::TargetKey;
using inferometer::measure::TargetTable;

namespace {

struct Series {
  explicit Series(TargetKey target) : key(std::move(target)) {}
  TargetKey key;
};

const TargetKey k_a{"provider", "model", "a"};
const TargetKey k_b{"provider", "model", "b"};

}  // namespace

TEST_CASE("an empty table knows no target") {
  const TargetTable<Series> table;
  CHECK(table.find(k_a) == nullptr);
  CHECK(table.all()->empty());
}

TEST_CASE("a kept target keeps its series and a removed one loses it") {
  TargetTable<Series> table;
  table.set_targets({k_a, k_b});
  const auto a = table.find(k_a);
  const auto b = table.find(k_b);
  REQUIRE(a);
  REQUIRE(b);
  CHECK(a->key == k_a);

  table.set_targets({k_b});
  CHECK(table.find(k_a) == nullptr);
  CHECK(table.find(k_b) == b);

  table.set_targets({k_a, k_b});
  CHECK(table.find(k_a) != a);
  CHECK(table.find(k_b) == b);
}

TEST_CASE("what was read before a change stays as it was") {
  TargetTable<Series> table;
  table.set_targets({k_a});
  const auto before = table.all();
  table.set_targets({k_b});
  CHECK(before->contains(k_a));
  CHECK_FALSE(table.all()->contains(k_a));
}

TEST_CASE("all targets come sorted by key whatever the order given") {
  TargetTable<Series> table;
  table.set_targets({k_b, {"a", "z", "z"}, k_a});
  const auto all = table.all();
  auto it = all->begin();
  CHECK(it->first.provider == "a");
  CHECK((++it)->first == k_a);
  CHECK((++it)->first == k_b);
}
