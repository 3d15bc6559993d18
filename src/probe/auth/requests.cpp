#include "probe/auth/requests.hpp"

#include "config/secrets.hpp"
#include "wire/percent_encoding.hpp"

#include <utility>

namespace inferometer::probe::auth {
namespace {

/// `https://host:443` of `https://host:443/path`.
std::string_view origin_of(std::string_view url) {
  return url.substr(0, url.find('/', url.find("://") + 3));
}

}  // namespace

Form& Form::add(std::string_view name, std::string_view value) {
  m_body.append(m_body.empty() ? "" : "&").append(name).append("=");
  m_body.append(wire::percent_encode(value));
  return *this;
}

Form& Form::add(std::string_view name, const base::Secret& value) {
  m_secrets.push_back(value);
  m_secrets.emplace_back(wire::percent_encode(value.reveal()));
  return add(name, std::string_view(value.reveal()));
}

base::Result<Step> post(const CredentialSource& source, std::string url, std::string content_type,
                        std::string body) {
  base::Result<base::Secret> proxy_password = config::read_secret(source.proxy.password);
  if (!proxy_password) {
    return tl::make_unexpected(proxy_password.error());
  }
  Step step;
  step.shown = url;
  step.secrets = {*proxy_password};
  transport::Request& request = step.request;
  request.url = std::move(url);
  request.headers = {{"Content-Type", std::move(content_type)}};
  request.body = std::move(body);
  request.tls = source.tls;
  if (origin_of(request.url) != origin_of(source.base_url)) {
    request.tls.server_name.clear();  // it is the name of another host
  }
  request.proxy = source.proxy;
  request.proxy_password = *std::move(proxy_password);
  return step;
}

base::Result<Step> post_form(const CredentialSource& source, std::string url, const Form& form) {
  return post(source, std::move(url), "application/x-www-form-urlencoded", form.body())
      .map([&form](Step step) {
        step.secrets.insert(step.secrets.begin(), form.secrets().begin(), form.secrets().end());
        return step;
      });
}

Step ask_metadata(transport::Method method, std::string url) {
  Step step;
  step.shown = url;
  step.request.method = method;
  step.request.url = std::move(url);
  step.request.http_version = config::HttpVersion::http_1_1;
  return step;
}

}  // namespace inferometer::probe::auth
