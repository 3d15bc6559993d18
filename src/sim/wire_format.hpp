#pragma once

#include "base/error.hpp"
#include "sim/behaviour.hpp"

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
  std::string model;
  std::uint64_t prompt_tokens = 0;  ///< estimated: bytes of all message texts / 4, rounded up
  std::optional<std::uint64_t> max_tokens;
  bool stream = false;
  bool include_usage = false;
};

struct Usage {
  std::uint64_t prompt_tokens = 0;
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

/// Bytes of a stream that are to be sent, with the places where the send time goes: runs of
/// `k_stamp_width` digits.
struct Frames {
  std::string bytes;
  std::vector<std::size_t> stamps;

  void clear();
  /// Writes `nanoseconds` into all places.
  void stamp(std::uint64_t nanoseconds);
};

inline constexpr std::size_t k_stamp_width = 20;

/// Writes the events of one answer. Texts are safe inside JSON strings as they are.
class Renderer {
 public:
  Renderer() = default;
  Renderer(const Renderer&) = delete;
  Renderer& operator=(const Renderer&) = delete;
  virtual ~Renderer() = default;

  /// What the API sends before any text.
  virtual void opening(Frames& out, const Usage& usage) = 0;
  virtual void tokens(Frames& out, TextKind kind, std::string_view text, const Usage& usage) = 0;
  /// All that follows the last text, but for the terminator.
  virtual void finish(Frames& out, FinishReason reason, const Usage& usage) = 0;
  virtual void terminator(Frames& out) = 0;
  /// Something that clients must ignore.
  virtual void comment(Frames& out) = 0;
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

struct WireFormat {
  std::string_view name;
  std::string_view path;  ///< of a generation, after the profile's name
  std::string_view stream_content_type;
  /// Checks the body of a request strictly; the error says what the API would.
  base::Result<Ask> (*parse)(std::string_view body);
  std::unique_ptr<Renderer> (*make_renderer)(const Ask& ask, const Behaviour& behaviour,
                                             AnswerId id);
  /// The JSON body of an error response.
  std::string (*render_error)(ErrorKind kind, std::string_view message);
};

/// Every API that is served; the first one also gives errors their shape where no API is meant.
[[nodiscard]] std::span<const WireFormat> wire_formats();

}  // namespace inferometer::sim
