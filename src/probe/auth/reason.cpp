#include "probe/auth/reason.hpp"

#include "protocol/answer/api_error.hpp"
#include "wire/json.hpp"
#include "wire/xml.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace inferometer::probe::auth {
namespace {

std::string code_and_message(std::string_view code, std::string_view message) {
  return fmt::format("{}{}{}", code, code.empty() || message.empty() ? "" : ": ", message);
}

std::string reason_in_xml(std::string_view body) {
  const auto code = wire::xml_text(body, "ErrorResponse/Error/Code");
  return code ? code_and_message(
                    *code,
                    wire::xml_text(body, "ErrorResponse/Error/Message").value_or(std::string()))
              : std::string();
}

}  // namespace

std::string reason_in(std::string_view body) {
  const wire::MaybeJson object = wire::parse_json(body);
  if (!object) {
    return reason_in_xml(body);
  }
  if (const std::string_view code = wire::text(object, "error"); !code.empty()) {
    return code_and_message(code, wire::text(object, "error_description"));
  }
  // A metadata server of EC2's says Success where it has keys.
  if (const std::string_view code = wire::text(object, "Code"); !code.empty()) {
    return code == "Success" ? std::string()
                             : code_and_message(code, wire::text(object, "Message"));
  }
  if (const std::string_view code = wire::text(object, "code"); !code.empty()) {
    return code_and_message(code, wire::text(object, "message"));
  }
  const auto fields = protocol::error_fields(object);
  if (!fields) {
    return {};
  }
  // Google's name of the status, such as PERMISSION_DENIED, is worth looking up.
  return code_and_message(fields->details, fields->message);
}

std::string plain_text_in(std::string_view body) {
  const std::string_view line = body.substr(0, body.find_first_of("\r\n"));
  const bool is_markup = line.starts_with('<') || line.starts_with('{') || line.starts_with('[');
  const bool is_text =
      std::all_of(line.begin(), line.end(), [](char c) { return c >= ' ' && c < '\x7f'; });
  return is_text && !is_markup ? std::string(line) : std::string();
}

}  // namespace inferometer::probe::auth
