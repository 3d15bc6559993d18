#include "http/tls/socket_bio.hpp"

#include <openssl/bio.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>

namespace inferometer::http::tls {
namespace {

int socket_of(BIO* bio) {
  return static_cast<int>(reinterpret_cast<std::intptr_t>(BIO_get_data(bio)));
}

bool would_block() {
  return errno == EAGAIN || errno == EINTR;
}

int read_socket(BIO* bio, char* bytes, std::size_t size, std::size_t* taken) {
  BIO_clear_retry_flags(bio);
  const ssize_t count = ::recv(socket_of(bio), bytes, size, 0);
  if (count < 0 && would_block()) {
    BIO_set_retry_read(bio);
  }
  *taken = count > 0 ? static_cast<std::size_t>(count) : 0;
  return count > 0 ? 1 : 0;
}

int write_socket(BIO* bio, const char* bytes, std::size_t size, std::size_t* taken) {
  BIO_clear_retry_flags(bio);
  const ssize_t count = ::send(socket_of(bio), bytes, size, MSG_NOSIGNAL);
  if (count < 0 && would_block()) {
    BIO_set_retry_write(bio);
  }
  *taken = count > 0 ? static_cast<std::size_t>(count) : 0;
  return count > 0 ? 1 : 0;
}

long control_socket(BIO* /*bio*/, int command, long /*number*/, void* /*pointer*/) {
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

/// Made once and never freed: sessions may end later than what is destroyed at the program's end.
const BIO_METHOD* socket_method() {
  static const BIO_METHOD* const k_method = [] {
    BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "web socket");
    if (made != nullptr) {
      BIO_meth_set_read_ex(made, read_socket);
      BIO_meth_set_write_ex(made, write_socket);
      BIO_meth_set_ctrl(made, control_socket);
    }
    return made;
  }();
  return k_method;
}

}  // namespace

bool attach_socket(SSL* ssl, int socket) {
  const BIO_METHOD* const method = socket_method();
  BIO* const bio = method != nullptr ? BIO_new(method) : nullptr;
  if (bio == nullptr) {
    return false;
  }
  // A BIO keeps a pointer: this one is a number, and never followed.
  void* const number =
      reinterpret_cast<void*>(std::intptr_t(socket));  // NOLINT(performance-no-int-to-ptr)
  BIO_set_data(bio, number);
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl, bio, bio);
  return true;
}

}  // namespace inferometer::http::tls
