#include "wire/json_reading.hpp"

#include <algorithm>
#include <cmath>
#include <string>

namespace inferometer::wire {

using nlohmann::json;

namespace {

bool nests_deeper_than(const json& value, int levels) {
  if (!value.is_structured()) {
    return false;
  }
  return levels == 0 || std::any_of(value.begin(), value.end(), [levels](const json& element) {
           return nests_deeper_than(element, levels - 1);
         });
}

}  // namespace

const json* member(const json& object, const char* name) {
  if (!object.is_object()) {
    return nullptr;
  }
  const auto found = object.find(name);
  return found == object.end() || found->is_null() ? nullptr : &*found;
}

std::string_view text(const json& object, const char* name) {
  const json* value = member(object, name);
  return value != nullptr && value->is_string()
             ? std::string_view(value->get_ref<const std::string&>())
             : std::string_view();
}

const json& elements(const json& object, const char* name) {
  static const json k_none = json::array();
  const json* value = member(object, name);
  return value != nullptr && value->is_array() ? *value : k_none;
}

std::optional<std::uint64_t> count(const json& object, const char* name) {
  constexpr double k_max_count = 1e12;
  const json* value = member(object, name);
  if (value == nullptr || !value->is_number()) {
    return std::nullopt;
  }
  const auto number = value->get<double>();  // exact up to the bound and far beyond it
  if (!(number >= 0 && number <= k_max_count && number == std::floor(number))) {
    return std::nullopt;
  }
  return static_cast<std::uint64_t>(number);
}

json parse_json(std::string_view data) {
  if (has_too_many_values(data)) {
    return json(json::value_t::discarded);
  }
  return json::parse(data, nullptr, /*allow_exceptions=*/false);
}

bool has_too_many_values(std::string_view data) {
  constexpr std::ptrdiff_t k_max_values = 100'000;
  return std::count_if(data.begin(), data.end(),
                       [](char c) { return c == '[' || c == '{' || c == ','; }) > k_max_values;
}

std::string write_json(const json& value) {
  constexpr int k_max_levels = 100;
  return nests_deeper_than(value, k_max_levels)
             ? std::string()
             : value.dump(-1, ' ', /*ensure_ascii=*/false, json::error_handler_t::replace);
}

}  // namespace inferometer::wire
