#pragma once

#include "fakes/eventually.hpp"
#include "web/healthy_callbacks.hpp"
#include "web/server.hpp"
#include "web/test_client.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace inferometer::web::test {

/// How each page of a PageServer ends.
inline const std::string k_page_end = "# EOF\n";

/// A server whose /metrics are pages of a size, made anew each time and counted.
class PageServer {
 public:
  explicit PageServer(std::size_t page_bytes, const Limits& limits = {},
                      Callbacks callbacks = healthy_callbacks()) {
    callbacks.metrics = [this, page_bytes](exposition::Format, const std::vector<std::string>&) {
      std::string page(page_bytes, 'x');
      std::copy(k_page_end.rbegin(), k_page_end.rend(), page.rbegin());
      ++m_pages;
      return page;
    };
    auto started = Server::start({"127.0.0.1:0"}, std::move(callbacks), limits);
    REQUIRE(started);
    m_server = std::move(*started);
  }

  [[nodiscard]] std::uint16_t port() const { return m_server->ports().at(0); }
  [[nodiscard]] std::size_t pages() const { return m_pages; }
  void await_pages(std::size_t count) const {
    REQUIRE(fakes::eventually([&] { return m_pages >= count; }, k_patience));
  }

 private:
  std::atomic<std::size_t> m_pages{0};
  std::unique_ptr<Server> m_server;
};

}  // namespace inferometer::web::test
