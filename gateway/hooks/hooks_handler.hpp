// The public listener: POST /hooks/<source>, counted and logged.
#pragma once

#include "gateway/hooks/ingest.hpp"
#include "gateway/http/http.hpp"

namespace signalbox {

class RefusalLines;
class RefusedRing;
struct SourceCounters;

struct HooksSetting {
  // The thread's runtime of now: each request keeps that of its beginning.
  const std::shared_ptr<const Runtime>& runtime;
  RefusedRing* refused = nullptr;  // null: refused deliveries are not kept
  RefusalLines* lines = nullptr;   // null: lines of refusals have no bound
  IngestSetting ingest;
};

class HooksHandler final : public Handler {
 public:
  // What the setting refers to must outlive this.
  explicit HooksHandler(const HooksSetting& setting) : setting_{setting} {}

  Task<Response> handle(const Request& request) override;
  std::optional<Response> answer_head(const Request& request) override;
  void refused(const Error& error, std::string_view target, std::string_view peer) override;

 private:
  void keep(const Error& error, const Request& request, std::string_view name);
  Response too_many(std::chrono::nanoseconds wait, std::string_view of_what, const Request& request,
                    std::string_view name);
  // Counts and logs. `source`: null where there is none of the name.
  Response refuse(const Error& error, const Request& request, std::string_view name,
                  SourceCounters* source);
  void log_refusal(const Error& error, const Request& request, std::string_view source) const;
  // Whether one more line of this reason may be written now.
  bool may_log(Reason reason, std::string_view source) const;

  HooksSetting setting_;
};

}  // namespace signalbox
