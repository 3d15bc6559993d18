#include "transport/tls/tls_session.hpp"

#include "config/problem.hpp"
#include "transport/tls/failure.hpp"

#include <fmt/format.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <array>
#include <utility>

namespace inferometer::transport::tls {
namespace {

/// Servers send a few session tickets, and a new key after many gigabytes.
constexpr std::size_t k_most_messages = 64;
constexpr std::size_t k_most_idle_bytes = std::size_t{64} * 1024;
/// OpenSSL takes 100 KiB of certificates; the rest of a handshake is small.
constexpr std::size_t k_most_handshake_bytes = std::size_t{256} * 1024;
constexpr std::size_t k_largest_record = SSL3_RT_MAX_PLAIN_LENGTH;

constexpr std::string_view k_http2 = "h2";
constexpr std::string_view k_http1 = "http/1.1";

/// RFC 7301, 3.1: each name with its length before it.
std::string protocol_list(const Handshake& handshake) {
  std::string list;
  for (const auto& [offered, name] :
       {std::pair(handshake.offer_http2, k_http2), std::pair(handshake.offer_http1, k_http1)}) {
    if (offered) {
      list.push_back(static_cast<char>(name.size()));
      list.append(name);
    }
  }
  return list;
}

}  // namespace

Session::Session(std::shared_ptr<const Context> context, Handshake handshake)
    : m_context(std::move(context)), m_handshake(std::move(handshake)) {
  clear_errors();
  if (!begin()) {
    fail("OpenSSL cannot begin a session: " + take_reason());
    return;
  }
  if (!expect_server_name()) {
    fail(
        fmt::format("{} is not a name that a server's certificate can be checked for: set "
                    "tls.server_name",
                    config::quote(m_handshake.server_name)));
    return;
  }
  continue_handshake();
}

bool Session::begin() {
  m_ssl.reset(SSL_new(m_context->handle()));
  Owned<BIO> bio = make_bio(m_wire);
  if (!m_ssl || !bio) {
    return false;
  }
  SSL_set_bio(m_ssl.get(), bio.get(), bio.get());
  (void)bio.release();  // SSL_set_bio has taken the one reference
  SSL_set_connect_state(m_ssl.get());
  SSL_set_msg_callback(m_ssl.get(), &Session::on_message);
  SSL_set_msg_callback_arg(m_ssl.get(), this);
  const std::string list = protocol_list(m_handshake);
  return SSL_set_app_data(m_ssl.get(), &m_peer) == 1 &&
         SSL_set_alpn_protos(m_ssl.get(), reinterpret_cast<const unsigned char*>(list.data()),
                             static_cast<unsigned>(list.size())) == 0;
}

bool Session::expect_server_name() {
  std::string name = m_handshake.server_name;
  if (name.ends_with('.')) {  // of an absolute name, which has no dot there in TLS (RFC 6066, 3)
    name.pop_back();
  }
  if (name.empty() || name.find('\0') != std::string::npos) {
    return false;
  }
  X509_VERIFY_PARAM* const expected = SSL_get0_param(m_ssl.get());
  const bool is_address = X509_VERIFY_PARAM_set1_ip_asc(expected, name.c_str()) == 1;
  clear_errors();
  if (is_address) {
    return true;
  }
  X509_VERIFY_PARAM_set_hostflags(expected, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  return X509_VERIFY_PARAM_set1_host(expected, name.data(), name.size()) == 1 &&
         SSL_ctrl(m_ssl.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                  name.data()) == 1;
}

void Session::receive(std::string_view bytes, const PlainFunction& plain) {
  clear_errors();
  m_wire.input = bytes;
  m_has_rest = m_state == State::handshaking;
  if (m_state == State::handshaking) {
    continue_handshake();
  }
  if (m_state == State::open) {
    read_records(plain);
  }
  m_wire.input = {};
}

void Session::continue_handshake() {
  const std::size_t before = m_wire.input.size();
  const int result = SSL_do_handshake(m_ssl.get());
  m_idle.bytes += before - m_wire.input.size();
  if (result == 1) {
    finish_handshake();
  } else {
    take_result(result);
  }
}

void Session::finish_handshake() {
  const unsigned char* chosen = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(m_ssl.get(), &chosen, &size);
  const std::string_view name(reinterpret_cast<const char*>(chosen), size);
  if (name == k_http2 && m_handshake.offer_http2) {
    m_protocol = k_http2;
  } else if (name == k_http1 && m_handshake.offer_http1) {
    m_protocol = k_http1;
  } else if (!name.empty()) {
    fail(fmt::format("the server has chosen the protocol {}, which was not offered",
                     config::quote(name)));
    return;
  }
  m_idle = {};
  m_state = State::open;
}

void Session::read_records(const PlainFunction& plain) {
  std::array<char, k_largest_record> buffer;
  // A call that could only find that there is nothing left is spared.
  while (m_state == State::open && (!m_wire.input.empty() || SSL_has_pending(m_ssl.get()) == 1)) {
    const std::size_t before = m_wire.input.size();
    m_has_rest = true;  // what comes of it will show
    std::size_t size = 0;
    const int result = SSL_read_ex(m_ssl.get(), buffer.data(), buffer.size(), &size);
    if (result != 1) {
      m_idle.bytes += before - m_wire.input.size();
      take_result(result);
      return;
    }
    m_idle.bytes = 0;
    m_idle.messages = 0;
    m_has_rest = false;
    plain({buffer.data(), size});
  }
}

void Session::take_result(int result) {
  const bool shaking = m_state == State::handshaking;
  const int error = SSL_get_error(m_ssl.get(), result);
  if (m_wire.cut) {
    fail(
        fmt::format("the server has sent more than {} TLS messages (key updates, tickets) "
                    "without any data",
                    k_most_messages));
  } else if (error == SSL_ERROR_WANT_READ) {
    if (m_idle.bytes > (shaking ? k_most_handshake_bytes : k_most_idle_bytes)) {
      fail(fmt::format("the server has sent {} bytes of TLS without {}", m_idle.bytes,
                       shaking ? "an end of the handshake" : "any data"));
    }
  } else if (error == SSL_ERROR_ZERO_RETURN && !shaking) {
    m_state = State::closed;
  } else if (error == SSL_ERROR_ZERO_RETURN) {
    fail("the server has ended TLS in the middle of the handshake");
  } else {
    fail(explain_failure(m_ssl.get(), {m_context->tls(), m_handshake.server_name, m_answered}));
  }
}

void Session::send(std::string_view plain) {
  if (m_state != State::open || plain.empty()) {
    return;
  }
  clear_errors();
  m_idle.answers = 0;
  std::size_t written = 0;
  const int result = SSL_write_ex(m_ssl.get(), plain.data(), plain.size(), &written);
  if (result != 1) {
    take_result(result);
  }
}

void Session::close() {
  const bool may = m_state == State::open || m_state == State::closed;
  if (may && !std::exchange(m_close_said, true)) {
    clear_errors();
    SSL_shutdown(m_ssl.get());
    clear_errors();
  }
}

void Session::take_output(std::string& output) {
  output.append(m_wire.output);
  std::string().swap(m_wire.output);  // with its memory: a request is large, answers are few
}

void Session::fail(std::string problem) {
  m_state = State::failed;
  m_problem = std::move(problem);
  clear_errors();
}

void Session::on_message(int sent, int /*version*/, int type, const void* /*bytes*/,
                         std::size_t /*size*/, SSL* /*ssl*/, void* session) {
  if (type == SSL3_RT_HANDSHAKE || type == SSL3_RT_ALERT) {
    static_cast<Session*>(session)->count_message(sent == 1);
  }
}

void Session::count_message(bool sent) {
  m_answered = m_answered || !sent;
  if (m_state != State::open) {
    return;
  }
  const std::size_t count = sent ? ++m_idle.answers : ++m_idle.messages;
  m_wire.cut = m_wire.cut || count > k_most_messages;
}

}  // namespace inferometer::transport::tls
