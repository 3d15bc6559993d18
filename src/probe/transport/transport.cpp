#include "probe/transport/transport.hpp"

namespace inferometer::probe::transport {

std::string_view ResponseHead::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (key == name) {
      return value;
    }
  }
  return {};
}

}  // namespace inferometer::probe::transport
