#include "wire/json.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <system_error>

namespace inferometer::wire {
namespace {

/// Cuts the digits that `text` begins with off it, and says whether there were any.
bool take_digits(std::string_view& text) {
  const std::size_t end = std::min(text.find_first_not_of("0123456789"), text.size());
  text.remove_prefix(end);
  return end > 0;
}

bool take(std::string_view& text, std::string_view characters) {
  const bool found = !text.empty() && characters.find(text.front()) != std::string_view::npos;
  text.remove_prefix(found ? 1 : 0);
  return found;
}

/// Whether `text` is a number by the grammar of RFC 8259, 6.
bool is_number(std::string_view text) {
  take(text, "-");
  if (!take(text, "0") && !take_digits(text)) {
    return false;
  }
  if (take(text, ".") && !take_digits(text)) {
    return false;
  }
  if (take(text, "eE")) {
    take(text, "+-");
    if (!take_digits(text)) {
      return false;
    }
  }
  return text.empty();
}

template <typename Number>
bool is_beyond(std::string_view text) {
  Number value{};
  return std::from_chars(text.data(), text.data() + text.size(), value).ec ==
         std::errc::result_out_of_range;
}

bool is_huge(std::string_view number) {
  if (number.find_first_of(".eE") != std::string_view::npos) {
    return is_beyond<double>(number);
  }
  return number.starts_with('-') ? is_beyond<std::int64_t>(number)
                                 : is_beyond<std::uint64_t>(number);
}

/// Behind the text whose opening quote stands at `at`.
std::size_t after_text(std::string_view json, std::size_t at) {
  for (++at; at < json.size() && json[at] != '"'; ++at) {
    at += json[at] == '\\' ? 1U : 0U;
  }
  return at + 1;
}

/// Overwrites each number in a text of JSON that neither a 64-bit integer nor a double can hold
/// with a null of the same length, and says whether there was one. Such a number is good JSON (RFC
/// 8259, 6), but the parser refuses the whole document for it.
bool blank_huge_numbers(std::string& json) {
  constexpr std::string_view k_null = "null";
  bool found = false;
  for (std::size_t at = 0; at < json.size();) {
    if (json[at] == '"') {
      at = after_text(json, at);
      continue;
    }
    const std::size_t end = std::min(json.find_first_not_of("0123456789+-.eE", at), json.size());
    const std::string_view number = std::string_view(json).substr(at, end - at);
    if (is_number(number) && is_huge(number)) {  // which takes five characters at least
      std::fill(json.begin() + static_cast<std::ptrdiff_t>(at),
                json.begin() + static_cast<std::ptrdiff_t>(end), ' ');
      json.replace(at, k_null.size(), k_null);
      found = true;
    }
    at = std::max(end, at + 1);
  }
  return found;
}

using simdjson::SUCCESS;

constexpr std::size_t k_max_values = 100'000;

/// A parser that is used again and again. Its memory grows to that of the longest document, and is
/// given back after one that was unusually long.
class Parser {
 public:
  MaybeJson parse(std::string_view data) {
    if (!make_room(data.size())) {
      return std::nullopt;
    }
    m_text.assign(data).append(simdjson::SIMDJSON_PADDING, '\0');
    MaybeJson value = parse_text(data.size());
    if (!value && blank_huge_numbers(m_text)) {
      value = parse_text(data.size());
    }
    return value;
  }

 private:
  bool make_room(std::size_t size) {
    constexpr std::size_t k_least = 4096;
    constexpr std::size_t k_most_kept = std::size_t{64} * 1024;  // with a megabyte of buffers
    const std::size_t wanted = std::bit_ceil(std::max(size, k_least));
    const std::size_t held = m_document.capacity();
    if (held >= wanted && (held <= k_most_kept || wanted > k_most_kept)) {
      return true;
    }
    m_parser = simdjson::dom::parser();
    m_document = simdjson::dom::document();
    std::string().swap(m_text);  // an assignment would keep the memory
    m_text.reserve(wanted + simdjson::SIMDJSON_PADDING);
    // Each level is a bracket, of which has_too_many_values allows no more.
    return m_parser.allocate(wanted, k_max_values + 1) == SUCCESS &&
           m_document.allocate(wanted) == SUCCESS;
  }

