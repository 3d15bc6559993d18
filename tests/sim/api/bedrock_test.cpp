#include "sim/api/bedrock.hpp"

#include "wire/sigv4.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace inferometer::sim::bedrock_test {
using namespace std::chrono_literals;
using namespace inferometer;
using base::Secret;
using base::WallTime;
using nlohmann::json;

namespace {

// 2026-01-01 00:00:00 UTC.
constexpr WallTime k_now{std::chrono::seconds(1767225600)};

const Secret& secret() {
  static const Secret k_secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
  return k_secret;
}

struct Signing {
  WallTime time = k_now;
  std::string service = "bedrock";
  std::string access_key_id = std::string(bedrock::k_access_key_id);
  std::vector<http::Header> headers = {{"host", "bedrock-runtime.us-east-1.amazonaws.com"},
                                       {"content-type", "application/json"}};
};

/// A request with a good signature, as far as `signing` lets it be one.
http::Request signed_request(Signing signing = {}) {
  http::Request request{.method = "POST",
                        .path = "/model/us.amazon.nova-micro-v1%3A0/converse-stream",
                        .headers = std::move(signing.headers),
                        .body = "{}"};
  const std::string time = wire::sigv4_time(signing.time);
  request.headers.emplace_back("x-amz-date", time);
  std::vector<wire::SigV4Header> headers;
  for (const auto& [name, value] : request.headers) {
    headers.push_back({.name = name, .value = value});
  }
  const std::string authorization =
      wire::sigv4_authorization({.method = request.method,
                                 .path = request.path,
                                 .query = {},
                                 .headers = headers,
                                 .body = request.body},
                                {.time = time, .region = "us-east-1", .service = signing.service},
                                signing.access_key_id, secret());
  request.headers.emplace_back("authorization", authorization);
  request.headers.emplace_back("user-agent", "aws-sdk-js/3");
  return request;
}

void set_header(http::Request& request, std::string_view name, const std::string& value) {
  for (http::Header& header : request.headers) {
    if (header.first == name) {
      header.second = value;
    }
  }
}

/// The type of the refusal and what it says; empty if there is none.
std::string refusal(const http::Request& request, WallTime now = k_now) {
  const auto refused = bedrock::check_signature(request, secret(), now);
  if (!refused) {
    return "";
  }
  CHECK(refused->status == 403);
  const std::string type = refused->headers.at(0).second;
  CHECK(refused->headers.at(0).first == "x-amzn-ErrorType");
  return type.substr(0, type.find(':')) + ": " +
         json::parse(refused->body)["message"].get<std::string>();
}

}  // namespace

TEST_CASE("bedrock auth: a good signature is taken and headers that are not signed do not matter") {
  http::Request request = signed_request();
  CHECK(refusal(request).empty());
  set_header(request, "user-agent", "other");
  CHECK(refusal(request).empty());
  request.headers.emplace_back("x-sim-fault", "stall");
  CHECK(refusal(request).empty());
}

TEST_CASE("bedrock auth: a signature is taken for five minutes around its time") {
  CHECK(refusal(signed_request(), k_now + 5min).empty());
  CHECK(refusal(signed_request(), k_now - 5min).empty());
  CHECK(refusal(signed_request(), k_now + 301s) ==
        "InvalidSignatureException: Signature expired: 20260101T000000Z is now earlier than "
        "20260101T000001Z (20260101T000501Z - 5 min.)");
  CHECK(refusal(signed_request(), k_now - 301s) ==
        "InvalidSignatureException: Signature not yet current: 20260101T000000Z is still later "
        "than 20251231T235959Z (20251231T235459Z + 5 min.)");
}

TEST_CASE("bedrock auth: whatever is signed must be as it was signed") {
  const std::string k_mismatch =
      "InvalidSignatureException: The request signature we calculated does not match the "
      "signature you provided.";
  http::Request request = signed_request();
  request.body = "{ }";
  CHECK(refusal(request).starts_with(k_mismatch));
  request = signed_request();
  request.path = "/model/us.amazon.nova-micro-v1:0/converse-stream";
  CHECK(refusal(request).starts_with(k_mismatch));
  request = signed_request();
  request.query = "a=b";
  CHECK(refusal(request).starts_with(k_mismatch));
  request = signed_request();
  request.method = "PUT";
  CHECK(refusal(request).starts_with(k_mismatch));
  request = signed_request();
  set_header(request, "content-type", "text/plain");
  CHECK(refusal(request).starts_with(k_mismatch));
  request = signed_request();
  set_header(request, "host", "other");
  CHECK(refusal(request).starts_with(k_mismatch));
  const auto other_key = bedrock::check_signature(signed_request(), Secret("another"), k_now);
  REQUIRE(other_key);
  CHECK(other_key->body.find("another") == std::string::npos);
  CHECK(other_key->body.find("does not match") != std::string::npos);
}

TEST_CASE("bedrock auth: what is wrong with the claim itself has a type of its own") {
  http::Request none = signed_request();
  set_header(none, "authorization", "");
  CHECK(refusal(none) == "MissingAuthenticationTokenException: Missing Authentication Token");
  http::Request bearer = signed_request();
  set_header(bearer, "authorization", "Bearer nonsense");
  CHECK(refusal(bearer).starts_with("AccessDeniedException: "));
  CHECK(refusal(signed_request({.access_key_id = "AKIAOTHER"})) ==
        "UnrecognizedClientException: The security token included in the request is invalid.");
  CHECK(refusal(signed_request({.service = "s3"})) ==
        "InvalidSignatureException: Credential should be scoped to correct service: 'bedrock'.");
  CHECK(refusal(signed_request({.headers = {{"content-type", "a/b"}}})) ==
        "InvalidSignatureException: 'host' must be a 'SignedHeader' in the AWS Authorization.");
}

TEST_CASE("bedrock auth: a header that is no signature or no time is incomplete") {
  for (const char* value :
       {"AWS4-HMAC-SHA256", "AWS4-HMAC-SHA256 Credential=AKIASIMULATOR", "Basic YTpi", "x"}) {
    CAPTURE(value);
    http::Request request = signed_request();
    set_header(request, "authorization", value);
    CHECK(refusal(request).starts_with("IncompleteSignatureException: "));
  }
  for (const char* time :
       {"", "20260101", "20260101T000000", "20261301T000000Z", "20260101T240000Z",
        "-0260101T000000Z", "20260101T00000-Z", "20260230T000000Z", "20260101x000000Z"}) {
    CAPTURE(time);
    http::Request request = signed_request();
    set_header(request, "x-amz-date", time);
    CHECK(refusal(request).starts_with("IncompleteSignatureException: "));
  }
  http::Request other_day = signed_request();
  set_header(other_day, "x-amz-date", "20260102T000000Z");
  CHECK(refusal(other_day).find("'20260101' != '20260102'") != std::string::npos);
}

}  // namespace inferometer::sim::bedrock_test
