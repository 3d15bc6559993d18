#pragma once

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/secret.hpp"
#include "sim/http/message.hpp"
#include "sim/model/behaviour.hpp"
#include "sim/model/provider.hpp"
#include "sim/model/renderer.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// The APIs that the simulated model is asked through: one file an API, one row in the table.
namespace inferometer::sim {

/// An error that an API is to report.
struct ApiError {
  ErrorKind kind = ErrorKind::server_error;
  std::string_view message = {};         ///< empty: what the API itself says
  int status = 0;                        ///< 0: the one that the API itself has for it
  Dialect dialect = Dialect::openai;     ///< of OpenAI's API
  std::uint64_t prompt_tokens = 20'000;  ///< what the API says of a context that is too long
  std::uint64_t context_window = 16'384;
};

/// A path that asks for a generation.
struct Route {
  /// After the profile's name. A segment may hold one placeholder, which stands for one or more
  /// characters: `{model}` names the model, percent-encoded, and any other is free.
  std::string_view pattern;
  std::optional<bool> streams;  ///< where the path decides it; else the body does
};

/// One request on one of the routes.
struct Call {
  const http::Request& request;
  const Route& route;
  std::string model;  ///< from the path, decoded; empty where the path names none
};

struct WireFormat {
  std::string_view name;
  std::span<const Route> routes;  ///< all taken by POST
  std::string_view stream_content_type;
  std::string_view key_header = {};  ///< carries the key besides a bearer token; may be empty
  std::string_view request_id_header = {};  ///< empty: the API has none

  /// Looks whether a request that does not show the key proves in another way that its sender has
  /// it; the response refuses one that does not. Null: there is no other way.
  std::optional<http::Response> (*check_proof)(const http::Request& request,
                                               const base::Secret& key,
                                               base::WallTime now) = nullptr;

  /// Checks a request strictly; the error says what the API would.
  base::Result<Ask> (*parse)(const Call& call);
  std::unique_ptr<Renderer> (*make_renderer)(const Ask& ask, const Behaviour& behaviour,
                                             AnswerId id);
  /// The response that reports an error before any answer, with the API's own status and words
  /// where the error leaves them open.
  http::Response (*render_error)(const ApiError& error);

  /// Null: the API tells no limits in headers. `now` is the base of dates.
  std::vector<http::Header> (*rate_limit_headers)(const Limits& limits, Dialect dialect,
                                                  base::WallTime now) = nullptr;

  std::string_view models_path = {};  ///< answers GET with the list of models; may be empty
  /// That list, of a server that has just one.
  std::string (*render_models)(std::string_view model) = nullptr;

  bool checksums = false;  ///< the messages of a stream have one
};

/// Every API that is served; the first one also gives errors their shape where no API is meant.
[[nodiscard]] std::span<const WireFormat> wire_formats();

}  // namespace inferometer::sim
