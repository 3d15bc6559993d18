#include "base/secret.hpp"

#include <openssl/crypto.h>

#include <utility>

namespace inferometer::base {

Secret::Secret(std::string value) : m_value(std::move(value)) {}

Secret::~Secret() {
  // A string that was moved from, or was longer once, still has the characters in its capacity.
  m_value.resize(m_value.capacity());
  OPENSSL_cleanse(m_value.data(), m_value.size());
}

std::string redact(std::string_view text, const Secret& secret) {
  const std::string& needle = secret.reveal();
  // A secret this short would match ordinary text; such a key protects nothing anyway.
  constexpr std::size_t k_shortest = 4;
  if (needle.size() < k_shortest) {
    return std::string(text);
  }
  std::string result;
  std::size_t begin = 0;
  for (std::size_t at = text.find(needle); at != std::string_view::npos;
       at = text.find(needle, begin)) {
    result.append(text.substr(begin, at - begin)).append("<secret>");
    begin = at + needle.size();
  }
  return result.append(text.substr(begin));
}

}  // namespace inferometer::base
