#include "precision/cases.hpp"

namespace inferometer::precision {
namespace {

using namespace std::chrono_literals;

struct LoadTraits {
  std::uint32_t streams;
  base::Duration ttft;
  base::Duration gap;
  base::Duration length;
};

LoadTraits traits(Load load) {
  switch (load) {
    case Load::at_rest:
      return {.streams = 1000, .ttft = 1500ms, .gap = 20ms, .length = 2s};
    case Load::saturated:
      return {.streams = 1000, .ttft = 1500ms, .gap = 10ms, .length = 2s};
    case Load::starved:
    case Load::starved_without_stamps:
      return {.streams = 40, .ttft = 500ms, .gap = 20ms, .length = 2s};
    case Load::frozen:
      return {.streams = 20, .ttft = 50ms, .gap = 20ms, .length = 200ms};
  }
  return {};
}

}  // namespace

std::string_view to_string(Mode mode) {
  switch (mode) {
    case Mode::clear_text:
      return "clear text";
    case Mode::tls:
      return "TLS";
    case Mode::http2:
      return "HTTP/2";
    case Mode::reused:
      return "TLS, reused";
  }
  return "";
}

std::string_view to_string(Load load) {
  switch (load) {
    case Load::at_rest:
      return "at rest";
    case Load::saturated:
      return "saturated";
    case Load::starved:
      return "starved";
    case Load::starved_without_stamps:
      return "starved, no kernel stamps";
    case Load::frozen:
      return "frozen";
  }
  return "";
}

Plan make_plan(const Case& which, std::uint32_t streams, base::Duration length) {
  const LoadTraits own = traits(which.load);
  const base::Duration sending = length > 0s ? length : own.length;
  Plan plan;
  plan.wire = which.mode == Mode::clear_text ? selftest::Wire::clear_text
              : which.mode == Mode::http2    ? selftest::Wire::http2
                                             : selftest::Wire::tls;
  plan.pace = {
      .events = static_cast<std::uint32_t>(sending / own.gap), .ttft = own.ttft, .gap = own.gap};
  plan.streams = streams > 0 ? streams : own.streams;
  plan.reuse = which.mode == Mode::reused;
  plan.kernel_stamps = which.load != Load::starved_without_stamps;
  const bool starved = which.load == Load::starved || which.load == Load::starved_without_stamps;
  plan.busy_processes = starved ? 3 : 0;
  plan.keep_opening = which.load == Load::frozen ? 6s : 0s;
  return plan;
}

}  // namespace inferometer::precision
