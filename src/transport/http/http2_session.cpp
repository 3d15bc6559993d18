#include "transport/http/http2_session.hpp"

#include "transport/http/http2_connection.hpp"

namespace inferometer::transport::http {

struct Http2Session::Impl : Http2Connection {};

Http2Session::Http2Session() : m_impl(std::make_unique<Impl>()) {}
Http2Session::~Http2Session() = default;

void Http2Session::begin(const RequestHead& head, std::string_view body, ResponseSink& sink) {
  m_impl->begin(head, body, sink);
}

void Http2Session::feed(std::string_view bytes) {
  m_impl->feed(bytes);
}

void Http2Session::finish() {
  m_impl->finish();
}

void Http2Session::cancel() {
  m_impl->cancel();
}

bool Http2Session::take_output(std::string& output, std::size_t limit) {
  return m_impl->take_output(output, limit);
}

bool Http2Session::request_taken() const {
  return m_impl->request_taken();
}

Progress Http2Session::progress() const {
  return m_impl->progress();
}

const std::string& Http2Session::problem() const {
  return m_impl->problem();
}

bool Http2Session::ends_in_body() const {
  return m_impl->ends_in_body();
}

bool Http2Session::begun() const {
  return m_impl->begun();
}

bool Http2Session::usable() const {
  return m_impl->usable();
}

}  // namespace inferometer::transport::http
