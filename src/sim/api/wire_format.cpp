#include "sim/api/wire_format.hpp"

#include "wire/percent_encoding.hpp"

#include <algorithm>
#include <array>

namespace inferometer::sim {
namespace {

/// Cuts the text up to the next `/` from `path`, and that `/`.
std::string_view take_segment(std::string_view& path) {
  const std::size_t end = std::min(path.find('/'), path.size());
  const std::string_view segment = path.substr(0, end);
  path.remove_prefix(std::min(end + 1, path.size()));
  return segment;
}

/// What stands for the placeholder of one segment of a pattern.
struct Placeholder {
  std::string_view name;  ///< with its braces; empty: the segment has none
  std::string_view text;
};

std::optional<Placeholder> match_segment(std::string_view pattern, std::string_view segment) {
  const std::size_t open = pattern.find('{');
  if (open == std::string_view::npos) {
    return pattern == segment ? std::optional(Placeholder()) : std::nullopt;
  }
  const std::size_t close = pattern.find('}', open) + 1;
  const std::string_view before = pattern.substr(0, open);
  const std::string_view after = pattern.substr(close);
  if (segment.size() <= before.size() + after.size() || !segment.starts_with(before) ||
      !segment.ends_with(after)) {
    return std::nullopt;
  }
  return Placeholder{.name = pattern.substr(open, close - open),
                     .text = segment.substr(open, segment.size() - before.size() - after.size())};
}

}  // namespace

std::span<const WireFormat> wire_formats() {
  static const std::array k_formats{openai_chat::wire_format(),
                                    openai_responses::wire_format(),
                                    openai_completions::wire_format(),
                                    anthropic::wire_format(),
                                    gemini::wire_format(),
                                    ollama::wire_format(),
                                    bedrock_converse::wire_format(),
                                    bedrock_invoke::wire_format()};
  return k_formats;
}

std::optional<std::string> match_route(std::string_view pattern, std::string_view path) {
  if (std::count(pattern.begin(), pattern.end(), '/') !=
      std::count(path.begin(), path.end(), '/')) {
    return std::nullopt;
  }
  std::optional<std::string> model = "";
  while (!pattern.empty() || !path.empty()) {
    const std::optional<Placeholder> found =
        match_segment(take_segment(pattern), take_segment(path));
    if (!found) {
      return std::nullopt;
    }
    if (found->name == "{model}") {
      model = wire::percent_decode(found->text);
    }
  }
  return model;
}

std::optional<Endpoint> find_endpoint(std::string_view path) {
  for (const WireFormat& format : wire_formats()) {
    if (!format.models_path.empty() && path == format.models_path) {
      return Endpoint{.format = &format, .route = nullptr, .model = {}};
    }
    for (const Route& route : format.routes) {
      if (std::optional<std::string> model = match_route(route.pattern, path)) {
        return Endpoint{.format = &format, .route = &route, .model = *std::move(model)};
      }
    }
  }
  return std::nullopt;
}

}  // namespace inferometer::sim
