#pragma once

#include "base/openssl.hpp"

/// The parts of base/openssl.hpp that are named all over this folder.
namespace inferometer::transport::tls {

using base::openssl::clear_errors;
using base::openssl::Owned;
using base::openssl::take_reason;

}  // namespace inferometer::transport::tls
