#include "sim/decision.hpp"
#include "sim/http/json.hpp"
#include "wire/base64.hpp"
#include "wire/percent_encoding.hpp"

#include <algorithm>
#include <optional>
#include <string>

namespace inferometer::sim {
namespace {

using nlohmann::json;

constexpr std::string_view k_by_assertion = "urn:ietf:params:oauth:grant-type:jwt-bearer";
constexpr std::string_view k_by_credentials = "client_credentials";
constexpr std::string_view k_free_token = "sim-token";
constexpr int k_lifetime_seconds = 3600;

http::Response reply(int status, const json& body) {
  return {.status = status,
          .content_type = "application/json",
          .headers = {{"cache-control", "no-store"}},
          .body = to_line(body)};
}

http::Response refuse(int status, std::string_view error, std::string_view description) {
  return reply(status, {{"error", error}, {"error_description", description}});
}

/// The decoded field `name` of a form; empty if it is missing or its escapes are broken.
std::string form_field(std::string_view form, std::string_view name) {
  while (!form.empty()) {
    const std::size_t end = std::min(form.find('&'), form.size());
    const std::string_view field = form.substr(0, end);
    form.remove_prefix(std::min(end + 1, form.size()));
    if (field.size() > name.size() && field.starts_with(name) && field[name.size()] == '=') {
      std::string value(field.substr(name.size() + 1));
      std::replace(value.begin(), value.end(), '+', ' ');
      return wire::percent_decode(value).value_or("");
    }
  }
  return "";
}

/// Three parts, all of them base64url and none empty.
bool is_assertion(std::string_view text) {
  for (int part = 0; part < 3; ++part) {
    const std::size_t end = std::min(text.find('.'), text.size());
    const bool last = end == text.size();
    if (end == 0 || last != (part == 2) || !wire::base64url_decode(text.substr(0, end))) {
      return false;
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return true;
}

http::Response grant(const base::Secret& key) {
  return reply(200, {{"access_token", key.empty() ? std::string(k_free_token) : key.reveal()},
                     {"token_type", "Bearer"},
                     {"expires_in", k_lifetime_seconds}});
}

}  // namespace

http::Response issue_token(const http::Request& request, const base::Secret& key) {
  constexpr std::string_view k_form = "application/x-www-form-urlencoded";
  if (!request.header("content-type").starts_with(k_form)) {
    return refuse(400, "invalid_request", "send the fields as a form");
  }
  const std::string type = form_field(request.body, "grant_type");
  if (type == k_by_assertion) {
    return is_assertion(form_field(request.body, "assertion"))
               ? grant(key)
               : refuse(400, "invalid_grant", "Invalid JWT: it must have three parts");
  }
  if (type == k_by_credentials) {
    const bool known = form_field(request.body, "client_id") == k_client_id &&
                       (key.empty() || form_field(request.body, "client_secret") == key.reveal());
    return known ? grant(key) : refuse(401, "invalid_client", "the client or its secret is wrong");
  }
  return refuse(400, "unsupported_grant_type", "the grant type is missing or unknown");
}

}  // namespace inferometer::sim
