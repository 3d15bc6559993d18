#include "transport/tls/context.hpp"

#include "fakes/fastest.hpp"
#include "transport/tls/certificates.hpp"
#include "transport/tls/site.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <sys/stat.h>

using namespace inferometer::transport::tls;
using inferometer::config::Tls;
using inferometer::fakes::fastest;
using inferometer::transport::CertificateFiles;

namespace {

void check_refused(const Tls& tls, std::initializer_list<std::string> said) {
  const auto context = load_context(tls);
  REQUIRE_FALSE(context);
  CAPTURE(context.error().message);
  CHECK_FALSE(contains(context.error().message, "\n"));
  for (const std::string& part : said) {
    CHECK_MESSAGE(contains(context.error().message, part), part);
  }
  CHECK(ERR_peek_error() == 0);
}

/// Encrypts the key in `path` with a passphrase, as the traditional format or as PKCS #8.
void encrypt(const std::string& path, bool traditional) {
  const Owned<BIO> in(BIO_new_file(path.c_str(), "r"));
  const Owned<EVP_PKEY> key(PEM_read_bio_PrivateKey(in.get(), nullptr, nullptr, nullptr));
  const Owned<BIO> out(BIO_new_file(path.c_str(), "w"));
  std::string phrase = "secret";
  auto* const bytes = reinterpret_cast<unsigned char*>(phrase.data());
  const int size = static_cast<int>(phrase.size());
  const auto write = traditional ? PEM_write_bio_PrivateKey_traditional : PEM_write_bio_PrivateKey;
  REQUIRE(write(out.get(), key.get(), EVP_aes_256_cbc(), bytes, size, nullptr, nullptr) == 1);
}

}  // namespace

TEST_CASE("tls context: a missing file is told with its name") {
  const Site site;
  const std::string missing = site.folder.path("missing.pem");
  check_refused({.ca_file = missing}, {"tls.ca_file", "missing.pem", "No such file"});
  check_refused({.ca_file = site.authority.file(), .cert_file = missing, .key_file = missing},
                {"tls.cert_file", "missing.pem", "No such file"});
  check_refused(
      {.ca_file = site.authority.file(), .cert_file = site.files.certificate, .key_file = missing},
      {"tls.key_file", "missing.pem", "No such file"});
}

TEST_CASE("tls context: what is no file to read is told, without waiting for it") {
  const Site site;
  const std::string fifo = site.folder.path("fifo");
  REQUIRE(mkfifo(fifo.c_str(), 0600) == 0);
  for (const auto& [path, said] :
       {std::pair(site.folder.path("."), std::string("directory")), std::pair(fifo, fifo)}) {
    check_refused({.ca_file = path}, {"tls.ca_file", said});
    check_refused({.ca_file = site.authority.file(), .cert_file = path, .key_file = path},
                  {"tls.cert_file", said});
    check_refused(
        {.ca_file = site.authority.file(), .cert_file = site.files.certificate, .key_file = path},
        {"tls.key_file", said});
  }
}

TEST_CASE("tls context: a file without what is looked for is told") {
  const Site site;
  const std::string empty = site.folder.write("empty.pem", "");
  const std::string text = site.folder.write("text.pem", "no certificate\n");
  const std::string broken = site.folder.write(
      "broken.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
  const std::string half =
      site.folder.write("half.pem", "-----BEGIN CERTIFICATE-----\nMIIBszCCAVmgAwIB\n");
  for (const std::string& path : {empty, text, site.files.key}) {
    check_refused({.ca_file = path}, {"tls.ca_file", path, "no certificate"});
  }
  for (const std::string& path : {broken, half}) {
    check_refused({.ca_file = path}, {"tls.ca_file", path, "broken"});
  }
  for (const std::string& path : {empty, text, broken, half, site.files.certificate}) {
    check_refused(
        {.ca_file = site.authority.file(), .cert_file = site.files.certificate, .key_file = path},
        {"tls.key_file", path, "PRIVATE KEY"});
  }
}

TEST_CASE("tls context: an encrypted key is an error and no passphrase is asked for") {
  const Site site;
  for (const bool traditional : {true, false}) {
    const CertificateFiles files = site.authority.issue("client.example", in_a_year());
    encrypt(files.key, traditional);
    check_refused(
        {.ca_file = site.authority.file(), .cert_file = files.certificate, .key_file = files.key},
        {"tls.key_file", files.key, "encrypted", "openssl pkey"});
  }
}

TEST_CASE("tls context: a key of another certificate is an error") {
  const Site site;
  const CertificateFiles other = site.authority.issue("client.example", in_a_year());
  check_refused({.ca_file = site.authority.file(),
                 .cert_file = site.files.certificate,
                 .key_file = other.key},
                {"tls.key_file", other.key, site.files.certificate, "mismatch"});
}

TEST_CASE("tls context: no authorities are read where nothing is verified") {
  CHECK(load_context({.ca_file = "/missing.pem", .insecure_skip_verify = true}));
}

TEST_CASE("tls context: the system's authorities are read once and shared") {
  forget_system_authorities();
  const auto begin = std::chrono::steady_clock::now();
  const auto first = context_for({});
  const auto first_took = std::chrono::steady_clock::now() - begin;
  const auto again_took = fastest(20, [] { context_for({}); });
  MESSAGE("first: " << first_took / std::chrono::microseconds(1)
                    << " us, again: " << again_took / std::chrono::microseconds(1) << " us");
  CHECK(again_took * 10 < first_took);

  const auto second = context_for({});
  CHECK(SSL_CTX_get_cert_store(first->handle()) == SSL_CTX_get_cert_store(second->handle()));
  forget_system_authorities();
  const auto third = context_for({});
  CHECK(SSL_CTX_get_cert_store(first->handle()) != SSL_CTX_get_cert_store(third->handle()));
}

TEST_CASE("tls context: errors that others left on the thread do not matter") {
  const Site site;
  ERR_put_error(ERR_LIB_SSL, 0, SSL_R_WRONG_VERSION_NUMBER, "", 0);
  Pair pair(site);
  ERR_put_error(ERR_LIB_SSL, 0, SSL_R_WRONG_VERSION_NUMBER, "", 0);
  pair.server.send("hello");
  const std::string bytes = pair.server.output();
  ERR_put_error(ERR_LIB_SSL, 0, SSL_R_WRONG_VERSION_NUMBER, "", 0);
  CHECK(deliver(*pair.session, std::string_view(bytes).substr(0, 9)).empty());
  CHECK(deliver(*pair.session, std::string_view(bytes).substr(9)) == "hello");
  CHECK(pair.session->state() == Session::State::open);
  CHECK(ERR_peek_error() == 0);
}
