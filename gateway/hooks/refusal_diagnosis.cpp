#include "gateway/hooks/refusal_diagnosis.hpp"

#include <fmt/format.h>

#include <array>
#include <vector>

#include "event/json.hpp"

namespace signalbox {
namespace {

struct Variant {
  std::string_view what;
  std::string (*change)(std::string_view text);  // may return the text as it was
};

std::string trimmed(std::string_view text) {
  constexpr std::string_view blank = " \t\r\n";
  const std::size_t begin = std::min(text.find_first_not_of(blank), text.size());
  const std::size_t end = text.find_last_not_of(blank) + 1;
  return std::string{text.substr(begin, end > begin ? end - begin : 0)};
}

std::string replaced(std::string_view text, std::string_view from, std::string_view to) {
  std::string out;
  for (std::size_t at; (at = text.find(from)) != std::string_view::npos;) {
    out.append(text.substr(0, at)).append(to);
    text.remove_prefix(at + from.size());
  }
  return out.append(text);
}

// Drops blanks outside of texts: what a proxy that parses JSON and writes it anew makes of it.
std::string compact(std::string_view text) {
  std::string out;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"') quoted = !quoted;
    if (!quoted && (c == ' ' || c == '\t' || c == '\r' || c == '\n')) continue;
    out += c;
    if (quoted && c == '\\' && i + 1 < text.size()) out += text[++i];
  }
  return out;
}

std::string with(std::string_view before, std::string_view text, std::string_view after) {
  return std::string{before}.append(text).append(after);
}

constexpr std::array<Variant, 7> secret_mistakes{{
    {"a line feed behind it", [](std::string_view s) { return with("", s, "\n"); }},
    {"a carriage return and a line feed behind it",
     [](std::string_view s) { return with("", s, "\r\n"); }},
    {"a blank behind it", [](std::string_view s) { return with("", s, " "); }},
    {"a blank before it", [](std::string_view s) { return with(" ", s, ""); }},
    {"double quotes around it", [](std::string_view s) { return with("\"", s, "\""); }},
    {"single quotes around it", [](std::string_view s) { return with("'", s, "'"); }},
    {"the blanks around it left out", trimmed},
}};

constexpr std::array<Variant, 6> body_changes{{
    {"a line feed behind it was dropped", [](std::string_view b) { return with("", b, "\n"); }},
    {"blanks or line feeds were added around it", trimmed},
    {"its line ends became CR LF", [](std::string_view b) { return replaced(b, "\r\n", "\n"); }},
    {"its line ends became LF",
     [](std::string_view b) { return replaced(replaced(b, "\r\n", "\n"), "\n", "\r\n"); }},
    {"a byte order mark was dropped",
     [](std::string_view b) { return with("\xEF\xBB\xBF", b, ""); }},
    {"its JSON was written anew, with blanks that it did not have", compact},
}};

// Tries keys and bodies on one kept delivery, within its bound.
class Trial {
 public:
  explicit Trial(const RefusedDelivery& delivery) {
    fields_.reserve(delivery.headers.size());
    for (const auto& [name, value] : delivery.headers) fields_.emplace_back(name, value);
  }

  // What the connector says of the signature, or of the secret where it is none of its kind.
  Result<SignatureMatch> check(const SourceConfig& source, std::string_view secret,
                               std::string_view body) {
    if (hashed_ + body.size() > diagnosis_bytes_max) {
      exhausted_ = true;
      return Error{Reason::overloaded, {}};
    }
    hashed_ += body.size();
    const auto key = source.connector->make_key(secret);
    if (!key) return key.error();
    std::string padded{body};
    padded.append(json_padding, ' ');
    Unverified request;
    request.source = source.name;
    request.headers = Headers{fields_};
    request.body = std::string_view{padded}.substr(0, body.size());
    return source.connector->check_signature(std::span{&*key, 1}, request);
  }
  bool fits(const SourceConfig& source, std::string_view secret, std::string_view body) {
    return check(source, secret, body).has_value();
  }
  // The source's secret that fits.
  std::optional<std::size_t> fitting(const SourceConfig& source, std::string_view body) {
    for (std::size_t i = 0; i < source.secrets.size(); ++i) {
      if (fits(source, source.secrets[i].value, body)) return i;
    }
    return std::nullopt;
  }
  bool exhausted() const noexcept { return exhausted_; }

