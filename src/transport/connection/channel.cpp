#include "transport/connection/channel.hpp"

#include <algorithm>
#include <utility>

namespace inferometer::transport {
namespace {

/// What a sent buffer may keep for the next one; more is given back.
constexpr std::size_t k_kept_capacity = 1024;

/// Encrypts, unless the layer has ended: then the peer would not read it.
void send_through(tls::Session& layer, std::string_view plain) {
  if (layer.state() == tls::Session::State::open) {
    layer.send(plain);
  }
}

}  // namespace

void Channel::add_layer(std::unique_ptr<tls::Session> layer) {
  m_layers.push_back(std::move(layer));
  pull_output();
}

void Channel::receive(std::string_view raw, const Plain& plain) {
  if (m_layers.empty()) {
    plain(raw);
    return;
  }
  if (m_layers.size() == 1) {
    m_layers[0]->receive(raw, plain);
  } else {
    m_layers[0]->receive(raw, [&](std::string_view inner) { m_layers[1]->receive(inner, plain); });
  }
  pull_output();
}

bool Channel::has_rest() const {
  return std::ranges::any_of(m_layers, [](const auto& layer) { return layer->has_rest(); });
}

void Channel::send(std::string_view plain) {
  if (m_layers.empty()) {
    m_output.append(plain);
    return;
  }
  send_through(*m_layers.back(), plain);
  pull_output();
}

/// The output of the layers, each one's wrapped by those below.
void Channel::pull_output() {
  if (m_layers.size() == 2) {
    std::string inner;
    m_layers[1]->take_output(inner);
    if (!inner.empty()) {
      send_through(*m_layers[0], inner);
    }
  }
  if (!m_layers.empty()) {
    m_layers[0]->take_output(m_output);
  }
}

void Channel::begin_request() {
  m_socket.begin_request();
  m_in_request = true;
  m_request_ends = false;
  m_request_written = false;
}

net::Socket::Result Channel::flush() {
  net::Socket::Result result;
  while (unwritten() > 0) {
    const std::string_view rest = std::string_view(m_output).substr(m_written);
    result = m_in_request ? m_socket.send_request(rest, m_request_ends) : m_socket.send(rest);
    if (result.status != net::Socket::Status::done) {
      return result;
    }
    m_written += result.bytes;
  }
  m_output.clear();
  m_written = 0;
  if (m_output.capacity() > k_kept_capacity) {
    m_output.shrink_to_fit();
  }
  if (m_in_request && m_request_ends) {
    m_in_request = false;
    m_request_written = true;
  }
  return result;
}

void Channel::close() {
  if (unwritten() > 0) {
    return;  // in the middle of a record: nothing that follows would be understood
  }
  for (auto layer = m_layers.rbegin(); layer != m_layers.rend(); ++layer) {
    (*layer)->close();
    pull_output();
  }
  flush();
}

}  // namespace inferometer::transport
