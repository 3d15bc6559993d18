#include "fakes/process.hpp"
#include "fakes/scripted_server.hpp"
#include "integration/one_attempt.hpp"
#include "protocol/protocol.hpp"
#include "sim/server.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

/// Every protocol × every outcome, each cell provoked over a real socket, all at once.
namespace inferometer::integration {
namespace {

using measure::Measurement;
using measure::Outcome;
using namespace std::chrono_literals;

/// What a cell is provoked with, where the server needs no more than a fault.
struct Provocation {
  Outcome outcome;
  std::string_view fault;
};

constexpr std::array k_by_fault{
    Provocation{Outcome::success, ""},
    Provocation{Outcome::first_token_timeout, "hang_before_first_token"},
    Provocation{Outcome::stalled, "stall"},
    Provocation{Outcome::total_timeout, "trickle"},
    Provocation{Outcome::connection_lost, "reset"},
    Provocation{Outcome::truncated, "truncate"},
    Provocation{Outcome::stream_error, "error_event"},
    Provocation{Outcome::protocol_error, "bad_json"},
    Provocation{Outcome::auth_error, "status_401"},
    Provocation{Outcome::rate_limited, "status_429"},
    Provocation{Outcome::quota_exhausted, "quota"},
    Provocation{Outcome::overloaded, "overloaded_event"},
    Provocation{Outcome::server_error, "status_500"},
    Provocation{Outcome::client_error, "status_404"},
    Provocation{Outcome::context_length, "context_length"},
    Provocation{Outcome::content_filtered, "content_filter"},
    Provocation{Outcome::empty_response, "empty"},
};

/// Cells that no server can bring about, and why.
const std::map<std::pair<std::string_view, Outcome>, std::string_view> k_impossible{
    {{"ollama", Outcome::content_filtered},
     "Ollama has neither a finish reason nor an error for filtered content"},
    {{"ollama", Outcome::quota_exhausted},
     "Ollama serves from its own machine and knows no account that could be empty"},
};

/// What is not a simulated provider but a server of its own kind, or none.
class Surroundings {
 public:
  Surroundings()
      : m_silent({fakes::script::AwaitClose{}}),
        m_plain({fakes::script::Send{"HTTP/1.0 400 Bad Request\r\n\r\n"}}) {}

  /// The base URL that leads to the outcome; no value if the simulator does.
  [[nodiscard]] std::optional<std::string> url(Outcome outcome) const {
    switch (outcome) {
      case Outcome::dns_error:
        return "http://nosuchhost.invalid/v1";
      case Outcome::connect_error:
        return fmt::format("http://127.0.0.1:{}/v1", m_closed.number());
      case Outcome::connect_timeout:
        return fmt::format("https://127.0.0.1:{}/v1", m_silent.port());
      case Outcome::tls_error:
        return fmt::format("https://127.0.0.1:{}/v1", m_plain.port());
      default:
        return std::nullopt;
    }
  }

 private:
  fakes::ScriptedServer m_silent;
  fakes::ScriptedServer m_plain;
  fakes::ReservedPort m_closed;
};

config::Target provoke(const protocol::Protocol& protocol, Outcome outcome,
                       const Surroundings& surroundings, std::uint16_t simulator) {
  config::Target target = make_target(protocol.name, simulator);
  target.provider.base_url = surroundings.url(outcome).value_or(target.provider.base_url);
  const auto* const row = std::find_if(k_by_fault.begin(), k_by_fault.end(),
                                       [&](const auto& one) { return one.outcome == outcome; });
  if (row != k_by_fault.end() && !row->fault.empty()) {
    target.provider.headers["X-Sim-Fault"] = row->fault;
  }
  target.timeouts = {.connect = 2s, .first_token = 2s, .stall = 2s, .total = 10s};
  if (outcome == Outcome::total_timeout) {
    target.timeouts.total = 1s;
  }
  if (outcome == Outcome::validation_failed) {
    target.workload.expect.regex = "^no such text$";
  }
  if (outcome == Outcome::internal_error) {
    target.provider.auth = config::BearerAuth{{.kind = config::SecretRef::Kind::environment,
                                               .name = "INFEROMETER_TEST_NO_SUCH_VARIABLE"}};
  }
  return target;
}

}  // namespace

TEST_CASE("integration: every protocol gives every outcome when it is provoked") {
  auto simulator = sim::Server::start({}).value();
  const Surroundings surroundings;
  Attempts attempts;
  std::vector<std::pair<std::string, Outcome>> cells;
  for (const protocol::Protocol& protocol : protocol::protocols()) {
    for (const Outcome outcome : measure::k_outcomes) {
      if (!k_impossible.contains({protocol.name, outcome})) {
        cells.emplace_back(fmt::format("{}: {}", protocol.name, measure::to_string(outcome)),
                           outcome);
        attempts.start(provoke(protocol, outcome, surroundings, simulator.port()));
      }
    }
  }
  const std::vector<Measurement> results = attempts.wait();
  REQUIRE(results.size() == cells.size());
  for (std::size_t i = 0; i < cells.size(); ++i) {
    CAPTURE(cells[i].first);
    CAPTURE(results[i].detail);
    CHECK(measure::to_string(results[i].outcome) == measure::to_string(cells[i].second));
    CHECK(results[i].detail.empty() == (cells[i].second == Outcome::success));
  }
}

TEST_CASE("integration: the provocations cover every outcome") {
  const Surroundings surroundings;
  for (const Outcome outcome : measure::k_outcomes) {
    CAPTURE(measure::to_string(outcome));
    const bool by_fault = std::any_of(k_by_fault.begin(), k_by_fault.end(),
                                      [&](const auto& row) { return row.outcome == outcome; });
    const bool by_configuration =
        outcome == Outcome::validation_failed || outcome == Outcome::internal_error;
    CHECK((by_fault || by_configuration || surroundings.url(outcome).has_value()));
  }
}

}  // namespace inferometer::integration
