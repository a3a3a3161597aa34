#include "gateway/hooks/refusal_diagnosis.hpp"

#include <fmt/format.h>

#include <array>
#include <vector>

#include "event/json.hpp"
#include "gateway/hooks/refusal_variants.hpp"

namespace signalbox {
namespace {

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
  // The secret of `owner` that fits, signed as the provider of `source` signs.
  std::optional<std::size_t> fitting(const SourceConfig& source, const SourceConfig& owner,
                                     std::string_view body) {
    for (std::size_t i = 0; i < owner.secrets.size(); ++i) {
      if (fits(source, owner.secrets[i].value, body)) return i;
    }
    return std::nullopt;
  }
  // The first of that name; empty where there is none.
  std::string_view header(std::string_view name) const {
    for (const auto& [field, value] : fields_) {
      if (iequals(field, name)) return value;
    }
    return {};
  }
  bool exhausted() const noexcept { return exhausted_; }

 private:
  std::vector<Headers::Field> fields_;
  std::size_t hashed_ = 0;
  bool exhausted_ = false;
};

RefusalDiagnosis named(std::string_view cause, std::string_view wrong, const SourceConfig& source,
                       std::size_t secret, std::string text) {
  return {cause, std::move(text), secret, source.secrets[secret].origin, wrong};
}

RefusalDiagnosis plain(std::string_view cause, std::string_view wrong, std::string text) {
  return {cause, std::move(text), {}, {}, wrong};
}

// Whose copy of a secret has something that the other's has not.
std::optional<RefusalDiagnosis> mistaken_secret(Trial& trial, const SourceConfig& source,
                                                std::size_t index, std::string_view body) {
  const Secret& secret = source.secrets[index];
  for (const Variant& mistake : secrets_without_addition(secret.value)) {
    if (!trial.fits(source, mistake.text, body)) continue;
    return named("secret_mistake", "secret", source, index,
                 fmt::format("the gateway's own copy of this secret ({}) has {}, and the "
                             "provider's has not: take it out there",
                             secret.origin, mistake.what));
  }
  for (const Variant& mistake : secrets_of_sender(secret.value)) {
    if (!trial.fits(source, mistake.text, body)) continue;
    return named("secret_mistake", "secret", source, index,
                 fmt::format("the provider's copy of this secret has {}: enter the secret at the "
                             "provider again",
                             mistake.what));
  }
  return std::nullopt;
}

std::optional<RefusalDiagnosis> own_secrets(Trial& trial, const SourceConfig& source,
                                            std::string_view body) {
  if (const auto secret = trial.fitting(source, source, body)) {
    return named("secret_of_now", "secret", source, *secret,
                 "it is signed with this secret: it was refused before the configuration had it; "
                 "send it again");
  }
  for (std::size_t i = 0; i < source.secrets.size(); ++i) {
    if (auto found = mistaken_secret(trial, source, i, body)) return found;
  }
  return std::nullopt;
}

std::optional<RefusalDiagnosis> changed_body(Trial& trial, const SourceConfig& source,
                                             std::string_view body) {
  for (const Variant& change : bodies_before(body)) {
    if (const auto secret = trial.fitting(source, source, change.text)) {
      return named("body_changed", "body", source, *secret,
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
    if (const auto secret = trial.fitting(other, other, body)) {
      return named("other_source", "source", other, *secret,
                   fmt::format("it is signed with a secret of the source '{}': its URL must be "
                               "/hooks/{}",
                               other.name, other.name));
    }
    // That source is for another provider, and its secret was entered at this one.
    if (const auto secret = trial.fitting(source, other, body)) {
      return named("other_source", "secret", other, *secret,
                   fmt::format("it is signed with a secret of the source '{}': enter the secret of "
                               "'{}' at the provider",
                               other.name, source.name));
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
    return plain("empty_secret", "secret",
                 "it is signed with an empty secret: set one at the provider");
  }
  if (trial.exhausted()) {
    return plain("too_costly", "",
                 "not all that could be wrong was tried, since the body is large");
  }
  return plain("no_match", "",
               fmt::format("it is signed with none of the {} secrets, nor with a common mistake: "
                           "another secret, or somebody else's request",
                           source.secrets.size()));
}

// The request has no signature that the source's connector knows.
RefusalDiagnosis missing_signature(Trial& trial, const SourceConfig& source, const Config& config,
                                   std::string_view body) {
  if (trial.header("X-Hub-Signature").starts_with("sha1=")) {
    return plain(
        "sha1_only", "header",
        "only X-Hub-Signature came, which is SHA-1 and not good enough: the provider sends "
        "X-Hub-Signature-256 beside it, so something before the gateway drops that, or the "
        "provider is too old");
  }
  if (auto found = other_sources(trial, source, config, body)) return std::move(*found);
  for (const Connector* connector : all_connectors()) {
    SourceConfig other;
    other.connector = connector;
    const auto said = trial.check(other, connector->invent_secret().checking, body);
    if (connector == source.connector || said || said.error().reason != Reason::signature_invalid)
      continue;
    return plain("other_provider", "source",
                 fmt::format("it is signed as {} signs, and the source '{}' is for {}",
                             connector->name, source.name, source.connector->name));
  }
  return plain("no_signature", "secret", "it is not signed: no secret is set at the provider");
}

struct Advice {
  Reason reason;
  std::string_view wrong;
  std::string_view what_to_do;
};

// Of reasons that have nothing to do with a signature.
constexpr std::array<Advice, 13> advices{{
    {Reason::malformed_request, "header", "the detail names it"},
    {Reason::malformed_body, "body",
     "the detail says where; it was signed so by who has the secret"},
    {Reason::unsupported_media_type, "header",
     "set the content type at the provider, or what a proxy makes of it"},
    {Reason::body_too_large, "body", "raise hooks.max_body, or have the provider send less"},
    {Reason::event_mismatch, "header",
     "a provider sends no such request: somebody has sent a captured body again; if not, say which "
     "proxy "
     "writes headers"},
    {Reason::timestamp_out_of_range, "clock",
     "compare this machine's clock with the provider's; if both are right it is an old request "
     "that somebody "
     "has kept"},
    {Reason::timestamp_in_future, "clock",
     "set this machine's clock: the provider's is ahead of it, and sends again what was refused "
     "for a while"},
    {Reason::out_of_scope, "secret",
     "the scope of this secret does not cover it: widen it, or use another secret"},
    {Reason::address_not_allowed, "address",
     "the source's allow_ips has not this address; behind a proxy see trusted_proxies"},
    {Reason::mailbox_full, "gateway",
     "an agent does not read its mailbox; deliver it again once it does"},
    {Reason::store_unavailable, "gateway", "see /readyz?verbose; deliver it again"},
    {Reason::store_refused, "gateway", "see /readyz?verbose; deliver it again"},
    {Reason::overloaded, "gateway", "deliver it again; see the limits of the listener"},
}};

RefusalDiagnosis without_signature(const Error& error) {
  const std::string_view title = describe(error.reason).title;
  for (const Advice& advice : advices) {
    if (advice.reason != error.reason) continue;
    return plain("not_a_signature", advice.wrong,
                 fmt::format("its signature is not what is wrong: {} What to do: {}", title,
                             advice.what_to_do));
  }
  return plain("not_a_signature", "", std::string{title});
}

}  // namespace

RefusalDiagnosis diagnose(const RefusedDelivery& delivery, const Config& config) {
  const Reason reason = delivery.error.reason;
  const SourceConfig* source = config.find_source(delivery.source);
  if (reason != Reason::signature_missing && reason != Reason::signature_malformed &&
      reason != Reason::signature_invalid) {
    return without_signature(delivery.error);
  }
  if (source == nullptr) {
    return plain("source_unknown", "source", "its source is no longer configured");
  }
  if (!delivery.is_whole()) {
    return plain("body_not_kept", "",
                 fmt::format("its body has more than {} KiB and was not kept, so its signature "
                             "cannot be tried again",
                             refused_body_bytes_max / 1024));
  }
  Trial trial{delivery};
  if (reason == Reason::signature_missing) {
    return missing_signature(trial, *source, config, delivery.body);
  }
  if (reason == Reason::signature_malformed) {
    return plain("signature_malformed", "header", delivery.error.detail);
  }
  return wrong_signature(trial, *source, config, delivery.body);
}

}  // namespace signalbox
