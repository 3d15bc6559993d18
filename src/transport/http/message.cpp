#include "transport/http/message.hpp"

#include <algorithm>

namespace inferometer::transport::http {

std::string_view ResponseHead::header(std::string_view name) const {
  const auto found = std::find_if(headers.begin(), headers.end(),
                                  [name](const auto& header) { return header.first == name; });
  return found == headers.end() ? std::string_view() : std::string_view(found->second);
}

std::string ResponseHead::joined(std::string_view name) const {
  std::string list;
  for (const auto& [each, value] : headers) {
    if (each == name) {
      list += (list.empty() ? "" : ",") + value;
    }
  }
  return list;
}

}  // namespace inferometer::transport::http
