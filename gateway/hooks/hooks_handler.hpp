// The public listener: POST /hooks/<source>, counted and logged.
#pragma once

#include "gateway/http/http.hpp"
#include "gateway/worker/worker.hpp"

namespace signalbox {

class HooksHandler final : public Handler {
 public:
  explicit HooksHandler(Worker& worker) : worker_{worker} {}

  Task<Response> handle(const Request& request) override;
  void refused(const Error& error, std::string_view target, std::string_view peer) override;

 private:
  void keep(const Error& error, const Request& request, std::string_view name);
  // Counts and logs. `source`: null where there is none of the name.
  Response refuse(const Error& error, const Request& request, std::string_view name,
                  SourceCounters* source);

  Worker& worker_;
};

}  // namespace signalbox
