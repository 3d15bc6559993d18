#pragma once

#include "base/clock.hpp"
#include "sim/api/wire_format.hpp"
#include "sim/http/message.hpp"
#include "sim/model/fault.hpp"
#include "sim/model/generation.hpp"
#include "sim/model/latency.hpp"
#include "sim/model/provider.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace inferometer::sim {

/// The request is read and never answered.
struct Silence {};

/// Bytes in the place of a response, after which the connection ends.
struct RawBytes {
  std::string bytes;
};

/// The model answers, as soon as its provider has a place for it.
struct Answer {
  std::unique_ptr<Generation> generation;
  const Profile* profile = nullptr;  ///< one of profiles()
  std::string_view stream_content_type;
  std::vector<http::Header> headers;
};

/// What that profile's server tells of itself.
struct MetricsPage {
  const Profile* profile = nullptr;  ///< one of profiles()
};

using Action = std::variant<http::Response, Silence, RawBytes, Answer, MetricsPage>;

/// What a request gets.
struct Decision {
  Action action;
  std::optional<Fault> fault = {};     ///< what goes wrong with it
  const WireFormat* format = nullptr;  ///< the API that was asked, if one was
};

/// What a fault of FaultPlace::answer puts in the answer's place. `now` is the base of dates.
[[nodiscard]] Action act_out(Fault fault, const WireFormat& format, Dialect dialect, Random& random,
                             base::WallTime now);

}  // namespace inferometer::sim
