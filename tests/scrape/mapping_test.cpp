#include "scrape/mapping.hpp"

#include "scrape/page.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <vector>

using namespace inferometer::scrape;
using inferometer::config::ServerKind;

namespace {

constexpr ServerKind k_kinds[]{ServerKind::vllm,     ServerKind::sglang, ServerKind::tgi,
                               ServerKind::llamacpp, ServerKind::trtllm, ServerKind::triton};

/// Calls `check` with each name that a row of that kind reads.
template <typename Check>
void for_each_name(const Mapping& mapping, const Check& check) {
  for (const auto& rows : {mapping.gauges, mapping.counters}) {
    for (const FigureRow& row : rows) {
      for (const std::string_view name : {row.source.name, row.plus.name, row.times.name}) {
        if (!name.empty()) {
          check(name);
        }
      }
    }
  }
  for (const SummaryRow& row : mapping.summaries) {
    check(row.sum);
    check(row.count);
  }
}

Sample config_info(std::vector<Label> labels) {
  return {.name = "vllm:cache_config_info", .labels = std::move(labels), .value = 1};
}

Figure capacity(const std::vector<Sample>& samples) {
  return combine(samples, {"vllm:cache_config_info"}, Combine::cache_config);
}

/// Whether docs/metrics.md has the metric's name: without the server's prefix, and as a histogram's
/// own if it is a part of one.
bool is_documented(const std::string& text, const Mapping& mapping, std::string_view name) {
  name.remove_prefix(mapping.prefix.size() + 1);
  std::string_view family = name;
  for (const std::string_view part : {"_sum", "_count"}) {
    family.remove_suffix(family.ends_with(part) ? part.size() : 0);
  }
  return text.find("`" + std::string(name) + "`") != std::string::npos ||
         text.find("`" + std::string(family) + "`") != std::string::npos;
}

}  // namespace

TEST_CASE("mapping: every kind has rows and every row is of that kind") {
  std::set<std::string_view> prefixes;
  for (const ServerKind kind : k_kinds) {
    const Mapping& mapping = mapping_of(kind);
    CHECK(prefixes.insert(mapping.prefix).second);
    CHECK_FALSE(mapping.gauges.empty());
    CHECK_FALSE(mapping.counters.empty());
    for_each_name(mapping, [&mapping](std::string_view name) {
      CHECK(name.starts_with(mapping.prefix));
      CHECK(needs(mapping, name));
      CHECK_FALSE(needs(mapping, std::string(name) + "_bucket"));
    });
    CHECK_FALSE(needs(mapping, "http_requests_total"));
  }
}

TEST_CASE("mapping: the documentation names every source") {
  std::ifstream file(INFEROMETER_SOURCE_DIR "/docs/metrics.md");
  REQUIRE(file);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  for (const ServerKind kind : k_kinds) {
    const Mapping& mapping = mapping_of(kind);
    for_each_name(mapping, [&](std::string_view name) {
      CHECK_MESSAGE(is_documented(text, mapping, name), name);
    });
  }
}

TEST_CASE("mapping: names are the same but for the colon") {
  CHECK(same_name("vllm:x", "vllm:x"));
  CHECK(same_name("vllm_x", "vllm:x"));
  CHECK(same_name("tgi_x", "tgi_x"));
  CHECK_FALSE(same_name("vllm-x", "vllm:x"));
  CHECK_FALSE(same_name("vllm:y", "vllm:x"));
  CHECK_FALSE(same_name("vlln_x", "vllm:x"));
  CHECK_FALSE(same_name("vllm_xy", "vllm:x"));
  CHECK_FALSE(same_name("tgi:x", "tgi_x"));
  CHECK_FALSE(same_name("", "vllm:x"));
}

TEST_CASE("mapping: the size in tokens comes before blocks") {
  CHECK(capacity({config_info({{"block_size", "16"}, {"num_gpu_blocks", "100"}})}) == 1600);
  CHECK(capacity({config_info({{"block_size", "16"},
                               {"kv_cache_size_tokens", "2000"},
                               {"num_gpu_blocks", "100"}})}) == 2000);
  CHECK(capacity({config_info({{"block_size", "16"},
                               {"kv_cache_size_tokens", "None"},
                               {"num_gpu_blocks", "100"}})}) == 1600);
}

TEST_CASE("mapping: a capacity that one engine does not tell is none") {
  const Sample known = config_info({{"block_size", "16"}, {"num_gpu_blocks", "100"}});
  CHECK(capacity({known, known}) == 3200);
  for (const char* blocks : {"None", "", "-1", "1.5", "99999999999999999999999", "100 "}) {
    CAPTURE(blocks);
    CHECK_FALSE(capacity({known, config_info({{"block_size", "16"}, {"num_gpu_blocks", blocks}})}));
  }
  CHECK_FALSE(capacity({config_info({})}));
}

TEST_CASE("mapping: no sample of a name is no figure") {
  const std::vector<Sample> samples{{.name = "vllm:b", .labels = {}, .value = 1}};
  for (const Combine how :
       {Combine::sum, Combine::engines, Combine::fullest, Combine::mean, Combine::cache_config}) {
    CHECK_FALSE(combine(samples, {"vllm:a"}, how));
    CHECK_FALSE(combine({}, {"vllm:a"}, how));
  }
}

TEST_CASE("mapping: a label chooses among the samples of a name") {
  const std::vector<Sample> samples{{.name = "a", .labels = {{"type", "x"}}, .value = 1},
                                    {.name = "a", .labels = {{"type", "y"}}, .value = 2},
                                    {.name = "a", .labels = {}, .value = 4}};
  CHECK(combine(samples, {"a", "type", "y"}, Combine::sum) == 2);
  CHECK(combine(samples, {"a"}, Combine::sum) == 7);
  CHECK_FALSE(combine(samples, {"a", "type", "z"}, Combine::sum));
  CHECK_FALSE(combine(samples, {"a", "kind", "x"}, Combine::sum));
}

TEST_CASE("mapping: what only grows is a counter and nothing else is") {
  const Mapping& vllm = mapping_of(ServerKind::vllm);
  CHECK(is_counter(vllm, "vllm:prompt_tokens_total"));
  CHECK(is_counter(vllm, "vllm:time_to_first_token_seconds_sum"));
  CHECK_FALSE(is_counter(vllm, "vllm:num_requests_running"));
  CHECK_FALSE(is_counter(vllm, "vllm:cache_config_info"));
}
