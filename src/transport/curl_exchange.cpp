#include "transport/curl_exchange.hpp"

#include "base/ascii.hpp"
#include "base/log.hpp"
#include "transport/curl_ending.hpp"

#include <fmt/format.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <limits>

namespace inferometer::transport {
namespace {

constexpr std::size_t k_max_head_bytes = 256UL * 1024;

/// What ends a line of a head is in it.
constexpr std::string_view k_blanks = " \t\r\n";

/// The status of "HTTP/1.1 200 OK" or "HTTP/2 200"; 0 if `line` is none.
int status_of(std::string_view line) {
  const std::size_t space = line.find(' ');
  int status = 0;
  if (space != std::string_view::npos) {
    const std::string_view digits = base::trimmed(line.substr(space), k_blanks);
    std::from_chars(digits.data(), digits.data() + digits.size(), status);
  }
  return status;
}

std::optional<std::chrono::sys_seconds> not_after(const X509* certificate) {
  tm expiry{};
  if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &expiry) != 1) {
    return std::nullopt;
  }
  return std::chrono::sys_seconds(std::chrono::seconds(timegm(&expiry)));
}

}  // namespace

CurlExchange::CurlExchange(std::uint64_t id, Request request, std::unique_ptr<Listener> listener,
                           LoopState& loop)
    : m_id(id),
      m_request(std::move(request)),
      m_listener(std::move(listener)),
      m_loop(loop),
      m_curl(m_request) {
  if (m_curl.handle() == nullptr) {
    return;
  }
  m_curl.set(CURLOPT_ERRORBUFFER, m_error);
  m_curl.set(CURLOPT_PRIVATE, this);
  m_curl.set(CURLOPT_OPENSOCKETFUNCTION, &CurlExchange::on_open_socket);
  m_curl.set(CURLOPT_OPENSOCKETDATA, this);
  m_curl.set(CURLOPT_HEADERFUNCTION, &CurlExchange::on_header);
  m_curl.set(CURLOPT_HEADERDATA, this);
  m_curl.set(CURLOPT_WRITEFUNCTION, &CurlExchange::on_body);
  m_curl.set(CURLOPT_WRITEDATA, this);
  m_curl.set(CURLOPT_PREREQFUNCTION, &CurlExchange::on_request_begin);
  m_curl.set(CURLOPT_PREREQDATA, this);
  m_curl.set(CURLOPT_DEBUGFUNCTION, &CurlExchange::on_debug);
  m_curl.set(CURLOPT_DEBUGDATA, this);
}

bool CurlExchange::begin(MonotonicTime now) {
  m_report.started = now;
  guarded([this, now] { m_listener->on_started(now); });
  return m_curl.refusal().empty() && !m_stopped;
}

void CurlExchange::arm() {
  const MonotonicTime deadline = m_listener->deadline();
  if (deadline < m_armed) {
    m_armed = deadline;
    m_loop.deadlines.emplace(deadline, m_id);
  }
}

bool CurlExchange::expired(MonotonicTime now) {
  m_armed = MonotonicTime::max();
  guarded([this, now] {
    if (m_listener->deadline() <= now) {
      stop();
      m_listener->on_deadline(now);
    }
  });
  return m_stopped;
}

template <typename Step>
void CurlExchange::guarded(Step step) {
  if (m_stopped) {
    return;
  }
  try {
    step();
    if (!m_stopped) {
      arm();
    }
  } catch (const std::exception& exception) {
    fail(Ending::internal_error, exception.what());
  }
}

void CurlExchange::stop() {
  m_stopped = true;
  // The server must learn of it at once and spend no more on the answer: libcurl 7.88 may keep the
  // reset of an HTTP/2 stream back until the connection is used again.
  m_curl.set(CURLOPT_FORBID_REUSE, 1L);
}

void CurlExchange::fail(Ending ending, std::string message) {
  stop();
  m_decided = true;
  m_report.ending = ending;
  m_report.message = std::move(message);
}

MonotonicTime CurlExchange::stamp(std::string_view piece) {
  const auto begin = reinterpret_cast<std::uintptr_t>(piece.data());
  if (m_stamped_turn != m_loop.turn || begin < m_read_end) {
    m_stamped_turn = m_loop.turn;
    m_stamp = std::chrono::steady_clock::now();
  }
  m_read_end = begin + piece.size();
  return m_stamp;
}