  MaybeJson parse_text(std::size_t size) {
    Json value;
    const auto error =
        m_parser.parse_into_document(m_document, m_text.data(), size, /*realloc_if_needed=*/false)
            .get(value);
    return error == SUCCESS ? std::optional(value) : std::nullopt;
  }

  simdjson::dom::parser m_parser;
  simdjson::dom::document m_document;
  std::string m_text;  // with the padding that the parser reads beyond its end
};

bool nests_deeper_than(Json value, int levels) {
  if (levels == 0) {
    return value.is_array() || value.is_object();
  }
  for (const Json element : elements(value)) {
    if (nests_deeper_than(element, levels - 1)) {
      return true;
    }
  }
  if (simdjson::dom::object object; value.get(object) == SUCCESS) {
    for (const auto field : object) {
      if (nests_deeper_than(field.value, levels - 1)) {
        return true;
      }
    }
  }
  return false;
}

using nlohmann::json;

bool nests_deeper_than(const json& value, int levels) {
  if (!value.is_structured()) {
    return false;
  }
  return levels == 0 || std::any_of(value.begin(), value.end(), [levels](const json& element) {
           return nests_deeper_than(element, levels - 1);
         });
}

}  // namespace

MaybeJson parse_json(std::string_view data) {
  constexpr std::string_view k_byte_order_mark = "\xEF\xBB\xBF";
  if (data.starts_with(k_byte_order_mark)) {
    data.remove_prefix(k_byte_order_mark.size());
  }
  thread_local Parser parser;
  return has_too_many_values(data) ? std::nullopt : parser.parse(data);
}

bool has_too_many_values(std::string_view data) {
  return data.size() > k_max_values && std::count_if(data.begin(), data.end(), [](char c) {
                                         return c == '[' || c == '{' || c == ',';
                                       }) > static_cast<std::ptrdiff_t>(k_max_values);
}

MaybeJson member(const MaybeJson& object, std::string_view name) {
  simdjson::dom::object members;
  if (!object || object->get(members) != SUCCESS) {
    return std::nullopt;
  }
  MaybeJson found;
  for (auto at = members.begin(); at != members.end(); ++at) {
    if (at.key_equals(name)) {
      found = at.value();
    }
  }
  return found && !found->is_null() ? found : std::nullopt;
}

std::string_view text(const MaybeJson& object, std::string_view name) {
  const MaybeJson value = member(object, name);
  std::string_view characters;
  return value && value->get(characters) == SUCCESS ? characters : std::string_view();
}

bool flag(const MaybeJson& object, std::string_view name) {
  const MaybeJson value = member(object, name);
  bool is_true = false;
  return value && value->get(is_true) == SUCCESS && is_true;
}

std::optional<std::uint64_t> count(const MaybeJson& object, std::string_view name) {
  constexpr double k_max_count = 1e12;
  const MaybeJson value = member(object, name);
  double number = -1;  // exact up to the bound and far beyond it
  if (!value || value->get(number) != SUCCESS ||
      !(number >= 0 && number <= k_max_count && number == std::floor(number))) {
    return std::nullopt;
  }
  return static_cast<std::uint64_t>(number);
}

Elements elements(const MaybeJson& array) {
  simdjson::dom::array values;
  return array && array->get(values) == SUCCESS ? Elements(values) : Elements();
}

Elements elements(const MaybeJson& object, std::string_view name) {
  return elements(member(object, name));
}

std::string json_text(Json value) {
  constexpr int k_max_levels = 100;
  return nests_deeper_than(value, k_max_levels) ? std::string() : simdjson::minify(value);
}

std::string write_json(const json& value) {
  constexpr int k_max_levels = 100;
  return nests_deeper_than(value, k_max_levels)
             ? std::string()
             : value.dump(-1, ' ', /*ensure_ascii=*/false, json::error_handler_t::replace);
}

}  // namespace inferometer::wire
