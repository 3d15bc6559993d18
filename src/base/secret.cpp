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

}  // namespace inferometer::base