curl_socket_t CurlExchange::on_open_socket(void* self, curlsocktype, curl_sockaddr* address) {
  const int descriptor =
      socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
  if (descriptor < 0 && errno != EAFNOSUPPORT) {
    // libcurl would call it a failure to connect, and so the provider's.
    static_cast<CurlExchange*>(self)->fail(
        Ending::internal_error, fmt::format("no socket to be had: {}", std::strerror(errno)));
  }
  return descriptor;
}

std::size_t CurlExchange::on_header(char* data, std::size_t size, std::size_t count, void* self) {
  auto* exchange = static_cast<CurlExchange*>(self);
  exchange->guarded([&] { exchange->take_header({data, size * count}); });
  return exchange->m_stopped ? 0 : size * count;
}

void CurlExchange::take_header(std::string_view line) {
  if (m_head_done) {
    return;  // a trailer, behind the body
  }
  const MonotonicTime when = stamp(line);
  m_read_end = std::numeric_limits<std::uintptr_t>::max();  // a line lies in a buffer of its own
  m_head_bytes += line.size();
  if (m_head_bytes > k_max_head_bytes) {
    fail(Ending::protocol_error, "response headers of more than 256 KiB");
    return;
  }
  const std::string_view text = base::trimmed(line, k_blanks);
  if (m_head.status == 0 && text.starts_with("HTTP/")) {
    m_head.status = status_of(text);
  } else if (!text.empty()) {
    const std::size_t colon = text.find(':');
    m_head.headers.emplace_back(base::to_lower(text.substr(0, colon)),
                                colon == std::string_view::npos
                                    ? std::string_view()
                                    : base::trimmed(text.substr(colon + 1), k_blanks));
  } else if (m_head.status < 200) {  // an interim response: the real one follows
    m_head = {};
  } else {
    m_head_done = true;
    if (m_listener->on_head(std::move(m_head), {.at = when}) == Flow::stop) {
      stop();
    }
  }
}

std::size_t CurlExchange::on_body(char* data, std::size_t size, std::size_t count, void* self) {
  auto* exchange = static_cast<CurlExchange*>(self);
  exchange->guarded([&] { exchange->take_body({data, size * count}); });
  return exchange->m_stopped ? CURL_WRITEFUNC_ERROR : size * count;
}

void CurlExchange::take_body(std::string_view bytes) {
  if (m_listener->on_body(bytes, {.at = stamp(bytes)}) == Flow::stop) {
    stop();
  }
}

int CurlExchange::on_request_begin(void* self, char*, char*, int, int) {
  auto* exchange = static_cast<CurlExchange*>(self);
  exchange->guarded([exchange] { exchange->note_request_begin(); });
  return exchange->m_stopped ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
}

void CurlExchange::note_request_begin() {
  ++m_request_begins;
  m_body_sent = 0;
  m_report.request_sent.reset();
  note_certificate();
  // libcurl reports written bytes only to the debug function; it is switched off again, for speed,
  // once the request is out.
  m_curl.set(CURLOPT_VERBOSE, 1L);
  // Last, so that what we do here is not in the provider's time.
  m_request_begin = std::chrono::steady_clock::now();
  m_report.request_begin = m_request_begin;
  m_listener->on_request_begin(*m_request_begin);
}

void CurlExchange::note_certificate() {
  curl_tlssessioninfo* session = nullptr;
  if (curl_easy_getinfo(m_curl.handle(), CURLINFO_TLS_SSL_PTR, &session) != CURLE_OK ||
      session == nullptr || session->backend != CURLSSLBACKEND_OPENSSL ||
      session->internals == nullptr) {
    return;
  }
  const STACK_OF(X509)* chain =
      SSL_get_peer_cert_chain(static_cast<const SSL*>(session->internals));
  for (int i = 0; chain != nullptr && i < sk_X509_num(chain); ++i) {
    const std::optional<std::chrono::sys_seconds> expiry = not_after(sk_X509_value(chain, i));
    std::optional<std::chrono::sys_seconds>& earliest = m_report.connection.certificate_expiry;
    if (expiry && (!earliest || *expiry < *earliest)) {
      earliest = expiry;
    }
  }
}

