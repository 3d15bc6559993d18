#include "http/server.hpp"

#include "base/ascii.hpp"
#include "base/listen.hpp"
#include "http/codec.hpp"
#include "http/event_loop.hpp"

#include <fmt/format.h>

#include <exception>
#include <utility>

namespace inferometer::http {

namespace {

/// Adds the headers that the door asks for; they replace the handler's own of the same name.
Handler with_headers(Handler handler, std::shared_ptr<const Door> door) {
  return [handler = std::move(handler), door = std::move(door)](const Request& request) {
    Response response = handler(request);
    const std::shared_ptr<const Access> access = door->access();
    for (const auto& header : access->headers) {
      std::erase_if(response.headers, [&](const auto& own) {
        return base::equal_ignoring_case(own.first, header.first);
      });
      response.headers.push_back(header);
    }
    return response;
  };
}

}  // namespace

struct Server::Impl {
  std::vector<std::string> addresses;
  std::vector<std::uint16_t> ports;
  EventLoop loop;
};

Server::Server(std::unique_ptr<Impl> impl) : m_impl(std::move(impl)) {}
Server::~Server() = default;

base::Result<std::unique_ptr<Server>> Server::start(const std::vector<std::string>& listen,
                                                    Handler handler, LaneOf lane_of,
                                                    const Limits& limits,
                                                    std::shared_ptr<Door> door) {
  base::Result<std::vector<base::Listener>> listeners =
      base::listen_on(listen, "--web.listen-address");
  if (!listeners) {
    return tl::make_unexpected(std::move(listeners.error()));
  }
  return start(*std::move(listeners), std::move(handler), lane_of, limits, std::move(door));
}

base::Result<std::unique_ptr<Server>> Server::start(std::vector<base::Listener> listeners,
                                                    Handler handler, LaneOf lane_of,
                                                    const Limits& limits,
                                                    std::shared_ptr<Door> door) {
  std::vector<std::string> addresses;
  std::vector<std::uint16_t> ports;
  for (const base::Listener& listener : listeners) {
    addresses.push_back(listener.address);
    ports.push_back(listener.port);
  }
  try {
    std::unique_ptr<Impl> impl(
        new Impl{std::move(addresses),
                 std::move(ports),
                 {std::move(listeners), make_responder(with_headers(std::move(handler), door)),
                  lane_of, limits, door}});
    return std::unique_ptr<Server>(new Server(std::move(impl)));
  } catch (const std::exception& error) {
    return base::fail(fmt::format("cannot start the web server: {}", error.what()));
  }
}

const std::vector<std::string>& Server::addresses() const {
  return m_impl->addresses;
}
const std::vector<std::uint16_t>& Server::ports() const {
  return m_impl->ports;
}
void Server::stop() {
  m_impl->loop.stop();
}

}  // namespace inferometer::http
