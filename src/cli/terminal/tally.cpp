#include "cli/terminal/tally.hpp"

#include "measure/derive.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <numeric>
#include <optional>

namespace inferometer::cli {
namespace {

using measure::Duration;
using measure::Measurement;
using measure::Outcome;

struct Quantile {
  std::string_view name;
  double q;
};
constexpr std::array<Quantile, 4> k_quantiles{
    {{"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"max", 1.0}}};

std::vector<double> seconds_of(const std::vector<Duration>& spans) {
  std::vector<double> values;
  values.reserve(spans.size());
  for (const Duration span : spans) {
    values.push_back(base::seconds(span));
  }
  return values;
}

std::vector<double> seconds_of(std::optional<Duration> span) {
  return span ? std::vector<double>{base::seconds(*span)} : std::vector<double>();
}

std::vector<double> samples_of(const Measurement& measurement, Figure figure) {
  switch (figure) {
    case Figure::ttft:
      return seconds_of(measure::time_to_first_token(measurement));
    case Figure::server_ttft:
      return seconds_of(measure::server_time_to_first_token(measurement));
    case Figure::first_reasoning:
      return seconds_of(measure::time_to_first_reasoning(measurement));
    case Figure::itl:
      return seconds_of(measure::inter_token_latencies(measurement));
    case Figure::tpot:
      return seconds_of(measure::time_per_output_token(measurement));
    case Figure::duration:
      return seconds_of(measure::duration(measurement));
    case Figure::output_speed: {
      const auto speed = measure::output_tokens_per_second(measurement);
      return speed ? std::vector<double>{*speed} : std::vector<double>();
    }
  }
  return {};
}

/// In the unit of the tables: milliseconds for times.
std::string shown(const FigureInfo& info, std::optional<double> value) {
  return value ? fmt::format("{:.1f}", *value * (info.is_time ? 1e3 : 1)) : "-";
}

std::string failures_by_outcome(const Tally& tally) {
  std::string text;
  for (const auto& [outcome, count] : tally.failures) {
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, to_string(outcome));
  }
  return text;
}

constexpr std::string_view k_attempt = "{:>5}  {:<19} {:>9} {:>8} {:>8} {:>8} {:>11}";
constexpr std::string_view k_indent = "       ";

}  // namespace

void Tally::add(const Measurement& measurement) {
  ++attempts;
  suspects += measurement.suspect ? 1 : 0;
  if (measurement.outcome != Outcome::success) {
    ++failures[measurement.outcome];
    return;
  }
  if (measurement.suspect) {
    return;
  }
  for (const FigureInfo& info : k_figures) {
    const std::vector<double> more = cli::samples_of(measurement, info.figure);
    auto& all = samples[static_cast<std::size_t>(info.figure)];
    all.insert(all.end(), more.begin(), more.end());
  }
}

std::uint64_t Tally::failed() const {
  return std::accumulate(failures.begin(), failures.end(), std::uint64_t{0},
                         [](std::uint64_t sum, const auto& entry) { return sum + entry.second; });
}

std::string attempt_heading(const Terminal& terminal) {
  return shorten(fmt::format(fmt::runtime(k_attempt), "#", "OUTCOME", "TTFT ms", "ITL p50", "TPOT",
                             "tokens/s", "DURATION ms"),
                 terminal.columns) +
         '\n';
}

std::string attempt_line(std::uint64_t number, const Measurement& attempt,
                         const Terminal& terminal) {
  const auto median = [&attempt](Figure figure) {
    return shown(k_figures[static_cast<std::size_t>(figure)],
                 measure::quantile(samples_of(attempt, figure), 0.5));
  };
  std::string text =
      shorten(fmt::format(fmt::runtime(k_attempt), number, to_string(attempt.outcome),
                          median(Figure::ttft), median(Figure::itl), median(Figure::tpot),
                          median(Figure::output_speed), median(Figure::duration)),
              terminal.columns) +
      '\n';
  const auto add = [&](std::string_view line) {
    text += shorten(fmt::format("{}{}", k_indent, line), terminal.columns) + '\n';
  };
  if (!attempt.detail.empty()) {
    add(attempt.detail);
  }
  if (attempt.suspect) {
    add("suspect: this host was too slow to be trusted");
  }
  return text;
}

std::string to_table(const Tally& tally, const Terminal& terminal) {
  const std::uint64_t failed = tally.failed();
  std::string text =
      fmt::format("{} attempt{}: {} succeeded, {} failed{}", tally.attempts,
                  tally.attempts == 1 ? "" : "s", tally.attempts - failed, failed,
                  failed > 0 ? fmt::format(" ({})", failures_by_outcome(tally)) : "");
  if (tally.suspects > 0) {
    text += fmt::format(", {} suspect", tally.suspects);
  }
  text += '\n';
  const auto add = [&](std::string_view title, const auto& count, const auto& columns) {
    const std::string line = fmt::format("{:<16} {:>6} {:>10} {:>10} {:>10} {:>10}", title, count,
                                         columns[0], columns[1], columns[2], columns[3]);
    text += shorten(line, terminal.columns) + '\n';
  };
  std::array<std::string, k_quantiles.size()> columns;
  const auto fill = [&columns](auto value_of) {
    for (std::size_t i = 0; i < columns.size(); ++i) {
      columns[i] = value_of(k_quantiles[i]);
    }
  };
  if (failed < tally.attempts) {
    fill([](const Quantile& quantile) { return std::string(quantile.name); });
    add("FIGURE", "COUNT", columns);
  }
  for (const FigureInfo& info : k_figures) {
    const std::vector<double>& samples = tally.samples_of(info.figure);
    if (!samples.empty()) {
      fill([&](const Quantile& quantile) {
        return shown(info, measure::quantile(samples, quantile.q));
      });
      add(info.title, samples.size(), columns);
    }
  }
  return text;
}

std::string to_json(const Tally& tally) {
  using nlohmann::ordered_json;
  const std::uint64_t failed = tally.failed();
  ordered_json json{{"attempts", tally.attempts},
                    {"successes", tally.attempts - failed},
                    {"suspects", tally.suspects},
                    {"failures", ordered_json::object()},
                    {"figures", ordered_json::object()}};
  for (const auto& [outcome, count] : tally.failures) {
    json["failures"][std::string(to_string(outcome))] = count;
  }
  for (const FigureInfo& info : k_figures) {
    const std::vector<double>& samples = tally.samples_of(info.figure);
    if (!samples.empty()) {
      ordered_json& figure = json["figures"][std::string(info.key)];
      figure["count"] = samples.size();
      for (const Quantile& quantile : k_quantiles) {
        figure[std::string(quantile.name)] = *measure::quantile(samples, quantile.q);
      }
    }
  }
  return json.dump(2);
}

}  // namespace inferometer::cli