int CurlExchange::on_debug(CURL*, curl_infotype type, char*, std::size_t size, void* self) {
  if (type == CURLINFO_DATA_OUT) {
    static_cast<CurlExchange*>(self)->note_sent(size);
  }
  return 0;
}

void CurlExchange::note_sent(std::size_t bytes) {
  m_body_sent += bytes;
  if (m_body_sent >= m_request.body.size()) {
    m_report.request_sent = std::chrono::steady_clock::now();
    m_curl.set(CURLOPT_VERBOSE, 0L);
  }
}

void CurlExchange::end(CURLcode result, MonotonicTime now, Duration lag) {
  const Ending how = ending(result);
  if (!m_decided && how != Ending::complete) {
    m_report.message = m_error[0] != '\0'   ? m_error
                       : result != CURLE_OK ? curl_easy_strerror(result)
                                            : "the connection ended within the response's headers";
  }
  end(how, now, lag);
}

void CurlExchange::end(Ending ending, MonotonicTime now, Duration lag) {
  if (!m_curl.refusal().empty()) {
    fail(Ending::internal_error, m_curl.refusal());
  }
  if (!m_decided) {
    m_report.ending = ending;
  }
  m_report.ended = now;
  m_report.event_loop_lag = lag;
  if (m_curl.handle() != nullptr) {
    fill_connection();
  }
  try {
    m_listener->on_end(m_report);
  } catch (const std::exception& exception) {
    base::log::error("a finished exchange could not be taken", {{"error", exception.what()}});
  }
}

Ending CurlExchange::ending(CURLcode code) const {
  if (m_stopped) {
    return Ending::stopped;
  }
  CurlResult result;
  result.code = code;
  curl_easy_getinfo(m_curl.handle(), CURLINFO_OS_ERRNO, &result.system_error);
  result.clear_text = m_request.url.starts_with("http:");
  result.request_begun = m_request_begins > 0;
  result.within_head = m_head_bytes > 0 && !m_head_done;
  return ending_of(result);
}

void CurlExchange::fill_connection() {
  long connects = 0;
  curl_easy_getinfo(m_curl.handle(), CURLINFO_NUM_CONNECTS, &connects);
  m_report.connection.reused = m_request_begins > 0 && connects == 0;
  // A request that was repeated on a second connection has phases of both, summed: no figure.
  if (!m_report.connection.reused && m_request_begins <= 1) {
    m_report.name_resolved = phase_end(CURLINFO_NAMELOOKUP_TIME_T);
    m_report.connected = phase_end(CURLINFO_CONNECT_TIME_T);
    m_report.tls_done = phase_end(CURLINFO_APPCONNECT_TIME_T);
  }
  long version = CURL_HTTP_VERSION_NONE;
  curl_easy_getinfo(m_curl.handle(), CURLINFO_HTTP_VERSION, &version);
  if (m_head_done) {
    m_report.connection.http_version = version == CURL_HTTP_VERSION_2_0   ? "2"
                                       : version == CURL_HTTP_VERSION_1_0 ? "1.0"
                                                                          : "1.1";
  }
  const char* address = nullptr;
  long port = 0;
  curl_easy_getinfo(m_curl.handle(), CURLINFO_PRIMARY_IP, &address);
  curl_easy_getinfo(m_curl.handle(), CURLINFO_PRIMARY_PORT, &port);
  if (address != nullptr && *address != '\0') {
    const bool v6 = std::string_view(address).find(':') != std::string_view::npos;
    m_report.connection.remote_address =
        v6 ? fmt::format("[{}]:{}", address, port) : fmt::format("{}:{}", address, port);
  }
}

std::optional<MonotonicTime> CurlExchange::phase_end(CURLINFO info) const {
  curl_off_t microseconds = 0;
  if (curl_easy_getinfo(m_curl.handle(), info, &microseconds) != CURLE_OK || microseconds <= 0) {
    return std::nullopt;
  }
  return m_report.started + std::chrono::microseconds(microseconds);
}

}  // namespace inferometer::transport
