#include "wire/sigv4.hpp"

#include "wire/digest.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace inferometer::wire;
using inferometer::base::Secret;
using inferometer::base::WallTime;

namespace {

using SignedHeaders = std::vector<SigV4Header>;

const Secret k_secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");

std::string canonical(std::string_view path, std::string_view query,
                      const SignedHeaders& headers = {}, std::vector<std::string> names = {}) {
  return sigv4_canonical_request(
      {.method = "GET", .path = path, .query = query, .headers = headers, .body = ""},
      std::move(names));
}

/// The line of a canonical request, counted from 0.
std::string line(const std::string& text, int number) {
  std::size_t begin = 0;
  for (int i = 0; i < number; ++i) {
    begin = text.find('\n', begin) + 1;
  }
  return text.substr(begin, text.find('\n', begin) - begin);
}

struct Converse {
  SignedHeaders headers{{"Content-Type", "application/json"},
                        {"Host", "bedrock-runtime.us-east-1.amazonaws.com"},
                        {"X-Amz-Date", "20260101T000000Z"}};
  SigV4Request request{.method = "POST",
                       .path = "/model/us.amazon.nova-micro-v1%3A0/converse-stream",
                       .query = "",
                       .headers = headers,
                       .body = R"({"messages":[{"role":"user","content":[{"text":"hi"}]}],)"
                               R"("inferenceConfig":{"maxTokens":16}})"};
  SigV4Scope scope{.time = "20260101T000000Z", .region = "us-east-1", .service = "bedrock"};
  std::vector<std::string> names{"content-type", "host", "x-amz-date"};
};

const std::string k_converse_signature =
    "86ea5d317fc095a761dd35c3cbb411124d209a2063c94e5e6d56291561003b96";

}  // namespace

