#include "transport/connection/connection.hpp"

#include "transport/http/http1_request.hpp"

#include <utility>

namespace inferometer::transport {
namespace {

using http::Progress;

/// What is put into the channel at a time of a request that flow control lets pass bit by bit.
constexpr std::size_t k_output_limit = 256UL * 1024;

}  // namespace

Connection::Connection(Channel channel, bool http2, std::string key, std::string remote_address,
                       std::optional<std::chrono::sys_seconds> certificate_expiry)
    : m_channel(std::move(channel)),
      m_key(std::move(key)),
      m_remote_address(std::move(remote_address)),
      m_certificate_expiry(certificate_expiry),
      m_http2(http2 ? std::make_unique<http::Http2Session>() : nullptr) {}

base::Result<void> Connection::begin(const http::RequestHead& head, std::string_view body,
                                     http::ResponseSink& sink) {
  m_channel.begin_request();
  if (m_http2) {
    m_sink = &sink;
    m_http2->begin(head, body, sink);
    return {};
  }
  const base::Result<std::string> bytes = http::write_http1_request(head, body);
  if (!bytes) {
    return tl::make_unexpected(bytes.error());
  }
  m_sink = &sink;
  m_http1.begin();
  m_channel.send(*bytes);
  m_channel.end_request();
  return {};
}

void Connection::receive(std::string_view raw) {
  m_channel.receive(raw, [this](std::string_view plain) { receive_plain(plain); });
}

void Connection::receive_plain(std::string_view plain) {
  if (m_http2) {
    m_http2->feed(plain);
    return;
  }
  if (m_sink == nullptr || m_http1.progress() != Progress::reading) {
    m_spoilt = true;
    return;
  }
  const std::size_t taken = m_http1.feed(plain, *m_sink);
  m_spoilt = m_spoilt || taken < plain.size();
}

bool Connection::ends_in_body() const {
  return !m_channel.has_rest() && (m_http2 ? m_http2->ends_in_body() : m_http1.ends_in_body());
}

void Connection::finish() {
  m_spoilt = true;
  const tls::Session* const top = m_channel.top();
  if (top != nullptr && top->state() != tls::Session::State::closed) {
    m_cut = true;  // anyone on the way can do that: what ends so is not whole
  } else if (m_http2) {
    m_http2->finish();
  } else if (m_sink != nullptr && m_http1.progress() == Progress::reading) {
    m_http1.finish();
  }
}

net::Socket::Result Connection::flush() {
  if (!m_http2) {
    return m_channel.flush();
  }
  for (bool more = true; more;) {
    std::string output;
    more = m_http2->take_output(output, k_output_limit);
    if (!output.empty()) {
      m_channel.send(output);
    }
    if (m_http2->request_taken()) {
      m_channel.end_request();
    }
    const net::Socket::Result result = m_channel.flush();
    if (result.status != net::Socket::Status::done) {
      return result;
    }
    more = more && !output.empty();
  }
  return {};
}

Progress Connection::progress() const {
  const Progress progress = m_http2 ? m_http2->progress() : m_http1.progress();
  // A codec that waits for bytes does not know that none can come any more.
  return progress == Progress::reading && (m_cut || tls_failed()) ? Progress::lost : progress;
}

std::string Connection::problem() const {
  if (tls_failed()) {
    return m_channel.top()->problem();
  }
  if (m_cut) {
    return "the server closed the connection in the middle of a response";
  }
  return m_http2 ? m_http2->problem() : m_http1.problem();
}

bool Connection::begun() const {
  return m_http2 ? m_http2->begun() : m_http1.begun();
}

std::string_view Connection::version() const {
  return m_http2 ? "2" : m_http1.version();
}

bool Connection::tls_failed() const {
  const tls::Session* const top = m_channel.top();
  return top != nullptr && top->state() == tls::Session::State::failed;
}

bool Connection::reusable() const {
  const tls::Session* const top = m_channel.top();
  if (m_spoilt || (top != nullptr && top->state() != tls::Session::State::open) ||
      m_channel.unwritten() > 0) {
    return false;
  }
  if (m_http2) {
    return m_http2->usable();
  }
  return m_http1.progress() == Progress::complete && m_http1.reusable();
}

void Connection::close() {
  if (m_http2) {
    m_http2->cancel();
    flush();
  }
  m_channel.close();
}

}  // namespace inferometer::transport
