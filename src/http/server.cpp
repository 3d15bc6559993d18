#include "http/server.hpp"

#include "base/listen.hpp"
#include "http/codec.hpp"
#include "http/event_loop.hpp"

#include <fmt/format.h>

#include <system_error>
#include <utility>

namespace inferometer::http {

struct Server::Impl {
  std::vector<std::string> addresses;
  std::vector<std::uint16_t> ports;
  EventLoop loop;
};

Server::Server(std::unique_ptr<Impl> impl) : m_impl(std::move(impl)) {}
Server::~Server() = default;

base::Result<std::unique_ptr<Server>> Server::start(const std::vector<std::string>& listen,
                                                    Handler handler, LaneOf lane_of,
                                                    const Limits& limits) {
  base::Result<std::vector<base::Listener>> listeners =
      base::listen_on(listen, "--web.listen-address");
  if (!listeners) {
    return tl::make_unexpected(std::move(listeners.error()));
  }
  return start(*std::move(listeners), std::move(handler), lane_of, limits);
}

base::Result<std::unique_ptr<Server>> Server::start(std::vector<base::Listener> listeners,
                                                    Handler handler, LaneOf lane_of,
                                                    const Limits& limits) {
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
                 {std::move(listeners), make_responder(std::move(handler)), lane_of, limits}});
    return std::unique_ptr<Server>(new Server(std::move(impl)));
  } catch (const std::system_error& error) {
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
