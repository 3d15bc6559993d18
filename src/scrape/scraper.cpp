#include "scrape/scraper.hpp"

#include "config/secrets.hpp"
#include "scrape/exposition_reader.hpp"
#include "scrape/page.hpp"
#include "scrape/scrape_states.hpp"
#include "wire/redact.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>
#include <variant>

namespace inferometer::scrape {
namespace {

using base::MonotonicTime;
using transport::Ending;
using transport::Flow;

constexpr base::Duration k_longest = std::chrono::seconds(10);

/// What is sent in secret, and what of it must show in no error.
struct Secrets {
  std::vector<std::pair<std::string, base::Secret>> headers;
  base::Secret credential;
  base::Secret proxy_password;
};

base::Result<void> add_credential(const config::ServerMetricsAuth& auth, Secrets& secrets) {
  if (const auto* const bearer = std::get_if<config::BearerAuth>(&auth)) {
    return config::read_secret(bearer->token).map([&](base::Secret token) {
      secrets.headers.emplace_back("Authorization", base::Secret("Bearer " + token.reveal()));
      secrets.credential = std::move(token);
    });
  }
  if (const auto* const header = std::get_if<config::HeaderAuth>(&auth)) {
    return config::read_secret(header->value).map([&](base::Secret value) {
      secrets.headers.emplace_back(header->name, value);
      secrets.credential = std::move(value);
    });
  }
  return {};
}

base::Result<Secrets> read_secrets(const config::Provider& provider) {
  Secrets secrets;
  return config::read_secret(provider.proxy.password)
      .and_then([&](base::Secret password) {
        secrets.proxy_password = std::move(password);
        return add_credential(provider.server_metrics->auth, secrets);
      })
      .map([&] { return std::move(secrets); });
}

transport::Request make_request(const config::Provider& provider, Secrets secrets) {
  const config::ServerMetrics& server = *provider.server_metrics;
  transport::Request request;
  request.method = transport::Method::get;
  request.url = server.url;
  request.headers = {{"Accept", "text/plain;version=0.0.4"}};
  request.headers.insert(request.headers.end(), server.headers.begin(), server.headers.end());
  request.secret_headers = std::move(secrets.headers);
  request.connection = config::ConnectionPolicy::reuse;
  request.http_version = provider.http_version;
  request.tls = server.tls.value_or(provider.tls);
  request.proxy = provider.proxy;
  request.proxy_password = std::move(secrets.proxy_password);
  return request;
}

/// What to do about a status, where a kind of server is known for it.
std::string_view advice(config::ServerKind kind, int status, bool with_credential) {
  if (status >= 300 && status < 400) {
    return ": redirects are not followed, set server_metrics.url to where it points";
  }
  if (kind == config::ServerKind::llamacpp && status == 501) {
    return ": llama-server shows metrics only if started with --metrics";
  }
  if (kind == config::ServerKind::sglang && status == 404) {
    return ": SGLang shows metrics only if started with --enable-metrics";
  }
  if (kind == config::ServerKind::trtllm && status == 404) {
    return ": trtllm-serve shows metrics at /prometheus/metrics, if return_perf_metrics is true";
  }
  if (status == 401 || status == 403) {
    return with_credential ? ": the credential of server_metrics.auth was refused"
                           : ": no credential is sent unless server_metrics.auth names one";
  }
  return "";
}

std::string describe(const transport::Report& report) {
  switch (report.ending) {
    case Ending::complete:
    case Ending::stopped:
    case Ending::cancelled:
      break;
    case Ending::dns_error:
      return "the name does not resolve: " + report.message;
    case Ending::connect_error:
      return "no connection: " + report.message;
    case Ending::tls_error:
      return "TLS failed: " + report.message;
    case Ending::lost:
      return "the connection was lost: " + report.message;
    case Ending::refused:
      return "the server refused the request: " + report.message;
    case Ending::protocol_error:
      return "the answer is not valid HTTP: " + report.message;
    case Ending::internal_error:
      return "the request could not be made: " + report.message;
  }
  return report.message;
}

/// One scrape while it runs.
class Fetch final : public transport::Listener {
 public:
  Fetch(Scrape scrape, std::uint64_t number, base::Duration limit, base::Secret credential,
        const base::Clock& clock, std::shared_ptr<ScrapeStates> states,
        Scraper::Completion completion)
      : m_scrape(std::move(scrape)),
        m_number(number),
        m_limit(limit),
        m_credential(std::move(credential)),
        m_clock(clock),
        m_states(std::move(states)),
        m_completion(std::move(completion)) {}

