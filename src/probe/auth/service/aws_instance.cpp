#include "base/ascii.hpp"
#include "probe/auth/requests.hpp"
#include "probe/auth/service/aws_keys.hpp"
#include "probe/auth/services.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace inferometer::probe::auth {
namespace {

constexpr std::array k_instance_hints{
    Hint{"AssumeRoleUnauthorizedAccess", "the role must trust ec2.amazonaws.com"},
    Hint{"HTTP 403", "the instance's metadata service is switched off or not for this process"},
    Hint{"HTTP 404", "attach an instance profile with a role to this instance"}};

constexpr std::string_view k_hop_limit_hint =
    "is this an EC2 instance? From a container its metadata options need an "
    "HttpPutResponseHopLimit of 2: with 1 the answer does not reach it";

Step ask_instance(transport::Method method, std::string url) {
  Step step = ask_metadata(method, std::move(url));
  step.wanted = "keys";
  step.hints = k_instance_hints;
  step.late_hint = k_hop_limit_hint;
  return step;
}

/// With the token of IMDSv2's session.
std::unique_ptr<Step> ask_in_session(std::string url, const base::Secret& session) {
  auto step = std::make_unique<Step>(ask_instance(transport::Method::get, std::move(url)));
  step->request.secret_headers.emplace_back("X-aws-ec2-metadata-token", session);
  step->secrets.push_back(session);
  return step;
}

bool is_plain(std::string_view text, std::size_t longest) {
  return !text.empty() && text.size() <= longest &&
         std::all_of(text.begin(), text.end(), base::is_visible_ascii);
}

/// The names of roles: letters, digits and _+=,.@- (IAM's API reference). It becomes a part of a
/// path.
bool is_role_name(std::string_view text) {
  return is_plain(text, 64) && std::all_of(text.begin(), text.end(), [](char c) {
           return base::is_alphanumeric(c) ||
                  std::string_view("_+=,.@-").find(c) != std::string_view::npos;
         });
}

std::string_view first_line_of(std::string_view body) {
  return body.substr(0, body.find_first_of("\r\n"));
}

Step::Read read_role(std::string url, base::Secret session, WallTime asked) {
  return [url = std::move(url), session = std::move(session), asked](
             const transport::ResponseHead& /*head*/, std::string_view body) -> Result<Next> {
    const std::string_view role = first_line_of(body);
    if (!is_role_name(role)) {
      return base::fail("the answer is no name of a role");
    }
    auto step = ask_in_session(url + std::string(role), session);
    step->read = read_aws_keys(asked);
    return step;
  };
}

Step::Read read_session(const std::string& origin, WallTime asked) {
  return [origin, asked](const transport::ResponseHead& /*head*/,
                         std::string_view body) -> Result<Next> {
    constexpr std::size_t k_longest = 1024;
    const std::string_view line = first_line_of(body);
    if (!is_plain(line, k_longest)) {
      return base::fail("the answer is no token of a session");
    }
    const base::Secret session{std::string(line)};
    const std::string roles = origin + "/latest/meta-data/iam/security-credentials/";
    auto step = ask_in_session(roles, session);
    step->read = read_role(roles, session, asked);
    return step;
  };
}

}  // namespace

Result<Step> first_step(const config::AwsInstanceAuth& auth, const CredentialSource& /*source*/,
                        WallTime asked) {
  Step step = ask_instance(transport::Method::put, auth.url + "/latest/api/token");
  step.request.headers.emplace_back("X-aws-ec2-metadata-token-ttl-seconds", "300");
  step.read = read_session(auth.url, asked);
  return step;
}

}  // namespace inferometer::probe::auth
