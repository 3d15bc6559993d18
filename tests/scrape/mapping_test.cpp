#include "scrape/mapping.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <vector>

using namespace inferometer::scrape;
using inferometer::config::ServerKind;

namespace {

constexpr ServerKind k_kinds[]{ServerKind::vllm, ServerKind::sglang, ServerKind::tgi,
                               ServerKind::llamacpp};

Sample config_info(std::vector<Label> labels) {
  return {.name = "vllm:cache_config_info", .labels = std::move(labels), .value = 1};
}

Figure capacity(const std::vector<Sample>& samples) {
  return combine(samples, "vllm:cache_config_info", Combine::cache_config);
}

/// The metric's name as docs/metrics.md has it: without the server's prefix and the parts of a
/// histogram.
std::string documented(const Mapping& mapping, std::string_view name) {
  name.remove_prefix(mapping.prefix.size() + 1);
  for (const std::string_view part : {"_sum", "_count"}) {
    name.remove_suffix(name.ends_with(part) ? part.size() : 0);
  }
  return "`" + std::string(name) + "`";
}

}  // namespace

TEST_CASE("mapping: every kind has rows and every row is of that kind") {
  std::set<std::string_view> prefixes;
  for (const ServerKind kind : k_kinds) {
    const Mapping& mapping = mapping_of(kind);
    CHECK(prefixes.insert(mapping.prefix).second);
    CHECK_FALSE(mapping.figures.empty());
    CHECK_FALSE(mapping.means.empty());
    for (const FigureRow& row : mapping.figures) {
      CHECK(row.name.starts_with(mapping.prefix));
      CHECK(wants(mapping, row.name));
      CHECK((row.plus.empty() || wants(mapping, row.plus)));
    }
    for (const MeanRow& row : mapping.means) {
      CHECK(row.sum.starts_with(mapping.prefix));
      CHECK(wants(mapping, row.sum));
      CHECK(wants(mapping, row.count));
    }
    CHECK_FALSE(wants(mapping, "http_requests_total"));
  }
}

TEST_CASE("mapping: the documentation names every source") {
  std::ifstream file(INFEROMETER_SOURCE_DIR "/docs/metrics.md");
  REQUIRE(file);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  for (const ServerKind kind : k_kinds) {
    const Mapping& mapping = mapping_of(kind);
    for (const FigureRow& row : mapping.figures) {
      CHECK_MESSAGE(text.find(documented(mapping, row.name)) != std::string::npos, row.name);
    }
    for (const MeanRow& row : mapping.means) {
      CHECK_MESSAGE(text.find(documented(mapping, row.sum)) != std::string::npos, row.sum);
      CHECK_MESSAGE(text.find(documented(mapping, row.count)) != std::string::npos, row.count);
    }
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
    CHECK_FALSE(combine(samples, "vllm:a", how));
    CHECK_FALSE(combine({}, "vllm:a", how));
  }
}
