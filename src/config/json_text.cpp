#include "config/json_text.hpp"

#include <nlohmann/json.hpp>

namespace inferometer::config {

base::Result<std::string> parse_extra_body(std::string_view text) {
  constexpr std::size_t k_longest = 4096;
  if (text.size() > k_longest) {
    return base::fail("");
  }
  const auto object = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!object.is_object()) {
    return base::fail("write it as JSON in quotes, such as '{\"reasoning_effort\": \"low\"}'");
  }
  if (object.contains("stream")) {
    return base::fail("remove stream: the workload says whether answers are streamed");
  }
  return std::string(text);
}

}  // namespace inferometer::config