TEST_CASE("sigv4: get-vanilla of AWS' test suite") {
  const SignedHeaders headers{{"Host", "example.amazonaws.com"},
                              {"X-Amz-Date", "20150830T123600Z"}};
  const SigV4Request request{
      .method = "GET", .path = "/", .query = "", .headers = headers, .body = ""};
  const SigV4Scope scope{.time = "20150830T123600Z", .region = "us-east-1", .service = "service"};
  CHECK(sigv4_authorization(request, scope, "AKIDEXAMPLE", k_secret) ==
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
        "SignedHeaders=host;x-amz-date, "
        "Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
}

TEST_CASE("sigv4: a Bedrock request as botocore signs it") {
  const Converse converse;
  const std::string request = sigv4_canonical_request(converse.request, converse.names);
  CHECK(line(request, 1) == "/model/us.amazon.nova-micro-v1%253A0/converse-stream");
  CHECK(line(request, 8) == "5903c58ae9037766e41ea3e3ef4368cbac6b3f82d1c1f15a67ac4a7520b79d7f");
  CHECK(sha256_hex(request) == "02b4c00b35a03a2dd74f0deb20800c76a3b96ed8c3e1de643ff8801e5435b95c");
  CHECK(sigv4_signature(converse.request, converse.names, converse.scope, k_secret) ==
        k_converse_signature);
}

TEST_CASE("sigv4: headers beside those that are signed change nothing") {
  Converse converse;
  converse.headers.push_back({"User-Agent", "inferometer"});
  converse.request.headers = converse.headers;
  CHECK(sigv4_signature(converse.request, {"x-amz-date", "host", "content-type"}, converse.scope,
                        k_secret) == k_converse_signature);
}

TEST_CASE("sigv4: whatever is signed changes the signature") {
  const Converse converse;
  const auto differs = [&](const SigV4Request& request, const SigV4Scope& scope,
                           const Secret& secret) {
    return sigv4_signature(request, converse.names, scope, secret) != k_converse_signature;
  };
  SigV4Request request = converse.request;
  request.method = "PUT";
  CHECK(differs(request, converse.scope, k_secret));
  request = converse.request;
  request.path = "/model/us.amazon.nova-micro-v1:0/converse-stream";
  CHECK(differs(request, converse.scope, k_secret));
  request = converse.request;
  request.query = "a=b";
  CHECK(differs(request, converse.scope, k_secret));
  request = converse.request;
  request.body = "{}";
  CHECK(differs(request, converse.scope, k_secret));
  request = converse.request;
  request.headers = {};
  CHECK(differs(request, converse.scope, k_secret));
  for (const auto member : {&SigV4Scope::time, &SigV4Scope::region, &SigV4Scope::service}) {
    SigV4Scope scope = converse.scope;
    scope.*member = "20270101T000000Z";
    CHECK(differs(converse.request, scope, k_secret));
  }
  CHECK(differs(converse.request, converse.scope, Secret("other")));
}

TEST_CASE("sigv4: the query is sorted and its escapes are written in one way") {
  CHECK(line(canonical("/", ""), 2).empty());
  CHECK(line(canonical("/", "b=2&a=1&a=0&c"), 2) == "a=0&a=1&b=2&c=");
  CHECK(line(canonical("/", "v=a:b&w=%3a%2f&x=%zz"), 2) == "v=a%3Ab&w=%3A%2F&x=%25zz");
  CHECK(line(canonical("/", "a=b=c"), 2) == "a=b%3Dc");
}

TEST_CASE("sigv4: an empty path is the root") {
  CHECK(line(canonical("", ""), 1) == "/");
}

TEST_CASE("sigv4: the values of headers are trimmed and joined") {
  const SignedHeaders headers{{"My-Header", "  a   b\t c "}, {"B", "1"}, {"b", "2"}, {"C", ""}};
  const std::string request = canonical("/", "", headers, {"my-header", "b", "c", "d", "b"});
  CHECK(line(request, 3) == "b:1,2");
  CHECK(line(request, 4) == "c:");
  CHECK(line(request, 5) == "d:");
  CHECK(line(request, 6) == "my-header:a b c");
  CHECK(line(request, 7).empty());
  CHECK(line(request, 8) == "b;c;d;my-header");
}

TEST_CASE("sigv4: times are written in UTC to the second") {
  using namespace std::chrono;
  CHECK(sigv4_time(WallTime(seconds(1'440'938'160))) == "20150830T123600Z");
  CHECK(sigv4_time(WallTime(seconds(1'709'251'199) + milliseconds(999))) == "20240229T235959Z");
  CHECK(sigv4_time(WallTime{}) == "19700101T000000Z");
}

TEST_CASE("sigv4: the header that a client writes is read by a server") {
  const Converse converse;
  const auto parsed = parse_sigv4_authorization(
      sigv4_authorization(converse.request, converse.scope, "AKIDEXAMPLE", k_secret));
  REQUIRE(parsed);
  CHECK(parsed->access_key_id == "AKIDEXAMPLE");
  CHECK(parsed->date == "20260101");
  CHECK(parsed->region == "us-east-1");
  CHECK(parsed->service == "bedrock");
  CHECK(parsed->signed_headers == converse.names);
  CHECK(parsed->signature == k_converse_signature);
  CHECK(
      parse_sigv4_authorization("AWS4-HMAC-SHA256 Credential=a/b/c/d/aws4_request,"
                                "SignedHeaders=host,Signature=0"));
}

TEST_CASE("sigv4: what is no such header is refused") {
  for (const auto* value :
       {"", "AWS4-HMAC-SHA256", "AWS4-HMAC-SHA256 ", "Bearer x",
        "AWS4-HMAC-SHA256x Credential=a/b/c/d/aws4_request,SignedHeaders=h,Signature=0",
        "AWS4-HMAC-SHA256 Credential=a/b/c/d/aws4_request,SignedHeaders=h",
        "AWS4-HMAC-SHA256 Credential=a/b/c/d/aws4_request,SignedHeaders=h,Signature=0,x",
        "AWS4-HMAC-SHA256 Credential=a/b/c/aws4_request,SignedHeaders=h,Signature=0",
        "AWS4-HMAC-SHA256 Credential=a/b/c/d/aws3_request,SignedHeaders=h,Signature=0",
        "AWS4-HMAC-SHA256 Credential,SignedHeaders=h,Signature=0",
        "AWS4-HMAC-SHA256 SignedHeaders=h,Credential=a/b/c/d/aws4_request,Signature=0"}) {
    CAPTURE(value);
    CHECK_FALSE(parse_sigv4_authorization(value));
  }
}
