#pragma once

#include "base/error.hpp"
#include "base/secret.hpp"
#include "probe/auth/source.hpp"
#include "probe/auth/step.hpp"

#include <string>
#include <string_view>
#include <vector>

/// The two ways in which credentials are asked for.
namespace inferometer::probe::auth {

/// The fields of a form, escaped.
class Form {
 public:
  Form& add(std::string_view name, std::string_view value);
  /// The same of a value that errors must not show, as it is and as the form has it.
  Form& add(std::string_view name, const base::Secret& value);

  [[nodiscard]] const std::string& body() const { return m_body; }
  [[nodiscard]] const std::vector<base::Secret>& secrets() const { return m_secrets; }

 private:
  std::string m_body;
  std::vector<base::Secret> m_secrets;
};

/// Posts a body to a server on the network, in the way that the provider's own requests travel:
/// with its TLS and through its proxy. An error says which secret of the proxy cannot be read.
[[nodiscard]] base::Result<Step> post(const CredentialSource& source, std::string url,
                                      std::string content_type, std::string body);

/// The same of a form.
[[nodiscard]] base::Result<Step> post_form(const CredentialSource& source, std::string url,
                                           const Form& form);

/// Asks a metadata server, which is on this machine or its link: never through a proxy, and with
/// nothing of the provider's.
[[nodiscard]] Step ask_metadata(transport::Method method, std::string url);

}  // namespace inferometer::probe::auth
