#include "http/dispatcher.hpp"

#include "base/log.hpp"

#include <algorithm>
#include <exception>
#include <utility>

namespace inferometer::http {
namespace {

constexpr std::size_t k_forget = 64;  // after some hundred small pages a large one is forgotten

}  // namespace

/// Once it has begun, its worker reads the head and the token and writes the reply; the clients
/// belong to the dispatcher's thread all the time.
struct Dispatcher::Task {
  Lane lane;
  std::string head;
  std::vector<ClientId> clients;
  std::stop_source clients_left;
  Reply reply;
};

Dispatcher::Dispatcher(const Limits& limits, Responder responder, std::function<void()> wake)
    : m_max_page_bytes(limits.unsent_bytes),
      m_responder(std::move(responder)),
      m_wake(std::move(wake)),
      // In the order of the lanes.
      m_queues{Queue("web-page", limits.threads), Queue("web-waiting", limits.waiting_threads),
               Queue("web-urgent", 1)} {}

Dispatcher::~Dispatcher() {
  stop();
}

void Dispatcher::stop() {
  for (Queue& queue : m_queues) {
    queue.workers.stop();
  }
}

void Dispatcher::add(ClientId client, Lane lane, std::string head) {
  std::deque<SharedTask>& waiting = queue_of(lane).waiting;
  if (lane == Lane::page && head.starts_with("GET ")) {
    const auto same = std::ranges::find(waiting, head, &Task::head);
    if (same != waiting.end()) {
      (*same)->clients.push_back(client);
      m_tasks.emplace(client, *same);
      return;
    }
  }
  auto task = std::make_shared<Task>();
  task->lane = lane;
  task->head = std::move(head);
  task->clients = {client};
  m_tasks.emplace(client, task);
  waiting.push_back(std::move(task));
}

void Dispatcher::abandon(ClientId client) {
  const auto found = m_tasks.find(client);
  if (found == m_tasks.end()) {
    return;
  }
  const SharedTask task = std::move(found->second);
  m_tasks.erase(found);
  std::erase(task->clients, client);
  if (task->clients.empty()) {
    std::erase(queue_of(task->lane).waiting, task);
    task->clients_left.request_stop();
  }
}

void Dispatcher::abandon_all() {
  while (!m_tasks.empty()) {
    abandon(m_tasks.begin()->first);
  }
}

bool Dispatcher::can_begin_page() const {
  const Queue& pages = queue_of(Lane::page);
  return pages.can_begin() &&
         (pages.begun == 0 || (pages.begun + 1) * m_page_bytes <= m_max_page_bytes);
}

void Dispatcher::begin_page() {
  begin_next(queue_of(Lane::page));
}

void Dispatcher::begin_others() {
  for (const Lane lane : {Lane::urgent, Lane::waiting}) {
    while (queue_of(lane).can_begin()) {
      begin_next(queue_of(lane));
    }
  }
}

void Dispatcher::begin_next(Queue& queue) {
  ++queue.begun;
  queue.workers.run([this, task = std::move(queue.waiting.front())] { respond(task); });
  queue.waiting.pop_front();
}

void Dispatcher::respond(const SharedTask& task) noexcept {
  const std::stop_token clients_left = task->clients_left.get_token();
  try {
    if (!clients_left.stop_requested()) {
      task->reply = m_responder(task->head, clients_left);
    }
  } catch (const std::exception& exception) {
    base::log::error("http request failed", {{"error", exception.what()}});
  }
  {
    const base::LockGuard lock(m_mutex);
    m_made.push_back(task);
  }
  m_wake();
}

std::vector<Dispatcher::Made> Dispatcher::take_made() {
  std::vector<SharedTask> tasks;
  {
    const base::LockGuard lock(m_mutex);
    tasks.swap(m_made);
  }
  std::vector<Made> made;
  for (const SharedTask& task : tasks) {
    --queue_of(task->lane).begun;
    m_page_bytes = std::max(task->reply.made_bytes, m_page_bytes - m_page_bytes / k_forget);
    for (const ClientId client : task->clients) {
      m_tasks.erase(client);
    }
    made.push_back({.clients = std::move(task->clients), .reply = std::move(task->reply)});
  }
  return made;
}

}  // namespace inferometer::http
