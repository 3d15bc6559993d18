#include "wire/json.hpp"

#include "wire/huge_numbers.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>

namespace inferometer::wire {
namespace {

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
