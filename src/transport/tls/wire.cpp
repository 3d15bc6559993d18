#include "transport/tls/wire.hpp"

#include <openssl/bio.h>

#include <algorithm>
#include <cstring>
#include <exception>

namespace inferometer::transport::tls {
namespace {

Wire& wire_of(BIO* bio) {
  return *static_cast<Wire*>(BIO_get_data(bio));
}

int read_wire(BIO* bio, char* bytes, std::size_t size, std::size_t* taken) {
  Wire& wire = wire_of(bio);
  BIO_clear_retry_flags(bio);
  *taken = wire.cut ? 0 : std::min(size, wire.input.size());
  if (*taken == 0) {
    if (!wire.cut) {
      BIO_set_retry_read(bio);
    }
    return -1;
  }
  std::memcpy(bytes, wire.input.data(), *taken);
  wire.input.remove_prefix(*taken);
  return 1;
}

int write_wire(BIO* bio, const char* bytes, std::size_t size, std::size_t* taken) {
  Wire& wire = wire_of(bio);
  BIO_clear_retry_flags(bio);
  *taken = 0;
  if (wire.cut) {
    return -1;
  }
  try {
    wire.output.append(bytes, size);
  } catch (const std::exception&) {  // OpenSSL is C and cannot be thrown through
    return -1;
  }
  *taken = size;
  return 1;
}

long control_wire(BIO*, int command, long, void*) {
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

/// Made once and never freed: sessions may end later than what is destroyed at the program's end.
const BIO_METHOD* wire_method() {
  static const BIO_METHOD* const k_method = [] {
    BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "wire");
    if (made != nullptr) {
      BIO_meth_set_read_ex(made, read_wire);
      BIO_meth_set_write_ex(made, write_wire);
      BIO_meth_set_ctrl(made, control_wire);
    }
    return made;
  }();
  return k_method;
}

}  // namespace

Owned<BIO> make_bio(Wire& wire) {
  const BIO_METHOD* const method = wire_method();
  Owned<BIO> bio(method != nullptr ? BIO_new(method) : nullptr);
  if (bio) {
    BIO_set_data(bio.get(), &wire);
    BIO_set_init(bio.get(), 1);
  }
  return bio;
}

}  // namespace inferometer::transport::tls
