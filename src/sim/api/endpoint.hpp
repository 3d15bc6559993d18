#pragma once

#include "sim/api/wire_format.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace inferometer::sim {

/// What is at a path of an API.
struct Endpoint {
  const WireFormat* format = nullptr;
  const Route* route = nullptr;  ///< null: the list of models
  std::string model;             ///< from the path, decoded; empty where the path names none
};

/// What is at `path`, which comes after the profile's name; nothing where no API has such a path.
[[nodiscard]] std::optional<Endpoint> find_endpoint(std::string_view path);

/// The model that `path` names if it is of the pattern (Route::pattern): empty if the pattern has
/// no
/// `{model}`, no value if the path is not of it or its escapes are broken.
[[nodiscard]] std::optional<std::string> match_route(std::string_view pattern,
                                                     std::string_view path);

}  // namespace inferometer::sim
