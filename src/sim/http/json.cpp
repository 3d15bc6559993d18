#include "sim/http/json.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <ctime>

namespace inferometer::sim {
namespace {

using nlohmann::json;

/// Deeper values are dropped: no member that counts is that deep, and a tree of 16 MiB of brackets
/// would take gigabytes.
constexpr int k_deepest = 16;

base::Result<void> check_role(const json& message, std::size_t index, const MessageRules& rules) {
  const json& role = member(message, "role");
  if (!role.is_string()) {
    return base::fail(fmt::format("`{}[{}]` must be an object with a `role`", rules.list, index));
  }
  const auto& name = role.get_ref<const std::string&>();
  if (!rules.roles.empty() &&
      std::find(rules.roles.begin(), rules.roles.end(), name) == rules.roles.end()) {
    return base::fail(fmt::format("`{}[{}].role` must be one of {}", rules.list, index,
                                  fmt::join(rules.roles, ", ")));
  }
  return {};
}

}  // namespace

base::Result<json> parse_json_object(std::string_view text) {
  json body = json::parse(
      text, [](int depth, json::parse_event_t, const json&) { return depth <= k_deepest; }, false);
  if (!body.is_object()) {
    return base::fail("we could not parse the JSON body of your request: send one JSON object");
  }
  return body;
}

const json& member(const json& object, const char* name) {
  static const json k_null;
  if (!object.is_object()) {
    return k_null;
  }
  const auto found = object.find(name);
  return found == object.end() ? k_null : *found;
}

base::Result<std::string> read_text(const json& object, const char* name) {
  const json& value = member(object, name);
  if (!value.is_string() || value.get_ref<const std::string&>().empty()) {
    return base::fail(fmt::format("you must provide `{}`, a string that is not empty", name));
  }
  return value.get<std::string>();
}

base::Result<bool> read_flag(const json& object, const char* name, bool otherwise) {
  const json& value = member(object, name);
  if (value.is_null()) {
    return otherwise;
  }
  if (!value.is_boolean()) {
    return base::fail(fmt::format("`{}` must be a boolean", name));
  }
  return value.get<bool>();
}

base::Result<std::optional<std::uint64_t>> read_count(const json& object, const char* name,
                                                      std::uint64_t least) {
  const json& value = member(object, name);
  if (value.is_null()) {
    return std::nullopt;
  }
  if (!value.is_number_unsigned() || value.get<std::uint64_t>() < least) {
    return base::fail(fmt::format("`{}` must be an integer of at least {}", name, least));
  }
  return value.get<std::uint64_t>();
}

base::Result<json> read_object(const json& object, const char* name) {
  const json& value = member(object, name);
  if (!value.is_null() && !value.is_object()) {
    return base::fail(fmt::format("`{}` must be an object", name));
  }
  return value;
}

std::string find_unknown(const json& object, std::span<const std::string_view> known) {
  for (const auto& [name, value] : object.items()) {
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      return name;
    }
  }
  return "";
}

bool append_content(const json& content, std::string& prompt) {
  if (content.is_string()) {
    prompt.append(content.get_ref<const std::string&>());
    return true;
  }
  if (!content.is_array()) {
    return content.is_null();
  }
  for (const json& part : content) {
    if (!part.is_object()) {
      return false;
    }
    const json& text = member(part, "text");
    if (text.is_string()) {
      prompt.append(text.get_ref<const std::string&>());
    }
  }
  return true;
}

base::Result<void> read_messages(const json& body, const MessageRules& rules, std::string& prompt) {
  const json& messages = member(body, rules.list);
  if (!messages.is_array() || messages.empty()) {
    return base::fail(fmt::format("you must provide `{}`, an array that is not empty", rules.list));
  }
  for (std::size_t i = 0; i < messages.size(); ++i) {
    if (base::Result<void> role = check_role(messages[i], i, rules); !role) {
      return role;
    }
    const json& content = member(messages[i], "content");
    if (!append_content(content, prompt) || (rules.content_needed && content.is_null())) {
      return base::fail(
          fmt::format("`{}[{}].content` must be a string or an array of parts", rules.list, i));
    }
  }
  return {};
}

std::string quote(std::string_view text) {
  return to_line(text);
}

std::string to_line(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string rfc3339(std::int64_t seconds) {
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(static_cast<std::time_t>(seconds)));
}

}  // namespace inferometer::sim
