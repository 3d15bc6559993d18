#include "measure/render.hpp"
#include "web/healthy_callbacks.hpp"
#include "web/page/measurement_page.hpp"
#include "web/routes.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <string>
#include <utility>

namespace measure = inferometer::measure;
using inferometer::http::Response;
using inferometer::web::make_routes;
using inferometer::web::render_measurement_page;
using inferometer::web::test::healthy_callbacks;
using nlohmann::json;

namespace {

const std::string k_folder = "/api/v1/measurements/";
const std::string k_known = k_folder + "0123456789abcdef";
constexpr const char* k_json_type = "application/json; charset=utf-8";

Response get(const std::string& path, const std::string& accept = {}) {
  return make_routes(healthy_callbacks(), 1)({"GET", path, "", accept});
}

}  // namespace

TEST_CASE("a known measurement is answered as JSON to programs") {
  for (const char* accept :
       {"", "*/*", "application/json", "application/*", "text/html;q=0.5, application/json",
        "text/html;q=0", "text/html, application/json", "text/plain"}) {
    CAPTURE(accept);
    const Response response = get(k_known, accept);
    CHECK(response.status == 200);
    CHECK(response.content_type == k_json_type);
    CHECK(response.body == measure::to_json(measure::make_success()) + "\n");
    CHECK(json::parse(response.body).at("id") == "0123456789abcdef");
  }
}

TEST_CASE("a known measurement is a page to browsers") {
  for (const char* accept :
       {"text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
        "text/html", "text/*", "application/json;q=0.9, text/html"}) {
    CAPTURE(accept);
    const Response response = get(k_known, accept);
    CHECK(response.status == 200);
    CHECK(response.content_type == "text/html; charset=utf-8");
    CHECK(response.body == render_measurement_page(measure::make_success()));
    CHECK(std::count(response.headers.begin(), response.headers.end(),
                     std::pair<std::string, std::string>("Vary", "Accept")) == 1);
  }
}

TEST_CASE("the digits of an id may be in capitals") {
  CHECK(get(k_folder + "0123456789ABCDEF").status == 200);
}

TEST_CASE("a measurement that is not known is a 404 that says why") {
  const Response response = get(k_folder + "0123456789abcdee");
  CHECK(response.status == 404);
  CHECK(response.content_type == k_json_type);
  CHECK(json::parse(response.body) ==
        json{{"status", "error"},
             {"errorType", "not_found"},
             {"error", "no such measurement: only the latest are kept, in memory"}});
}

TEST_CASE("a measurement that is not known is a page to browsers") {
  const Response response = get(k_folder + "0123456789abcdee", "text/html,*/*;q=0.8");
  CHECK(response.status == 404);
  CHECK(response.content_type == "text/html; charset=utf-8");
  CHECK(response.body.find("Attempt 0123456789abcdee is not kept any more") != std::string::npos);
}

TEST_CASE("the list of measurements is JSON to programs and a page to browsers") {
  const Response programs = get("/api/v1/measurements", "*/*");
  CHECK(programs.status == 200);
  CHECK(programs.content_type == k_json_type);
  CHECK(json::parse(programs.body).at(0).at("id") == "0123456789abcdef");
  const Response browsers = get("/api/v1/measurements", "text/html,*/*;q=0.8");
  CHECK(browsers.content_type == "text/html; charset=utf-8");
  CHECK(browsers.body.find("measurements/0123456789abcdef") != std::string::npos);
}

TEST_CASE("a list with odd parameters is a 400 that says what there is") {
  const Response response = make_routes(
      healthy_callbacks(), 1)({"GET", "/api/v1/measurements", "outcome=%22", "text/html"});
  CHECK(response.status == 400);
  CHECK(response.content_type == k_json_type);
  CHECK(json::parse(response.body).at("errorType") == "bad_data");
}

TEST_CASE("what is no id is a 400 and looks for nothing") {
  auto callbacks = healthy_callbacks();
  callbacks.measurement = [](std::string_view) -> std::shared_ptr<const measure::Measurement> {
    FAIL("it looked");
    return nullptr;
  };
  for (const char* id :
       {"", "0", "0123456789abcde", "0123456789abcdef0", "0123456789abcdeg", "0x23456789abcdef",
        "0123456789abcde%66", "0123456789abcde ", "..", "\"><script>1234"}) {
    CAPTURE(id);
    const Response response = make_routes(callbacks, 1)({"GET", k_folder + id, "", "text/html"});
    CHECK(response.status == 400);
    CHECK(response.content_type == k_json_type);
    CHECK(json::parse(response.body) ==
          json{{"status", "error"},
               {"errorType", "bad_data"},
               {"error", "the id of a measurement is 16 hexadecimal digits"}});
  }
}

TEST_CASE("only the last segment of the path is an id") {
  for (const char* path :
       {"/api/v1/measurement", "/api/v1/measurements/x/0123456789abcdef",
        "/api/v1/measurements/0123456789abcdef/", "/api/v1/measurements//0123456789abcdef",
        "/api/v1/0123456789abcdef", "/api/v1/measurements0123456789abcdef"}) {
    CAPTURE(path);
    const Response response = get(path);
    CHECK(response.status == 404);
    CHECK(response.body == "not found: / lists what there is\n");
  }
}

TEST_CASE("a measurement can only be read") {
  const Response response =
      make_routes(healthy_callbacks(), 1)({"DELETE", k_known, "", "application/json"});
  CHECK(response.status == 405);
  CHECK(make_routes(healthy_callbacks(), 1)({"HEAD", k_known, "", ""}).status == 200);
}
