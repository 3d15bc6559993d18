#include "precision/server.hpp"

#include <unistd.h>

#include <stdexcept>

namespace inferometer::precision {

Server::Server(const Plan& plan)
    : m_child(1, [&plan](int result) { serve(plan, result); }),
      m_address(m_child.wait<Address>()) {}

void Server::serve(const Plan& plan, int result) {
  const auto server = selftest::StampServer::start(plan.wire, plan.pace);
  if (!server) {
    throw std::runtime_error(server.error().message);
  }
  Address address{.port = (*server)->port(), .ca_file = {}};
  (*server)->ca_file().copy(address.ca_file.data(), address.ca_file.size() - 1);
  hand_back(result, address);
  while (true) {
    pause();
  }
}

}  // namespace inferometer::precision
