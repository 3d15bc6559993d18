#pragma once

#include "protocol/answer/api_error.hpp"
#include "protocol/framing/frame.hpp"
#include "protocol/protocol.hpp"
#include "wire/json.hpp"

#include <fmt/format.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

/// What all APIs have in common: frames that hold JSON objects. A framing says where a frame ends,
/// an interpreter what its object means; each API is a pair of them.
///
/// An Interpreter has
///   static bool knows(std::string_view type);       // whether frames of that type mean something
///   std::optional<ErrorFields> take(std::string_view type, const wire::Json& object, Event&
///   event); std::optional<ErrorFields> take_body(const wire::Json& object, Event& event);
/// `take` fills the event from one frame's object, `take_body` from a whole answer that was not
/// streamed; texts that the event views live in the object or, until the next call, in the
/// interpreter. Both return the error if the object is one, and may be given any value, since
/// errors are known to come wrapped in an array.
///
/// A Framing has
///   bool feed(std::string_view bytes, const FrameFunction& emit);  // false: broken, see problem()
///   bool finish(const FrameFunction& emit);  // false: the body ended within a frame
///   bool at_boundary() const;  // the last byte fed, if any, ended a frame
///   std::string_view problem() const;
namespace inferometer::protocol {

template <typename Framing, typename Interpreter>
class JsonStreamDecoder final : public Decoder {
 public:
  void feed(std::string_view bytes, const EventFunction& emit) override {
    if (m_ended) {
      return;
    }
    if (!m_framing.feed(bytes, [&](const Frame& frame) { take(frame, emit); })) {
      fail(m_framing.problem(), emit);
    }
  }

  void finish(const EventFunction& emit) override {
    m_finishing = true;
    if (!m_ended && !m_framing.finish([&](const Frame& frame) { take(frame, emit); })) {
      fail(m_framing.problem(), emit, measure::Outcome::truncated);
    }
  }

  [[nodiscard]] bool at_boundary() const override { return m_framing.at_boundary(); }

 private:
  void take(const Frame& frame, const EventFunction& emit) {
    if (m_ended) {
      return;
    }
    if (frame.is_error) {
      report(error_of(frame, wire::parse_json(frame.data)), emit);
      return;
    }
    if (frame.type != "error" && !Interpreter::knows(frame.type)) {
      emit(Event{});  // an event of which we need not know: it is no content
      return;
    }
    // OpenAI's end mark; servers that imitate the other APIs are known to send it too.
    if (frame.data.starts_with("[DONE]")) {
      m_ended = true;
      Event event;
      event.terminator = true;
      emit(event);
      return;
    }
    if (frame.data.find_first_not_of(" \t\r\n") == std::string_view::npos) {
      emit(Event{});
      return;
    }
    take_object(frame, wire::parse_json(frame.data), emit);
  }

  void take_object(const Frame& frame, const wire::MaybeJson& object, const EventFunction& emit) {
    if (!object && wire::has_too_many_values(frame.data)) {
      fail("an event of more than 100,000 values", emit);
      return;
    }
    if (frame.type == "error") {
      report(error_of(frame, object), emit);
      return;
    }
    if (!object) {
      if (!m_finishing) {  // otherwise the end of the body cut it off
        fail("an event is not a JSON object in valid UTF-8", emit);
      }
      return;
    }
    Event event;
    if (const std::optional<ErrorFields> error = m_interpreter.take(frame.type, *object, event)) {
      report(*error, emit);
    } else if (!object->is_object()) {
      fail("an event is not a JSON object in valid UTF-8", emit);
    } else {
      m_ended = event.terminator;
      emit(event);
    }
  }

  static ErrorFields error_of(const Frame& frame, const wire::MaybeJson& object) {
    ErrorFields fields = error_fields(object).value_or(fields_of_error(object));
    fields.message = fields.message.empty() ? std::string(frame.data) : fields.message;
    fields.type = frame.is_error ? std::string(frame.type) : fields.type;
    return fields;
  }

  void report(const ErrorFields& fields, const EventFunction& emit) {
    m_ended = true;
    Event event;
    event.error = classify_stream_error(fields);
    emit(event);
  }

  void fail(std::string_view what, const EventFunction& emit,
            measure::Outcome outcome = measure::Outcome::protocol_error) {
    if (std::exchange(m_ended, true)) {
      return;
    }
    Event event;
    event.error = ApiError{outcome, std::string(what), {}};
    emit(event);
  }

  Framing m_framing;
  Interpreter m_interpreter;
  bool m_finishing = false;  // the body has ended
  bool m_ended = false;      // after the terminator or an error nothing counts
};

/// The decoder of an answer that is not streamed: one JSON object.
template <typename Interpreter>
class JsonBodyDecoder final : public Decoder {
 public:
  void feed(std::string_view bytes, const EventFunction& emit) override {
    if (m_body.size() + bytes.size() > k_max_event_bytes) {
      if (!std::exchange(m_failed, true)) {
        fail(fmt::format("an answer of more than {} bytes", k_max_event_bytes), emit);
      }
      return;
    }
    m_body.append(bytes);
  }

  [[nodiscard]] bool at_boundary() const override { return m_finished; }

  void finish(const EventFunction& emit) override {
    m_finished = true;
    if (m_failed) {
      return;
    }
    const wire::MaybeJson object = wire::parse_json(m_body);
    Event event;
    const std::optional<ErrorFields> error =
        object ? m_interpreter.take_body(*object, event) : std::nullopt;
    if (error) {
      event = Event{};
      event.error = classify_stream_error(*error);
      emit(event);
    } else if (!object || !object->is_object()) {
      fail("the answer is not a JSON object in valid UTF-8", emit);
    } else {
      event.terminator = true;
      emit(event);
    }
  }

 private:
  static void fail(std::string what, const EventFunction& emit) {
    Event event;
    event.error = ApiError{measure::Outcome::protocol_error, std::move(what), {}};
    emit(event);
  }

  Interpreter m_interpreter;
  std::string m_body;
  bool m_finished = false;
  bool m_failed = false;
};

template <typename Framing, typename Interpreter>
std::unique_ptr<Decoder> make_json_stream_decoder() {
  return std::make_unique<JsonStreamDecoder<Framing, Interpreter>>();
}

template <typename Interpreter>
std::unique_ptr<Decoder> make_json_body_decoder() {
  return std::make_unique<JsonBodyDecoder<Interpreter>>();
}

}  // namespace inferometer::protocol