 private:
  std::vector<Headers::Field> fields_;
  std::size_t hashed_ = 0;
  bool exhausted_ = false;
};

RefusalDiagnosis named(std::string_view cause, const SourceConfig& source, std::size_t secret,
                       std::string text) {
  return {cause, std::move(text), secret, source.secrets[secret].origin};
}

std::optional<RefusalDiagnosis> own_secrets(Trial& trial, const SourceConfig& source,
                                            std::string_view body) {
  if (const auto secret = trial.fitting(source, body)) {
    return named("secret_of_now", source, *secret,
                 "it is signed with this secret: it was refused before the configuration had it; "
                 "send it again");
  }
  for (std::size_t i = 0; i < source.secrets.size(); ++i) {
    for (const Variant& mistake : secret_mistakes) {
      const std::string secret = mistake.change(source.secrets[i].value);
      if (secret.empty() || !trial.fits(source, secret, body)) continue;
      return named("secret_mistake", source, i,
                   fmt::format("it is signed with this secret with {}: enter the secret at the "
                               "provider again",
                               mistake.what));
    }
  }
  return std::nullopt;
}

std::optional<RefusalDiagnosis> changed_body(Trial& trial, const SourceConfig& source,
                                             std::string_view body) {
  for (const Variant& change : body_changes) {
    const std::string before = change.change(body);
    if (before == body) continue;
    if (const auto secret = trial.fitting(source, before)) {
      return named("body_changed", source, *secret,
                   fmt::format("the secret is right, and the body was changed on its way: {}; "
                               "whatever stands before the gateway must pass bodies on as they are",
                               change.what));
    }
  }
  return std::nullopt;
}

std::optional<RefusalDiagnosis> other_sources(Trial& trial, const SourceConfig& source,
                                              const Config& config, std::string_view body) {
  for (const SourceConfig& other : config.sources) {
    if (other.name == source.name) continue;
    if (const auto secret = trial.fitting(other, body)) {
      return named("other_source", other, *secret,
                   fmt::format("it is signed with a secret of the source '{}': its URL must be "
                               "/hooks/{}",
                               other.name, other.name));
    }
  }
  return std::nullopt;
}

RefusalDiagnosis wrong_signature(Trial& trial, const SourceConfig& source, const Config& config,
                                 std::string_view body) {
  if (auto found = own_secrets(trial, source, body)) return std::move(*found);
  if (auto found = other_sources(trial, source, config, body)) return std::move(*found);
  if (auto found = changed_body(trial, source, body)) return std::move(*found);
  // An HMAC fills its key up with zeros, so one zero is the empty key.
  if (trial.fits(source, std::string(1, '\0'), body)) {
    return {"empty_secret", "it is signed with an empty secret: set one at the provider", {}, {}};
  }
  if (trial.exhausted()) {
    return {"too_costly", "not all that could be wrong was tried, since the body is large", {}, {}};
  }
  return {
      "no_match",
      fmt::format("it is signed with none of the {} secrets, nor with a common mistake: another "
                  "secret, or somebody else's request",
                  source.secrets.size()),
      {},
      {}};
}

// The request has no signature that the source's connector knows.
RefusalDiagnosis missing_signature(Trial& trial, const SourceConfig& source, const Config& config,
                                   std::string_view body) {
  if (auto found = other_sources(trial, source, config, body)) return std::move(*found);
  for (const Connector* connector : all_connectors()) {
    SourceConfig other;
    other.connector = connector;
    const auto said = trial.check(other, connector->invent_secret().checking, body);
    if (connector == source.connector || said || said.error().reason != Reason::signature_invalid)
      continue;
    return {"other_provider",
            fmt::format("it is signed as {} signs, and the source '{}' is for {}", connector->name,
                        source.name, source.connector->name),
            {},
            {}};
  }
  return {"no_signature", "it is not signed: no secret is set at the provider", {}, {}};
}

}  // namespace

RefusalDiagnosis diagnose(const RefusedDelivery& delivery, const Config& config) {
  const Reason reason = delivery.error.reason;
  const SourceConfig* source = config.find_source(delivery.source);
  if (reason != Reason::signature_missing && reason != Reason::signature_malformed &&
      reason != Reason::signature_invalid) {
    return {"not_a_signature", std::string{describe(reason).title}, {}, {}};
  }
  if (source == nullptr) {
    return {"source_unknown", "its source is no longer configured", {}, {}};
  }
  if (!delivery.is_whole()) {
    return {
        "body_not_kept",
        fmt::format("its body has more than {} KiB and was not kept, so its signature cannot be "
                    "tried again",
                    refused_body_bytes_max / 1024),
        {},
        {}};
  }
  Trial trial{delivery};
  if (reason == Reason::signature_missing) {
    return missing_signature(trial, *source, config, delivery.body);
  }
  if (reason == Reason::signature_malformed) {
    return {"signature_malformed", delivery.error.detail, {}, {}};
  }
  return wrong_signature(trial, *source, config, delivery.body);
}

}  // namespace signalbox
