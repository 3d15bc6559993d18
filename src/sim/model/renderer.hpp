#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The seam between the simulated model and the API that it is asked through: what a request asks,
/// whatever the API, and what writes the answer.
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

/// Writes `value` big-endian over the four bytes at `at`.
void write_u32(std::string& bytes, std::size_t at, std::uint32_t value);

/// Writes the CRC-32 (IEEE 802.3, big-endian) of the bytes from `begin` up to `end` over the four
/// bytes that follow them.
void write_crc32(std::string& bytes, std::size_t begin, std::size_t end);

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
  /// What tells the client that the stream is complete; nothing where the end of the body does.
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

}  // namespace inferometer::sim
