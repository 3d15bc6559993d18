#pragma once

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

/// The seam between an API and the rest: bytes to events, and a generation to a request. Knows no
/// sockets and no clock. One file an API, one row in the table.
namespace inferometer::probe::protocol {

using Header = std::pair<std::string, std::string>;

/// What is asked of the model.
struct Generation {
  std::string model;
  std::string prompt;
  std::uint32_t max_output_tokens = 0;
  std::optional<double> temperature;
  std::string max_tokens_parameter;  ///< the field that carries the bound, where servers differ
};

/// The request that asks for it; `path` is appended to the provider's base URL.
struct HttpRequest {
  std::string path;
  std::vector<Header> headers;
  std::string body;
};

/// An error that the provider reported, classified.
struct ApiError {
  measure::Outcome outcome = measure::Outcome::server_error;
  std::string message;
};

/// One event of the stream. Each member is set if the event says so; one event may say several
/// things. The views are valid during the call only.
struct Event {
  std::string_view content;    ///< generated visible text, refusals and tool arguments
  std::string_view reasoning;  ///< generated reasoning text
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
};

struct Protocol {
  std::string_view name;
  std::string_view stream_content_type;  ///< what a good response's Content-Type begins with
  HttpRequest (*make_request)(const Generation& generation);
  std::unique_ptr<Decoder> (*make_decoder)();
};

/// Every protocol: serves dispatch, validation of the configuration, and documentation.
[[nodiscard]] std::span<const Protocol> protocols();

/// The protocol of that name, or null.
[[nodiscard]] const Protocol* find_protocol(std::string_view name);

}  // namespace inferometer::probe::protocol
