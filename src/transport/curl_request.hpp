#pragma once

#include "transport/transport.hpp"

#include <curl/curl.h>

#include <string>

namespace inferometer::transport {

/// A libcurl easy handle that is set up to send one request. The callbacks are its user's affair.
class CurlRequest {
 public:
  /// `request` must outlive this.
  explicit CurlRequest(const Request& request);
  CurlRequest(const CurlRequest&) = delete;
  CurlRequest& operator=(const CurlRequest&) = delete;
  ~CurlRequest();

  [[nodiscard]] CURL* handle() const { return m_easy; }
  /// Why libcurl could not be set up for the request; empty if it could.
  [[nodiscard]] const std::string& refusal() const { return m_refusal; }

  /// Sets an option; that libcurl does not take it becomes the refusal.
  template <typename Value>
  void set(CURLoption option, Value value) {
    note(option, curl_easy_setopt(m_easy, option, value));
  }

 private:
  void note(CURLoption option, CURLcode result);
  void set_up_http();
  void set_up_connection();
  void set_up_tls();
  void set_up_proxy();
  void override_server_name();
  void add_header(const std::string& line);

  const Request& m_request;
  CURL* m_easy;
  curl_slist* m_headers = nullptr;
  curl_slist* m_connect_to = nullptr;
  std::string m_refusal;
};

}  // namespace inferometer::transport
