#pragma once

#include "config/schema.hpp"

/// The sections of the web configuration file.
namespace inferometer::config::schema {

extern const Section k_web_file;
extern const Section k_tls_server;
extern const Section k_http_server;
extern const Section k_response_headers;
extern const Section k_request_rate;

}  // namespace inferometer::config::schema
