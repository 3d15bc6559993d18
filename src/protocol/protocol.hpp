#pragma once

#include "base/clock.hpp"
#include "measure/measurement.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// The seam between an API and the rest: bytes to events, and a generation to a request. Uses
/// neither sockets nor a clock. One file an API, one row in the table.
namespace inferometer::protocol {

using Header = std::pair<std::string, std::string>;

/// What is asked of the model.
struct Generation {
  std::string model;
  std::string system_prompt;  ///< empty: none
  std::string prompt;
  bool stream = true;
  std::uint32_t max_output_tokens = 0;
  bool ignore_eos = false;  ///< exactly that many, where the API can be asked for it
  std::optional<double> temperature;
  std::string max_tokens_parameter;  ///< the field that carries the bound, where servers differ
};

/// The request that asks for it; `path` is appended to the provider's base URL and may end in a
/// query. Names of models in it are percent-encoded.
struct HttpRequest {
  std::string path;
  std::vector<Header> headers;
  std::string body;
};

/// An error that the provider reported, classified.
struct ApiError {
  measure::Outcome outcome = measure::Outcome::server_error;
  std::string message;
  std::optional<base::Duration> retry_after;    ///< the delay that the body names, if it does
  std::optional<std::uint64_t> input_tokens{};  ///< of a request that was too long, where it tells
};

/// One event of the stream. Each member is set if the event says so; one event may say several
/// things. The views are valid during the call only.
struct Event {
  std::string_view content;    ///< generated visible text, refusals and tool arguments
  std::string_view reasoning;  ///< generated reasoning text
  bool reasoned = false;       ///< the model reasoned, whether or not the text of it is shown
  bool refusal = false;        ///< the text declines the request
  std::optional<measure::FinishReason> finish_reason;
  std::optional<measure::TokenUsage> usage;  ///< the last one given counts
  std::optional<ApiError> error;
  bool terminator = false;  ///< the protocol's own end mark
};

using EventFunction = std::function<void(const Event&)>;

/// Turns the bytes of one response body into events, however they are cut. Not thread-safe.
/// Memory is bounded by the longest event that it accepts.
class Decoder {
 public:
  Decoder() = default;
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;
  virtual ~Decoder() = default;

  /// Takes the next bytes and calls `emit` for each event in them. Bytes that break the protocol
  /// give one event with an error of outcome `protocol_error`; what follows it is ignored.
  virtual void feed(std::string_view bytes, const EventFunction& emit) = 0;

  /// The body has ended: emits what a last, unfinished frame still holds.
  virtual void finish(const EventFunction& emit) = 0;

  /// Whether the last byte fed, if any, ended an event; not so if it belongs to one that is
  /// unfinished, or to none, like a comment. An answer that is not streamed is one event that only
  /// finish() ends.
  [[nodiscard]] virtual bool at_boundary() const = 0;
};

struct Protocol {
  std::string_view name;
  std::string_view stream_content_type;  ///< what a good stream's Content-Type begins with
  std::string_view api_key_header;       ///< carries `auth.api_key`; empty: as a bearer token
  bool takes_ignore_eos;
  HttpRequest (*make_request)(const Generation& generation);
  std::unique_ptr<Decoder> (*make_stream_decoder)();
  /// For an answer that is not streamed: takes the whole JSON body, gives one event at its end.
  std::unique_ptr<Decoder> (*make_body_decoder)();
};

/// Every protocol: serves dispatch, validation of the configuration, and documentation.
[[nodiscard]] std::span<const Protocol> protocols();

/// The headers of a request whose body is JSON and whose stream, if it asks for one, is SSE.
[[nodiscard]] std::vector<Header> json_headers(const Generation& generation);

/// The protocol of that name, or null.
[[nodiscard]] const Protocol* find_protocol(std::string_view name);

}  // namespace inferometer::protocol
