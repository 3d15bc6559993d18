#pragma once

struct ssl_st;

namespace inferometer::http::tls {

/// Has `ssl` read from and write to the socket, which must outlive it. Unlike OpenSSL's own BIO of
/// sockets this one writes without SIGPIPE, which a program that uses this library need not ignore.
/// False: there was no memory.
[[nodiscard]] bool attach_socket(ssl_st* ssl, int socket);

}  // namespace inferometer::http::tls
