#include "web/healthy_callbacks.hpp"
#include "web/routes.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace base = inferometer::base;
using inferometer::exposition::content_type;
using inferometer::exposition::Format;
using inferometer::exposition::k_formats;
using inferometer::http::Response;
using inferometer::web::Callbacks;
using inferometer::web::make_routes;
using inferometer::web::ProbeRequest;
using inferometer::web::test::healthy_callbacks;

namespace {

using Names = std::vector<std::string>;

const std::string k_probe_query = "provider=openai&model=o3&workload=chat";

/// What Prometheus sends for a format.
std::string accept_header(Format format) {
  switch (format) {
    case Format::text:
      return "text/plain;version=0.0.4;q=0.3,*/*;q=0.2";
    case Format::openmetrics:
      return "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3";
    case Format::protobuf:
      return "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;"
             "encoding=delimited;q=0.6,application/openmetrics-text;version=1.0.0;q=0.5,*/*;q=0.2";
  }
  return {};
}

bool varies_with_accept(const Response& response) {
  for (const auto& [name, value] : response.headers) {
    if (name == "Vary" && value == "Accept") {
      return true;
    }
  }
  return false;
}

/// The names that a query hands to the callback, or the text of the refusal.
Names names_of(const std::string& query) {
  Names asked{"the callback was not called"};
  Callbacks callbacks = healthy_callbacks();
  callbacks.metrics = [&asked](Format, const Names& names) {
    asked = names;
    return std::string();
  };
  const Response response = make_routes(callbacks, 1)({"GET", "/metrics", query, ""});
  if (response.status != 200) {
    CHECK(response.status == 400);
    return {response.body};
  }
  return asked;
}

}  // namespace

TEST_CASE("a scrape is answered in the format that it asks for") {
  for (const Format format : k_formats) {
    CAPTURE(content_type(format));
    Callbacks callbacks = healthy_callbacks();
    callbacks.metrics = [format](Format asked, const Names&) {
      return std::string(asked == format ? "as asked" : "another one");
    };
    const Response response =
        make_routes(callbacks, 1)({"GET", "/metrics", "", accept_header(format)});
    CHECK(response.status == 200);
    CHECK(response.body == "as asked");
    CHECK(response.content_type == content_type(format));
    CHECK(varies_with_accept(response));
  }
}

TEST_CASE("a probe is answered in the format that it asks for and its report as text") {
  for (const Format format : k_formats) {
    CAPTURE(content_type(format));
    Callbacks callbacks = healthy_callbacks();
    callbacks.probe = [format](const ProbeRequest& request) {
      return inferometer::web::ProbeResult(request.format == format ? "as asked" : "another one");
    };
    const auto ask = [&](const std::string& more) {
      return make_routes(callbacks,
                         1)({"GET", "/probe", k_probe_query + more, accept_header(format)});
    };
    CHECK(ask("").body == "as asked");
    CHECK(ask("").content_type == content_type(format));
    CHECK(varies_with_accept(ask("")));
    CHECK(ask("&debug=true").content_type == "text/plain; charset=utf-8");
    CHECK(!varies_with_accept(ask("&debug=true")));
  }
}

TEST_CASE("a scrape gets the families that it names and all where it names none") {
  CHECK(names_of("").empty());
  CHECK(names_of("name[]=a") == Names{"a"});
  CHECK(names_of("name[]=b&name%5B%5D=a&name%5b%5d=b") == Names{"b", "a", "b"});
  CHECK(names_of("name[]=") == Names{""});
  CHECK(names_of("name[]=%22a+b%22") == Names{"\"a b\""});
}

TEST_CASE("a scrape with a parameter that is not there is refused and not answered with all") {
  for (const char* name : {"name", "names[]", "Name[]", "collect[]", "match[]", ""}) {
    CAPTURE(name);
    CHECK(names_of("name[]=a&" + std::string(name) + "=a") ==
          Names{"unknown query parameter " + std::string(name) + ": there is name[]\n"});
  }
  CHECK(names_of("name[]=%zz") ==
        Names{"broken or forbidden %-escape in the query parameter name[]=%zz\n"});
  CHECK(names_of("name=a&name=b") == Names{"the query parameter name is given twice\n"});
}

TEST_CASE("a scrape cannot name more families than anyone needs") {
  std::string query;
  for (int i = 0; i < 1000; ++i) {
    query += "name[]=a&";
  }
  CHECK(names_of(query).size() == 1000);
  CHECK(names_of(query + "name[]=a") == Names{"more than 1000 names\n"});
}
