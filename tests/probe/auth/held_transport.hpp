#pragma once

#include "transport/transport.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace inferometer::probe::auth {

/// Keeps what is asked until the test answers it.
class HeldTransport final : public transport::Transport {
 public:
  ExchangeId start(transport::Request request,
                   std::unique_ptr<transport::Listener> listener) override {
    requests.push_back(std::move(request));
    if (m_is_stopped) {
      end(*listener, transport::Ending::cancelled);
      return requests.size();
    }
    listener->on_started(started);
    m_listeners.push_back(std::move(listener));
    return requests.size();
  }
  void cancel(ExchangeId /*exchange*/) override {}

  [[nodiscard]] std::size_t open() const override { return m_listeners.size(); }
  [[nodiscard]] base::MonotonicTime last_turn() const override { return {}; }

  void stop() override {
    m_is_stopped = true;
    while (!m_listeners.empty()) {
      fail_oldest(transport::Ending::cancelled);
    }
  }

  /// Answers the oldest exchange that is open.
  void answer(int status, std::string_view body) {
    const auto listener = take_oldest();
    listener->on_request_begin(started);
    (void)listener->on_head({.status = status, .headers = {}}, {.at = started});
    const bool stopped = listener->on_body(body, {.at = started}) == transport::Flow::stop;
    end(*listener, stopped ? transport::Ending::stopped : transport::Ending::complete);
  }

  void grant(std::string_view token, int seconds) {
    answer(200, R"({"access_token":")" + std::string(token) +
                    R"(","token_type":"Bearer","expires_in":)" + std::to_string(seconds) + "}");
  }

  void fail_oldest(transport::Ending ending, std::string_view message = "") {
    end(*take_oldest(), ending, message);
  }

  /// Lets the oldest exchange come to its deadline.
  void time_out_oldest(bool connected) {
    const auto listener = take_oldest();
    if (connected) {
      listener->on_request_begin(started);
    }
    listener->on_deadline(listener->deadline());
    end(*listener, transport::Ending::stopped);
  }

  std::vector<transport::Request> requests;
  base::MonotonicTime started{};

 private:
  static void end(transport::Listener& listener, transport::Ending ending,
                  std::string_view message = "") {
    transport::Report report;
    report.ending = ending;
    report.message = message;
    listener.on_end(report);
  }

  std::unique_ptr<transport::Listener> take_oldest() {
    REQUIRE_FALSE(m_listeners.empty());
    auto listener = std::move(m_listeners.front());
    m_listeners.erase(m_listeners.begin());
    return listener;
  }

  std::vector<std::unique_ptr<transport::Listener>> m_listeners;
  bool m_is_stopped = false;
};

}  // namespace inferometer::probe::auth
