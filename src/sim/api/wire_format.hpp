#pragma once

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/secret.hpp"
#include "sim/http/message.hpp"
#include "sim/model/behaviour.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// The seam between the simulated model and the API that it is asked through. One file an API, one
/// row in the table.
namespace inferometer::sim {

/// What a request asks of the model, whatever the API.
struct Ask {
  std::string model = {};
  std::string prompt = {};          ///< system text and all messages, one after the other
  std::uint64_t prompt_tokens = 0;  ///< as the default Tokenizer counts `prompt`, or Behaviour's
  std::optional<std::uint64_t> max_tokens = {};
  std::uint64_t min_tokens = 0;
  bool ignore_eos = false;  ///< the model stops at `max_tokens` and nowhere else
  bool stream = false;
  bool include_usage = false;
  bool include_reasoning = true;  ///< the answer shows its reasoning, not only how long it was
};

/// Sets the prompt and the tokens that it has.
void set_prompt(Ask& ask, std::string prompt);

struct Usage {
  std::uint64_t prompt_tokens = 0;
  std::uint64_t cached_prompt_tokens = 0;  ///< part of `prompt_tokens`
  std::uint64_t completion_tokens = 0;
  std::uint64_t reasoning_tokens = 0;  ///< part of `completion_tokens`
};

enum class TextKind { content, reasoning };
enum class FinishReason { stop, length, content_filter };

/// The errors that every API has a shape for.
enum class ErrorKind {
  invalid_request,
  authentication,
  permission,
  not_found,
  rate_limit,
  quota,
  context_length,
  server_error,
  overloaded,
};

/// An error that an API is to report.
struct ApiError {
  ErrorKind kind = ErrorKind::server_error;
  std::string_view message = {};         ///< empty: what the API itself says
  int status = 0;                        ///< 0: the one that the API itself has for it
  Dialect dialect = Dialect::openai;     ///< of OpenAI's API
  std::uint64_t prompt_tokens = 20'000;  ///< what the API says of a context that is too long
  std::uint64_t context_window = 16'384;
};

/// Bytes of a stream that are to be sent, with the places where the send time goes: runs of
/// `k_stamp_width` digits.
struct Frames {
  /// A run of bytes with its CRC-32 in the four bytes after it.
  struct Sealed {
    std::size_t begin;
    std::size_t end;
  };

  std::string bytes;
  std::vector<std::size_t> stamps;
  std::vector<Sealed> sealed = {};  ///< what holds a stamp and must be sealed again after it

  void clear();
  /// Writes `nanoseconds` into all places.
  void stamp(std::uint64_t nanoseconds);
};

inline constexpr std::size_t k_stamp_width = 20;

/// Appends the member `sim_sent_ns`, with a comma before it, and notes its place.
void append_stamp(Frames& out);

/// Writes the events of one answer. Texts are safe inside JSON strings as they are.
class Renderer {
 public:
  Renderer() = default;
  Renderer(const Renderer&) = delete;
  Renderer& operator=(const Renderer&) = delete;
  virtual ~Renderer() = default;

  /// What the API sends before any text. Comes once, before all but comments.
  virtual void opening(Frames& out, const Usage& usage) = 0;
  virtual void tokens(Frames& out, TextKind kind, std::string_view text, const Usage& usage) = 0;
  /// All that follows the last text, but for the terminator.
  virtual void finish(Frames& out, FinishReason reason, const Usage& usage) = 0;
  /// What comes in place of finish() where the model declines to go on; the API's content filter
  /// where it has nothing of its own for that.
  virtual void refusal(Frames& out, const Usage& usage) {
    finish(out, FinishReason::content_filter, usage);
  }
  /// What tells the client that the stream is whole; nothing where the end of the body does.
  virtual void terminator(Frames& out) = 0;
  /// Something that clients must ignore; nothing where the API has no such thing.
  virtual void comment(Frames& out) = 0;
  /// An error in place of the rest of the stream.
  virtual void error(Frames& out, ErrorKind kind) = 0;
  /// An event that cannot be parsed.
  virtual void malformed(Frames& out) = 0;
  /// The beginning of an event, to which any text can be appended and which then never ends.
  virtual void unfinished(Frames& out) = 0;
  /// The body of an answer that is not streamed.
  virtual std::string completion(std::string_view content, std::string_view reasoning,
                                 FinishReason reason, const Usage& usage) = 0;
};

/// What marks one answer.
struct AnswerId {
  std::uint64_t number = 0;  ///< unique within the server's life
  std::int64_t created = 0;  ///< Unix seconds
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

/// How much of something an account may have, and has left.
struct Limit {
  std::uint64_t limit = 0;
  std::uint64_t remaining = 0;
  Duration reset = Duration::zero();  ///< until all of it is there again
};

struct Limits {
  Limit requests;
  Limit tokens;
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
