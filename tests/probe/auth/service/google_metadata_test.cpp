#include "probe/auth/service/cloud_stand_in.hpp"

namespace inferometer::probe::auth {
namespace {

const std::string k_flavor_header = "Metadata-Flavor: Google\r\n";
const std::string k_google_token =
    R"({"access_token":"ya29.metadata","expires_in":3599,"token_type":"Bearer"})";

CloudFetch google(const fakes::ScriptedServer& server) {
  return CloudFetch(config::GoogleMetadataAuth{.url = origin(server)});
}

}  // namespace

TEST_CASE("google metadata: the token of the default service account, never by a proxy") {
  const fakes::ScriptedServer server(
      replies({{.body = k_google_token, .headers = k_flavor_header}}));
  CloudFetch fetch = google(server);
  fetch.provider.proxy = dead_proxy();
  CHECK(fetch.token() == "ya29.metadata");
  REQUIRE(server.requests().size() == 1);
  CHECK(server.requests()[0].starts_with(
      "GET /computeMetadata/v1/instance/service-accounts/default/token HTTP/1.1\r\n"));
  CHECK(contains(server.requests()[0], "\r\nMetadata-Flavor: Google\r\n"));
}

TEST_CASE("google metadata: an answer that is not from a metadata server is not used") {
  for (const char* headers : {"", "Metadata-Flavor: Other\r\n", "X-Metadata-Flavor: Google\r\n"}) {
    CAPTURE(headers);
    const fakes::ScriptedServer server(replies({{.body = k_google_token, .headers = headers}}));
    const std::string error = google(server).error();
    CHECK(error.starts_with("protocol_error: "));
    CHECK(contains(error, "no Metadata-Flavor: Google"));
    CHECK_FALSE(contains(error, "ya29"));
  }
}

TEST_CASE(
    "google metadata: a machine without a service account and a pod without rights are told") {
  const fakes::ScriptedServer none(replies(404, "<html>"));
  CHECK(contains(google(none).error(), "HTTP 404: attach a service account to this machine"));
  const fakes::ScriptedServer denied(replies(403, R"({"error":{"code":403,"message":"Permission )"
                                                  R"('iam.serviceAccounts.getAccessToken' denied",)"
                                                  R"("status":"PERMISSION_DENIED"}})"));
  CHECK(contains(google(denied).error(), "roles/iam.workloadIdentityUser"));
  const fakes::ScriptedServer elsewhere(
      replies({{.status = 302, .body = "", .headers = "Location: http://127.0.0.1:1/\r\n"}}));
  CHECK(contains(google(elsewhere).error(), "a redirect, which is not followed"));
}

}  // namespace inferometer::probe::auth
