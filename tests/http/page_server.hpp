#pragma once

#include "fakes/eventually.hpp"
#include "http/server.hpp"
#include "http/test_client.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace inferometer::http::test {

/// How each page of a PageServer ends.
inline const std::string k_page_end = "# EOF\n";

inline Response say_hello(const Request& /*request*/) {
  Response response;
  response.body = "hello";
  return response;
}

/// A server whose /metrics are pages of a size, made anew each time and counted; `other` answers
/// the rest, of which /wait may wait.
class PageServer {
 public:
  explicit PageServer(std::size_t page_bytes, const Limits& limits = {},
                      Handler other = say_hello) {
    auto started = Server::start(
        {"127.0.0.1:0"},
        [this, page_bytes, other = std::move(other)](const Request& request) {
          return request.path == "/metrics" ? make_page(page_bytes) : other(request);
        },
        [](std::string_view head) {
          return head.starts_with("GET /wait") ? Lane::waiting : Lane::page;
        },
        limits);
    REQUIRE(started);
    m_server = std::move(*started);
  }

  [[nodiscard]] std::uint16_t port() const { return m_server->ports().at(0); }
  [[nodiscard]] std::size_t pages() const { return m_pages; }
  void await_pages(std::size_t count) const {
    REQUIRE(fakes::eventually([&] { return m_pages >= count; }, k_patience));
  }

 private:
  Response make_page(std::size_t bytes) {
    Response response;
    response.body.assign(bytes, 'x');
    std::copy(k_page_end.rbegin(), k_page_end.rend(), response.body.rbegin());
    ++m_pages;
    return response;
  }

  std::atomic<std::size_t> m_pages{0};
  std::unique_ptr<Server> m_server;
};

}  // namespace inferometer::http::test
