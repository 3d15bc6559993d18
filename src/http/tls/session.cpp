#include "http/tls/session.hpp"

#include "http/tls/socket_bio.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

namespace inferometer::http::tls {
namespace {

using base::openssl::clear_errors;
using base::openssl::take_reason;

constexpr std::string_view k_clear_text_answer =
    "HTTP/1.0 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
    "this port speaks HTTPS: ask for https://\n";

bool spoke_clear_text() {
  const unsigned long error = ERR_peek_error();
  return ERR_GET_LIB(error) == ERR_LIB_SSL && ERR_GET_REASON(error) == SSL_R_HTTP_REQUEST;
}

std::string explain(const SSL* ssl, int cause) {
  const long verified = SSL_get_verify_result(ssl);
  if (verified == X509_V_ERR_APPLICATION_VERIFICATION) {
    clear_errors();
    return "the client's certificate has none of client_allowed_sans";
  }
  if (verified != X509_V_OK) {
    clear_errors();
    return std::string("the client's certificate is refused: ") +
           X509_verify_cert_error_string(verified);
  }
  return cause == SSL_ERROR_SSL && ERR_peek_error() != 0 ? take_reason()
                                                         : "the client left the handshake";
}

}  // namespace

Session::Session(std::shared_ptr<const Context> context, base::Descriptor socket)
    : m_context(std::move(context)),
      m_socket(std::move(socket)),
      m_ssl(SSL_new(m_context->handle())) {
  if (m_ssl && !attach_socket(m_ssl.get(), m_socket.get())) {
    m_ssl.reset();
  }
  if (m_ssl) {
    SSL_set_accept_state(m_ssl.get());
  }
}

Session::Handshake Session::shake_hands() {
  if (!m_ssl) {
    m_problem = "no memory for another session";
    return Handshake::failed;
  }
  clear_errors();
  const int result = SSL_do_handshake(m_ssl.get());
  if (result == 1) {
    m_wants_write = false;
    return Handshake::done;
  }
  const int cause = SSL_get_error(m_ssl.get(), result);
  m_wants_write = cause == SSL_ERROR_WANT_WRITE;
  if (cause == SSL_ERROR_WANT_READ || m_wants_write) {
    return Handshake::going_on;
  }
  if (spoke_clear_text()) {
    // If the socket does not take it, the client is not told: it is refused all the same.
    static_cast<void>(::send(fd(), k_clear_text_answer.data(), k_clear_text_answer.size(),
                             MSG_NOSIGNAL | MSG_DONTWAIT));
  }
  m_problem = explain(m_ssl.get(), cause);
  clear_errors();
  return Handshake::failed;
}

ssize_t Session::receive(char* to, std::size_t size) {
  clear_errors();
  std::size_t count = 0;
  const int result = SSL_read_ex(m_ssl.get(), to, size, &count);
  return result == 1 ? static_cast<ssize_t>(count) : take_result(result);
}

ssize_t Session::send(std::string_view bytes) {
  clear_errors();
  std::size_t count = 0;
  const int result =
      SSL_write_ex(m_ssl.get(), bytes.data(),
                   std::min<std::size_t>(bytes.size(), SSL3_RT_MAX_PLAIN_LENGTH), &count);
  if (result == 1) {
    m_wants_write = false;
    return static_cast<ssize_t>(count);
  }
  const ssize_t taken = take_result(result);
  if (taken == 0) {
    errno = EPIPE;
  }
  return taken == 0 ? -1 : taken;
}

ssize_t Session::take_result(int result) {
  const int cause = SSL_get_error(m_ssl.get(), result);
  m_wants_write = cause == SSL_ERROR_WANT_WRITE;
  clear_errors();
  if (cause == SSL_ERROR_ZERO_RETURN) {
    return 0;
  }
  errno = cause == SSL_ERROR_WANT_READ || m_wants_write ? EAGAIN : EPROTO;
  return -1;
}

void Session::close() {
  if (m_ssl && SSL_is_init_finished(m_ssl.get()) == 1) {
    clear_errors();
    SSL_shutdown(m_ssl.get());
    clear_errors();
  }
}

}  // namespace inferometer::http::tls
