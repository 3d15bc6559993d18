#include "transport/curl_ending.hpp"

namespace inferometer::transport {

Ending ending_of(const CurlResult& result) {
  const bool begun = result.request_begun;
  switch (result.code) {
    case CURLE_OK:  // also where the connection was closed within the headers
      return result.within_head ? Ending::lost : Ending::complete;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
      return Ending::dns_error;
    case CURLE_COULDNT_CONNECT:
    case CURLE_PROXY:
    case CURLE_INTERFACE_FAILED:
      return Ending::connect_error;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CIPHER:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:
    case CURLE_SSL_CLIENTCERT:
      return Ending::tls_error;
    case CURLE_RECV_ERROR:
      // The system names a cause for a broken connection, but none for bytes that libcurl rejects.
      if (begun && result.clear_text && result.system_error == 0) {
        return Ending::protocol_error;
      }
      return begun ? Ending::lost : Ending::connect_error;
    case CURLE_PARTIAL_FILE:
    case CURLE_SEND_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
    case CURLE_OPERATION_TIMEDOUT:  // TCP itself gave up: libcurl's own limits are out of reach
      return begun ? Ending::lost : Ending::connect_error;
    case CURLE_UNSUPPORTED_PROTOCOL:  // what libcurl makes of a reply without a status line
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_BAD_CONTENT_ENCODING:
      return begun ? Ending::protocol_error : Ending::connect_error;
    case CURLE_OUT_OF_MEMORY:  // also what libcurl calls a header line of more than 100 KiB
      return result.within_head ? Ending::protocol_error : Ending::internal_error;
    default:  // an option, a local file, libcurl itself: ours
      return Ending::internal_error;
  }
}

}  // namespace inferometer::transport