  void on_started(MonotonicTime now) override {
    m_deadline = now + m_limit;
    m_scrape.scraped_at = m_clock.wall_now();
  }

  void on_request_begin(MonotonicTime /*now*/) override {}

  Flow on_head(transport::ResponseHead head, const transport::Arrival& /*arrival*/) override {
    if (head.status == 200) {
      return Flow::go_on;
    }
    return fail(fmt::format("HTTP {}{}", head.status,
                            advice(m_scrape.kind, head.status, !m_credential.empty())));
  }

  Flow on_body(std::string_view bytes, const transport::Arrival& /*arrival*/) override {
    if (bytes.size() > k_max_page_bytes - m_page.size()) {
      return fail(fmt::format("the page of metrics has over {} bytes", k_max_page_bytes));
    }
    m_page.append(bytes);
    return Flow::go_on;
  }

  [[nodiscard]] MonotonicTime deadline() const override { return m_deadline; }

  void on_deadline(MonotonicTime /*now*/) override {
    fail(fmt::format("no whole answer within {} s", base::seconds(m_limit)));
  }

  void on_end(const transport::Report& report) override {
    m_scrape.duration = report.ended - report.started;
    std::optional<ServerPage> page;
    if (report.ending != Ending::complete && m_scrape.error.empty()) {
      m_scrape.error = wire::redact(describe(report), m_credential);
    } else if (m_scrape.error.empty()) {
      page = read();
    }
    const bool wanted = m_states->end(m_scrape.provider, m_number, page ? &*page : nullptr);
    if (!wanted || report.ending == Ending::cancelled) {
      return;
    }
    if (page) {
      m_scrape.figures = figures_of(m_scrape.kind, page->samples);
    }
    m_completion(std::move(m_scrape));
  }

 private:
  Flow fail(std::string error) {
    m_scrape.error = std::move(error);
    return Flow::stop;
  }

  /// None, and the reason as the scrape's error, if the page is no good.
  std::optional<ServerPage> read() {
    base::Result<ServerPage> page = read_page(m_scrape.kind, m_page);
    if (page) {
      return *std::move(page);
    }
    // The reason shows the beginning of a line, which may hold half of what the server echoed.
    const bool echoed =
        !m_credential.empty() && m_page.find(m_credential.reveal()) != std::string::npos;
    m_scrape.error = echoed ? "the page cannot be read, and it holds the credential"
                            : std::move(page.error().message);
    return std::nullopt;
  }

  Scrape m_scrape;
  const std::uint64_t m_number;
  const base::Duration m_limit;
  const base::Secret m_credential;
  const base::Clock& m_clock;
  const std::shared_ptr<ScrapeStates> m_states;
  const Scraper::Completion m_completion;
  MonotonicTime m_deadline = MonotonicTime::max();
  std::string m_page;
};

}  // namespace

Scraper::Scraper(transport::Transport& transport, const base::Clock& clock)
    : m_transport(transport), m_clock(clock), m_states(std::make_shared<ScrapeStates>()) {}

Scraper::~Scraper() = default;

bool Scraper::start(const config::Provider& provider, Completion completion) {
  const config::ServerMetrics& server = *provider.server_metrics;
  const std::optional<std::uint64_t> number = m_states->begin(provider.name, server);
  if (!number) {
    return false;
  }
  Scrape scrape{.provider = provider.name,
                .kind = server.kind,
                .figures = {},
                .error = {},
                .duration = {},
                .scraped_at = m_clock.wall_now()};
  base::Result<Secrets> secrets = read_secrets(provider);
  if (!secrets) {
    scrape.error = std::move(secrets.error().message);
    if (m_states->end(provider.name, *number, nullptr)) {
      completion(std::move(scrape));
    }
    return true;
  }
  auto fetch =
      std::make_unique<Fetch>(std::move(scrape), *number, std::min(k_longest, server.interval),
                              secrets->credential, m_clock, m_states, std::move(completion));
  m_transport.start(make_request(provider, *std::move(secrets)), std::move(fetch));
  return true;
}

void Scraper::keep(const std::vector<config::Provider>& providers) {
  std::set<std::string> names;
  for (const config::Provider& provider : providers) {
    names.insert(provider.name);
  }
  m_states->keep(names);
}

}  // namespace inferometer::scrape
