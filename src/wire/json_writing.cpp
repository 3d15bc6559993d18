#include "wire/json_writing.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace inferometer::wire {
namespace {

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

std::string write_json(const json& value) {
  constexpr int k_max_levels = 100;
  return nests_deeper_than(value, k_max_levels)
             ? std::string()
             : value.dump(-1, ' ', /*ensure_ascii=*/false, json::error_handler_t::replace);
}

}  // namespace inferometer::wire
