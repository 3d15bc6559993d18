#include "wire/xml.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace inferometer::wire {
namespace {

constexpr std::size_t k_deepest = 16;
constexpr std::string_view k_spaces = " \t\r\n";

bool is_xml_name(std::string_view text) {
  const auto is_letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == ':';
  };
  const auto is_allowed = [&](char c) {
    return is_letter(c) || (c >= '0' && c <= '9') || c == '-' || c == '.';
  };
  return !text.empty() && is_letter(text.front()) &&
         std::all_of(text.begin(), text.end(), is_allowed);
}

/// Cuts what stands before `end` off the front, and `end` with it; no value where there is none.
std::optional<std::string_view> take_until(std::string_view& rest, std::string_view end) {
  const std::size_t at = rest.find(end);
  if (at == std::string_view::npos) {
    return std::nullopt;
  }
  const std::string_view before = rest.substr(0, at);
  rest.remove_prefix(at + end.size());
  return before;
}

void skip_spaces(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(k_spaces), text.size()));
}

/// Whether `text` is a list of `name="value"`, none of which is needed.
bool are_attributes(std::string_view text) {
  for (skip_spaces(text); !text.empty(); skip_spaces(text)) {
    const auto name = take_until(text, "=");
    if (!name || !is_xml_name(*name) || text.empty()) {
      return false;
    }
    const std::string_view quote = text.substr(0, 1);
    text.remove_prefix(1);
    const auto value = quote == "\"" || quote == "'" ? take_until(text, quote) : std::nullopt;
    if (!value || value->find('<') != std::string_view::npos) {
      return false;
    }
  }
  return true;
}

/// With each of the five predefined references replaced; no value for any other.
std::optional<std::string> decode_references(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, char>, 5> k_known{
      {{"lt", '<'}, {"gt", '>'}, {"amp", '&'}, {"quot", '"'}, {"apos", '\''}}};
  std::string decoded;
  decoded.reserve(text.size());  // a secret that grew would leave copies behind
  while (!text.empty()) {
    const std::size_t at = std::min(text.find('&'), text.size());
    decoded.append(text.substr(0, at));
    text.remove_prefix(at);
    if (text.empty()) {
      break;
    }
    text.remove_prefix(1);
    const auto name = take_until(text, ";");
    const auto* found = std::find_if(k_known.begin(), k_known.end(), [&](const auto& known) {
      return name && known.first == *name;
    });
    if (found == k_known.end()) {
      return std::nullopt;
    }
    decoded += found->second;
  }
  return decoded;
}

/// The elements that are open, and what was found at the path.
struct XmlReader {
  std::string_view wanted;
  std::vector<std::string_view> open{};
  std::optional<std::string_view> found{};
  bool is_ended = false;  ///< the root is closed

  [[nodiscard]] bool is_at_wanted() const {
    std::string_view rest = wanted;
    for (const std::string_view name : open) {
      const std::size_t end = std::min(rest.find('/'), rest.size());
      if (rest.substr(0, end) != name) {
        return false;
      }
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return rest.empty();
  }

  /// `text` stands before the tag.
  bool take_tag(std::string_view text, std::string_view tag) {
    if (tag.starts_with('/')) {
      return close(text, tag.substr(1));
    }
    const bool has_text = text.find_first_not_of(k_spaces) != std::string_view::npos;
    const bool is_empty = tag.ends_with('/');
    tag.remove_suffix(is_empty ? 1 : 0);
    const std::size_t end = std::min(tag.find_first_of(k_spaces), tag.size());
    const std::string_view name = tag.substr(0, end);
    if (has_text || is_ended || open.size() == k_deepest || !is_xml_name(name) ||
        !are_attributes(tag.substr(end))) {
      return false;
    }
    open.push_back(name);
    return !is_empty || close({}, name);
  }

  bool close(std::string_view text, std::string_view name) {
    name = name.substr(0, name.find_last_not_of(k_spaces) + 1);
    if (open.empty() || open.back() != name) {
      return false;
    }
    if (is_at_wanted()) {
      if (found) {
        return false;
      }
      found = text;
    }
    open.pop_back();
    is_ended = open.empty();
    return true;
  }
};

}  // namespace

std::optional<std::string> xml_text(std::string_view document, std::string_view path) {
  skip_spaces(document);
  if (document.starts_with("<?xml ") && !take_until(document, "?>")) {
    return std::nullopt;
  }
  XmlReader reader{.wanted = path};
  while (document.find('<') != std::string_view::npos) {
    const std::string_view text = *take_until(document, "<");
    const auto tag = take_until(document, ">");
    if (!tag || !reader.take_tag(text, *tag)) {
      return std::nullopt;
    }
  }
  const bool is_whole =
      reader.is_ended && document.find_first_not_of(k_spaces) == std::string_view::npos;
  return is_whole && reader.found ? decode_references(*reader.found) : std::nullopt;
}

}  // namespace inferometer::wire
