#include "protocol/answer/api_error.hpp"
#include "protocol/answer/timestamps.hpp"

#include <charconv>

// What an error object says, in whatever form a vendor writes it.

namespace inferometer::protocol {
namespace {

using simdjson::SUCCESS;
using wire::Json;
using wire::MaybeJson;

/// A name, which some servers write as a number.
std::string name_member(const MaybeJson& object, const char* name) {
  const MaybeJson value = wire::member(object, name);
  std::int64_t number = 0;
  return value && value->get(number) == SUCCESS ? std::to_string(number)
                                                : std::string(wire::text(object, name));
}

/// Some servers write the number as a number, some as text.
int status_member(const MaybeJson& object) {
  for (const char* name : {"code", "status_code", "http_status_code", "status"}) {
    const std::string text = name_member(object, name);
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error == std::errc() && end == text.data() + text.size() && value >= 400 && value < 600) {
      return value;
    }
  }
  return 0;
}

/// Google's `details` (google.rpc.ErrorInfo, QuotaFailure, RetryInfo) and Azure's `innererror`.
void read_details(const MaybeJson& error, ErrorFields& fields) {
  const auto add_name = [&fields](std::string_view name) {
    fields.details.append(fields.details.empty() ? "" : " ").append(name);
  };
  add_name(wire::text(error, "status"));
  if (const MaybeJson inner = wire::member(error, "innererror")) {
    add_name(wire::text(inner, "code"));
  }
  for (const Json detail : wire::elements(error, "details")) {
    add_name(wire::text(detail, "reason"));
    for (const Json violation : wire::elements(detail, "violations")) {
      add_name(wire::text(violation, "quotaId"));
    }
    std::string_view delay = wire::text(detail, "retryDelay");
    if (delay.ends_with('s')) {
      delay.remove_suffix(1);
      fields.retry_after = parse_seconds(delay);
    }
  }
}

/// OpenRouter's own message says only that the provider behind it failed.
void add_upstream_message(const MaybeJson& error, ErrorFields& fields) {
  const std::string_view raw = wire::text(wire::member(error, "metadata"), "raw");
  if (!raw.empty()) {
    fields.message.append(": ").append(raw);
  }
}

/// What the clients of OpenAI take for an error, after the rules of their languages.
bool is_truthy(Json value) {
  if (bool given = false; value.get(given) == SUCCESS) {
    return given;
  }
  if (std::string_view characters; value.get(characters) == SUCCESS) {
    return !characters.empty();
  }
  if (double number = 0; value.get(number) == SUCCESS) {
    return number != 0;
  }
  if (simdjson::dom::object members; value.get(members) == SUCCESS) {
    return members.begin() != members.end();
  }
  return !wire::elements(value).empty();
}

}  // namespace

ErrorFields fields_of_error(const MaybeJson& error) {
  ErrorFields fields{.status = status_member(error),
                     .type = name_member(error, "type"),
                     .code = name_member(error, "code"),
                     .message = name_member(error, "message")};
  fields.input_tokens = wire::count(error, "n_prompt_tokens");
  read_details(error, fields);
  add_upstream_message(error, fields);
  return fields;
}

std::optional<ErrorFields> error_fields(const MaybeJson& body) {
  // Gemini wraps the object in an array.
  const wire::Elements wrapped = wire::elements(body);
  const MaybeJson object = wrapped.empty() ? body : *wrapped.begin();
  const MaybeJson error = wire::member(object, "error");
  if (error && is_truthy(*error)) {
    if (error->is_object()) {
      return fields_of_error(error);
    }
    ErrorFields fields = fields_of_error(object);
    fields.type = name_member(object, "error_type");
    if (std::string_view message; error->get(message) == SUCCESS) {
      fields.message = message;
    }
    return fields;
  }
  if (wire::text(object, "object") == "error") {
    return fields_of_error(object);
  }
  return std::nullopt;
}

}  // namespace inferometer::protocol
