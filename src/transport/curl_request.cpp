#include "transport/curl_request.hpp"

#include <fmt/format.h>

#include <memory>

namespace inferometer::transport {
namespace {

long http_version_option(config::HttpVersion version, std::string_view url) {
  switch (version) {
    case config::HttpVersion::automatic:
      return CURL_HTTP_VERSION_2TLS;
    case config::HttpVersion::http_1_1:
      return CURL_HTTP_VERSION_1_1;
    case config::HttpVersion::http_2:
      // In clear text nothing negotiates the version, so it must be known beforehand.
      return url.starts_with("https:") ? CURL_HTTP_VERSION_2TLS
                                       : CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE;
  }
  return CURL_HTTP_VERSION_NONE;
}

}  // namespace

CurlRequest::CurlRequest(const Request& request) : m_request(request), m_easy(curl_easy_init()) {
  if (m_easy == nullptr) {
    m_refusal = "libcurl has no memory for a handle";
    return;
  }
  set_up_http();
  set_up_connection();
  set_up_tls();
  set_up_proxy();
  set(CURLOPT_HTTPHEADER, m_headers);
}

CurlRequest::~CurlRequest() {
  curl_easy_cleanup(m_easy);
  curl_slist_free_all(m_headers);
  curl_slist_free_all(m_connect_to);
}

void CurlRequest::note(CURLoption option, CURLcode result) {
  if (result != CURLE_OK && m_refusal.empty()) {
    m_refusal = fmt::format("libcurl refuses option {}: {}", static_cast<int>(option),
                            curl_easy_strerror(result));
  }
}

void CurlRequest::add_header(const std::string& line) {
  m_headers = curl_slist_append(m_headers, line.c_str());
}

void CurlRequest::set_up_http() {
  set(CURLOPT_URL, m_request.url.c_str());
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_HTTP_VERSION, http_version_option(m_request.http_version, m_request.url));
  set(CURLOPT_USERAGENT, "inferometer/" INFEROMETER_VERSION);
  // Asks for an unpacked stream, and yet unpacks what a proxy packed all the same.
  set(CURLOPT_ACCEPT_ENCODING, "identity");
  if (m_request.method == Method::post) {
    set(CURLOPT_POST, 1L);
    set(CURLOPT_POSTFIELDS, m_request.body.c_str());
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(m_request.body.size()));
  }
  for (const auto& [name, value] : m_request.headers) {
    // A semicolon is how libcurl is told to send a header without a value.
    add_header(value.empty() ? name + ';' : fmt::format("{}: {}", name, value));
  }
  for (const auto& [name, value] : m_request.secret_headers) {
    add_header(fmt::format("{}: {}", name, value.reveal()));
  }
  add_header("Expect:");  // else libcurl waits for "100 Continue" before a large body
}

void CurlRequest::set_up_connection() {
  set(CURLOPT_NOSIGNAL, 1L);
  // The listener's deadline rules, not libcurl's.
  set(CURLOPT_CONNECTTIMEOUT_MS, 24L * 3600 * 1000);
  // Without it, giving an exchange up would wait for the name server to answer.
  set(CURLOPT_QUICK_EXIT, 1L);
  if (m_request.connection == config::ConnectionPolicy::fresh) {
    set(CURLOPT_FRESH_CONNECT, 1L);
    set(CURLOPT_FORBID_REUSE, 1L);
    set(CURLOPT_DNS_CACHE_TIMEOUT, 0L);
  }
}

void CurlRequest::set_up_tls() {
  const config::Tls& tls = m_request.tls;
  if (!tls.ca_file.empty()) {
    set(CURLOPT_CAINFO, tls.ca_file.c_str());
    set(CURLOPT_CAPATH, nullptr);
  }
  if (!tls.cert_file.empty()) {
    set(CURLOPT_SSLCERT, tls.cert_file.c_str());
    set(CURLOPT_SSLKEY, tls.key_file.c_str());
  }
  set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  if (tls.insecure_skip_verify) {
    set(CURLOPT_SSL_VERIFYPEER, 0L);
    set(CURLOPT_SSL_VERIFYHOST, 0L);
  }
  if (!tls.server_name.empty()) {
    override_server_name();
  }
}

/// libcurl takes the name for SNI and verification from the URL: the URL gets the given name, and
/// the connection and the Host header go where the URL really points.
void CurlRequest::override_server_name() {
  const std::unique_ptr<CURLU, void (*)(CURLU*)> url(curl_url(), &curl_url_cleanup);
  char* host = nullptr;
  char* port = nullptr;
  if (!url || curl_url_set(url.get(), CURLUPART_URL, m_request.url.c_str(), 0) != CURLUE_OK ||
      curl_url_get(url.get(), CURLUPART_HOST, &host, 0) != CURLUE_OK ||
      curl_url_get(url.get(), CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) != CURLUE_OK) {
    m_refusal = "the URL has no host to set a TLS server name for";
  } else {
    add_header(fmt::format("Host: {}:{}", host, port));
    m_connect_to = curl_slist_append(m_connect_to, fmt::format("::{}:{}", host, port).c_str());
    set(CURLOPT_CONNECT_TO, m_connect_to);
    char* text = nullptr;
    if (curl_url_set(url.get(), CURLUPART_HOST, m_request.tls.server_name.c_str(), 0) ==
            CURLUE_OK &&
        curl_url_get(url.get(), CURLUPART_URL, &text, 0) == CURLUE_OK) {
      set(CURLOPT_URL, text);
    } else {
      m_refusal = "tls.server_name is not a host name";
    }
    curl_free(text);
  }
  curl_free(host);
  curl_free(port);
}

void CurlRequest::set_up_proxy() {
  const config::Proxy& proxy = m_request.proxy;
  // Empty strings, unlike none, keep libcurl from using the environment's proxy variables.
  set(CURLOPT_PROXY, proxy.url.c_str());
  set(CURLOPT_NOPROXY, proxy.no_proxy.c_str());
  set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  if (!proxy.username.empty()) {
    set(CURLOPT_PROXYUSERNAME, proxy.username.c_str());
    set(CURLOPT_PROXYPASSWORD, m_request.proxy_password.reveal().c_str());
  }
}

}  // namespace inferometer::transport
