#include "transport/transport.hpp"

namespace inferometer::transport::http {

std::string_view ResponseHead::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (key == name) {
      return value;
    }
  }
  return {};
}

}  // namespace inferometer::transport::http
