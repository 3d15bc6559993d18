#include "protocol/answer/api_error.hpp"
#include "protocol/answer/timestamps.hpp"
#include "wire/json_reading.hpp"

#include <charconv>

// What an error object says, in whatever form a vendor writes it.

namespace inferometer::protocol {
namespace {

using nlohmann::json;

/// A name, which some servers write as a number.
std::string name_member(const json& object, const char* name) {
  const json* value = wire::member(object, name);
  return value != nullptr && value->is_number_integer() ? std::to_string(value->get<std::int64_t>())
                                                        : std::string(wire::text(object, name));
}

/// Some servers write the number as a number, some as text.
int status_member(const json& object) {
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
void read_details(const json& error, ErrorFields& fields) {
  const auto add_name = [&fields](std::string_view name) {
    fields.details.append(fields.details.empty() ? "" : " ").append(name);
  };
  add_name(wire::text(error, "status"));
  if (const json* inner = wire::member(error, "innererror")) {
    add_name(wire::text(*inner, "code"));
  }
  for (const json& detail : wire::elements(error, "details")) {
    add_name(wire::text(detail, "reason"));
    for (const json& violation : wire::elements(detail, "violations")) {
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
void add_upstream_message(const json& error, ErrorFields& fields) {
  const json* metadata = wire::member(error, "metadata");
  const std::string_view raw = metadata != nullptr ? wire::text(*metadata, "raw") : "";
  if (!raw.empty()) {
    fields.message.append(": ").append(raw);
  }
}

/// What the clients of OpenAI take for an error, after the rules of their languages.
bool is_truthy(const json& value) {
  switch (value.type()) {
    case json::value_t::boolean:
      return value.get<bool>();
    case json::value_t::string:
      return !value.get_ref<const std::string&>().empty();
    case json::value_t::array:
    case json::value_t::object:
      return !value.empty();
    case json::value_t::number_integer:
    case json::value_t::number_unsigned:
    case json::value_t::number_float:
      return value != 0;
    case json::value_t::null:
    case json::value_t::binary:
    case json::value_t::discarded:
      return false;
  }
  return false;
}

}  // namespace

ErrorFields fields_of_error(const json& error) {
  ErrorFields fields{.status = status_member(error),
                     .type = name_member(error, "type"),
                     .code = name_member(error, "code"),
                     .message = name_member(error, "message")};
  read_details(error, fields);
  add_upstream_message(error, fields);
  return fields;
}

std::optional<ErrorFields> error_fields(const json& body) {
  // Gemini wraps the object in an array.
  const json& object = body.is_array() && !body.empty() ? body.front() : body;
  const json* error = wire::member(object, "error");
  if (error != nullptr && is_truthy(*error)) {
    if (error->is_object()) {
      return fields_of_error(*error);
    }
    ErrorFields fields = fields_of_error(object);
    fields.type = name_member(object, "error_type");
    fields.message = error->is_string() ? error->get<std::string>() : fields.message;
    return fields;
  }
  if (wire::text(object, "object") == "error") {
    return fields_of_error(object);
  }
  return std::nullopt;
}

}  // namespace inferometer::protocol
