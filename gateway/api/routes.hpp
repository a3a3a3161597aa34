// The handlers behind the routes; one file a topic. docs/API.md says what each answers.
#pragma once

#include "gateway/api/call.hpp"

namespace signalbox::api {

// inbox.cpp
Task<Response> show_message(Call& call);
Task<Response> peek_inbox(Call& call);
Task<Response> receive_messages(Call& call);
Task<Response> acknowledge_messages(Call& call);
Task<Response> give_back_messages(Call& call);
Task<Response> extend_messages(Call& call);

// dead_letters.cpp
Task<Response> peek_dead_letters(Call& call);
Task<Response> redrive_dead_letters(Call& call);

// messages.cpp
Task<Response> send_message(Call& call);

// events.cpp
Task<Response> list_events(Call& call);
Task<Response> show_event(Call& call);
Task<Response> explain_event(Call& call);

// replay.cpp
Task<Response> replay_event(Call& call);

// dry_run.cpp
Task<Response> check_rules(Call& call);
Task<Response> simulate_rules(Call& call);

// monitoring.cpp
Task<Response> show_life(Call& call);
Task<Response> show_readiness(Call& call);
Task<Response> show_metrics(Call& call);
Task<Response> show_openapi(Call& call);

// refused.cpp
Task<Response> list_refused(Call& call);

// rules.cpp
Task<Response> list_rules(Call& call);

}  // namespace signalbox::api
