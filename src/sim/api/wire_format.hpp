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

/// OpenAI's Chat Completions in the dialects of Behaviour.
namespace openai_chat {
[[nodiscard]] WireFormat wire_format();
}

/// OpenAI's Responses. The event that says how the response ended is the terminator. Reasoning is
/// shown, as a summary, only where the request asks for one.
namespace openai_responses {
[[nodiscard]] WireFormat wire_format();
}

/// OpenAI's legacy Completions, in its own dialect and in TGI's. The reasoning of a model is text
/// like any other here.
namespace openai_completions {
[[nodiscard]] WireFormat wire_format();
}

/// Anthropic's Messages, also as Vertex AI hosts them. A comment is a ping.
namespace anthropic {
[[nodiscard]] WireFormat wire_format();

/// The body of a request. Other hosts (`hosted`) require the API's version in there, and name the
/// model and whether to stream in the path: `ask.model` and `ask.stream` are the caller's.
[[nodiscard]] base::Result<Ask> parse_body(std::string_view body, Ask ask, bool hosted);
}  // namespace anthropic

/// Google's Gemini API, also as Vertex AI serves it. The end of the body ends the stream, so there
/// is no terminator. Thoughts are shown only where the request has `includeThoughts`. A stream must
/// be asked for with `alt=sse`: the array of JSON that the real API gives without it is not served.
namespace gemini {
[[nodiscard]] WireFormat wire_format();
}

/// Ollama's chat, in lines of JSON. The line with `done` ends the stream, so it is the terminator;
/// there are no comments. A request with `think: false` sees no reasoning.
namespace ollama {
[[nodiscard]] WireFormat wire_format();
}

/// AWS Bedrock's Converse and ConverseStream. An event stream has no comments.
namespace bedrock_converse {
[[nodiscard]] WireFormat wire_format();
}

/// AWS Bedrock's InvokeModel and InvokeModelWithResponseStream with a model of Anthropic's,
/// whatever its name. An event stream has no comments.
namespace bedrock_invoke {
[[nodiscard]] WireFormat wire_format();
}

/// Every API that is served; the first one also gives errors their shape where no API is meant.
[[nodiscard]] std::span<const WireFormat> wire_formats();

/// What is at a path of an API.
struct Endpoint {
  const WireFormat* format = nullptr;
  const Route* route = nullptr;  ///< null: the list of models
  std::string model;             ///< from the path, decoded; empty where the path names none
};

/// What is at `path`, which comes after the profile's name; nothing where no API has such a path.
[[nodiscard]] std::optional<Endpoint> find_endpoint(std::string_view path);

/// The model that `path` names if it is of the pattern (Route::pattern): empty if the pattern has
/// no `{model}`, no value if the path is not of it or its escapes are broken.
[[nodiscard]] std::optional<std::string> match_route(std::string_view pattern,
                                                     std::string_view path);

}  // namespace inferometer::sim
