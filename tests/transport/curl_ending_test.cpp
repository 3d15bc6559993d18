#include "transport/curl_ending.hpp"

#include <doctest/doctest.h>

#include <cerrno>
#include <initializer_list>
#include <string>

using inferometer::transport::CurlResult;
using inferometer::transport::Ending;
using inferometer::transport::ending_of;

namespace {

CurlResult result(CURLcode code, bool request_begun) {
  return {.code = code,
          .system_error = ECONNRESET,
          .clear_text = true,
          .request_begun = request_begun,
          .within_head = false};
}

void check(std::initializer_list<CURLcode> codes, Ending before, Ending after) {
  for (const CURLcode code : codes) {
    CAPTURE(std::string(curl_easy_strerror(code)));
    CHECK(ending_of(result(code, false)) == before);
    CHECK(ending_of(result(code, true)) == after);
  }
}

}  // namespace

TEST_CASE("curl ending: the set-up of a connection has endings of its own") {
  check({CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY}, Ending::dns_error,
        Ending::dns_error);
  check({CURLE_COULDNT_CONNECT, CURLE_PROXY, CURLE_INTERFACE_FAILED}, Ending::connect_error,
        Ending::connect_error);
  check({CURLE_SSL_CONNECT_ERROR, CURLE_SSL_CIPHER, CURLE_PEER_FAILED_VERIFICATION,
         CURLE_SSL_ISSUER_ERROR, CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_CLIENTCERT},
        Ending::tls_error, Ending::tls_error);
}

TEST_CASE("curl ending: what breaks is the connection before the request and the exchange after") {
  check({CURLE_RECV_ERROR, CURLE_SEND_ERROR, CURLE_PARTIAL_FILE, CURLE_GOT_NOTHING, CURLE_HTTP2,
         CURLE_HTTP2_STREAM},
        Ending::connect_error, Ending::lost);
  check({CURLE_UNSUPPORTED_PROTOCOL, CURLE_WEIRD_SERVER_REPLY, CURLE_BAD_CONTENT_ENCODING},
        Ending::connect_error, Ending::protocol_error);
}

TEST_CASE("curl ending: a time-out of the system is the network's and not ours") {
  check({CURLE_OPERATION_TIMEDOUT}, Ending::connect_error, Ending::lost);
}

TEST_CASE("curl ending: bytes that libcurl rejects in clear text are a protocol error") {
  CurlResult received = result(CURLE_RECV_ERROR, true);
  received.system_error = 0;
  CHECK(ending_of(received) == Ending::protocol_error);
  received.clear_text = false;
  CHECK(ending_of(received) == Ending::lost);
  received.request_begun = false;
  received.clear_text = true;
  CHECK(ending_of(received) == Ending::connect_error);
}

TEST_CASE("curl ending: a header line that is too long looks like a lack of memory") {
  CurlResult memory = result(CURLE_OUT_OF_MEMORY, true);
  CHECK(ending_of(memory) == Ending::internal_error);
  memory.within_head = true;
  CHECK(ending_of(memory) == Ending::protocol_error);
}

TEST_CASE("curl ending: success is a whole response and what is left is our fault") {
  check({CURLE_OK}, Ending::complete, Ending::complete);
  check({CURLE_FAILED_INIT, CURLE_URL_MALFORMAT, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CACERT_BADFILE,
         CURLE_ABORTED_BY_CALLBACK, CURLE_BAD_FUNCTION_ARGUMENT},
        Ending::internal_error, Ending::internal_error);
}
