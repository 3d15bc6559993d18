#pragma once

#include "base/clock.hpp"
#include "base/secret.hpp"
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

/// That profile's server shows its metrics.
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
[[nodiscard]] Action perform_fault(Fault fault, const WireFormat& format, Dialect dialect,
                                   Random& random, base::WallTime now);

/// The client that has the server's key as its secret.
inline constexpr std::string_view k_client_id = "sim-client";

/// Answers a request for an OAuth 2 access token, which is the server's own key: by the client's
/// credentials (RFC 6749 §4.4), or by a signed assertion (RFC 7523), whose signature is not
/// checked. A server without a key takes any secret.
[[nodiscard]] http::Response issue_token(const http::Request& request, const base::Secret& key);

}  // namespace inferometer::sim
