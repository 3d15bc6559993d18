#include "scrape/pages.hpp"
#include "scrape/scrape_states.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>
#include <vector>

using namespace inferometer::scrape;
using inferometer::config::ServerKind;

namespace {

const Mapping& vllm() {
  return mapping_of(ServerKind::vllm);
}

/// What one engine shows.
std::string engine(int index, int tokens, double ttft_sum = 0, int ttft_count = 0) {
  const std::string labels = fmt::format("{{engine=\"{}\",model_name=\"m\"}}", index);
  return fmt::format(
      "vllm:generation_tokens_total{0} {1}\n"
      "vllm:time_to_first_token_seconds_sum{0} {2}\n"
      "vllm:time_to_first_token_seconds_count{0} {3}\n",
      labels, tokens, ttft_sum, ttft_count);
}

std::string started(double at) {
  return fmt::format("process_start_time_seconds {}\n", at);
}

/// The pages of one server, one after the other.
class Server {
 public:
  ServerFigures show(const std::string& text) {
    ServerPage page = read_text(ServerKind::vllm, text);
    m_counters.apply(vllm(), page);
    return figures_of(ServerKind::vllm, page.samples);
  }

  Figure tokens(const std::string& text) { return show(text).generation_tokens; }

 private:
  CounterContinuity m_counters;
};

}  // namespace

TEST_CASE("counters: what grows is shown as it is") {
  Server server;
  CHECK(server.tokens(engine(0, 1000) + engine(1, 500)) == 1500);
  CHECK(server.tokens(engine(0, 1010) + engine(1, 500)) == 1510);
}

TEST_CASE("counters: one engine that begins anew among others takes nothing from the sum") {
  Server server;
  CHECK(server.tokens(engine(0, 1000) + engine(1, 500)) == 1500);
  CHECK(server.tokens(engine(0, 7) + engine(1, 510)) == 1517);
  CHECK(server.tokens(engine(0, 9) + engine(1, 510)) == 1519);
  CHECK(server.tokens(engine(0, 2) + engine(1, 510)) == 1521);
}

TEST_CASE("counters: sum and count of a summary go on together") {
  Server server;
  CHECK(server.show(engine(0, 1, 10, 40) + engine(1, 1, 5, 20)).ttft == SumAndCount{15, 60});
  CHECK(server.show(engine(0, 1, 0.5, 2) + engine(1, 1, 6, 24)).ttft == SumAndCount{16.5, 66});
}

TEST_CASE("counters: a restart of the whole server is shown as one") {
  Server server;
  CHECK(server.tokens(engine(0, 1000) + engine(1, 500)) == 1500);
  CHECK(server.tokens(engine(0, 7) + engine(1, 3)) == 10);
  CHECK(server.tokens("vllm:num_requests_running 0\n") == std::nullopt);  // and again
  CHECK(server.tokens(engine(0, 20) + engine(1, 0)) == 20);
}

TEST_CASE("counters: a restart that a busy server hides is known by the start of its process") {
  Server server;
  CHECK(server.tokens(started(100) + engine(0, 10) + engine(1, 500)) == 510);
  CHECK(server.tokens(started(200) + engine(0, 900) + engine(1, 2)) == 902);
  CHECK(server.tokens(started(200) + engine(0, 901) + engine(1, 1)) == 904);  // one engine alone
}

TEST_CASE("counters: an engine that is gone still counts and goes on where it comes back") {
  Server server;
  CHECK(server.tokens(engine(0, 1000) + engine(1, 500)) == 1500);
  CHECK(server.tokens(engine(1, 510)) == 1510);
  CHECK(server.tokens(engine(0, 1001) + engine(1, 510)) == 1511);
  CHECK(server.tokens(engine(1, 510)) == 1511);
  CHECK(server.tokens(engine(0, 3) + engine(1, 520)) == 1524);
}

TEST_CASE("counters: a new engine counts in full") {
  Server server;
  CHECK(server.tokens(engine(0, 1000)) == 1000);
  CHECK(server.tokens(engine(0, 1000) + engine(1, 50)) == 1050);
}

TEST_CASE("counters: an idle engine beside one that begins anew is no proof that others went on") {
  Server server;
  CHECK(server.tokens(engine(0, 1000) + engine(1, 0)) == 1000);
  CHECK(server.tokens(engine(0, 5) + engine(1, 0)) == 5);
}

TEST_CASE("counters: gauges are never kept up") {
  Server server;
  const auto running = [](int first, int second) {
    return fmt::format(
        "vllm:num_requests_running{{engine=\"0\"}} {}\n"
        "vllm:num_requests_running{{engine=\"1\"}} {}\n",
        first, second);
  };
  CHECK(server.show(engine(0, 1) + running(9, 4)).requests_running == 13);
  CHECK(server.show(engine(0, 1) + running(2, 4)).requests_running == 6);
}

TEST_CASE("counters: a value that cannot be is no figure and is forgotten") {
  Server server;
  CHECK(server.tokens(engine(0, 1000) + engine(1, 500)) == 1500);
  CHECK_FALSE(server.tokens("vllm:generation_tokens_total{engine=\"0\",model_name=\"m\"} NaN\n" +
                            engine(1, 500)));
  CHECK(server.tokens(engine(0, 1001) + engine(1, 500)) == 1501);
}

TEST_CASE("counters: series without end do not grow the memory without end") {
  CounterContinuity counters;
  for (int page = 0; page < 5; ++page) {
    std::string text;
    for (std::size_t i = 0; i < k_max_kept_samples / 2; ++i) {
      text += fmt::format("vllm:generation_tokens_total{{pod=\"{}-{}\"}} 1\n", page, i);
    }
    text += "vllm:generation_tokens_total{pod=\"stays\"} 1\n";
    ServerPage read = read_text(ServerKind::vllm, text);
    counters.apply(vllm(), read);
    CHECK(read.samples.size() <= 2 * k_max_kept_samples);
  }
}
