#include "store/spool/spooled_commit.hpp"

#include <algorithm>
#include <cstring>

namespace signalbox {
namespace {

// Entries of a version that is replaced are carried out.
constexpr char version = 3;
constexpr char version_with_names = 2;  // and without the bytes of mailboxes
constexpr char version_without_names = 1;

// The same visits write and read, so that they cannot differ.
class Writer {
 public:
  void number(const std::uint64_t& value) {
    out.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  void text(const std::string& value) {
    number(value.size());
    out += value;
  }
  std::string out{version};
};

class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest{bytes} {
    bad = rest.empty() || rest.front() < version_without_names || rest.front() > version;
    if (bad) return;
    has_names = rest.front() >= version_with_names;
    has_bytes = rest.front() >= version;
    rest.remove_prefix(1);
  }
  void number(std::uint64_t& value) {
    bad = bad || rest.size() < sizeof value;
    if (bad) return;
    std::memcpy(&value, rest.data(), sizeof value);
    rest.remove_prefix(sizeof value);
  }
  void text(std::string& value) {
    std::uint64_t size = 0;
    number(size);
    bad = bad || rest.size() < size;
    if (bad) return;
    value = rest.substr(0, size);
    rest.remove_prefix(size);
  }
  std::string_view rest;
  bool bad = false;
  bool has_names = false;
  bool has_bytes = false;
};

std::uint64_t bits(Milliseconds time) { return static_cast<std::uint64_t>(time.count()); }
Milliseconds time_of(std::uint64_t value) {
  return Milliseconds{static_cast<Milliseconds::rep>(value)};
}

void read_record(Reader& from, Commit& commit) {
  Record& record = commit.record;
  std::uint64_t number = 0;
  from.text(record.event);
  from.number(number);
  record.outcome = static_cast<Outcome>(number);
  from.text(record.attempt);
  from.text(record.json);
  from.text(record.body);
  from.number(number);
  record.keep = time_of(number);
  from.number(number);
  record.received = Time{time_of(number)};
  from.number(number);
  record.listed = number == 1;
  if (!from.has_names) return;
  from.number(number);
  record.name_tag = static_cast<std::uint16_t>(number);
  from.text(commit.follows);
}

Seen read_seen(Reader& from) {
  Seen seen;
  std::string fingerprint;
  std::uint64_t window = 0;
  from.text(seen.family);
  from.text(fingerprint);
  from.number(window);
  from.bad = from.bad || fingerprint.size() != seen.fingerprint.size();
  if (!from.bad) std::copy(fingerprint.begin(), fingerprint.end(), seen.fingerprint.begin());
  seen.window = time_of(window);
  if (!from.has_names) return seen;
  std::uint64_t guarded = 0;
  std::uint64_t guard = 0;
  from.number(guarded);
  from.number(guard);
  if (guarded == 1) seen.guard = time_of(guard);
  return seen;
}

}  // namespace

std::string to_bytes(const SpooledCommit& spooled) {
  const Commit& commit = spooled.commit;
  const Record& record = commit.record;
  Writer to;
  to.text(spooled.space);
  to.number(commit.mailbox_max);
  to.number(commit.mailbox_bytes_max);
  to.text(record.event);
  to.number(static_cast<std::uint64_t>(record.outcome));
  to.text(record.attempt);
  to.text(record.json);
  to.text(record.body);
  to.number(bits(record.keep));
  to.number(bits(record.received.time_since_epoch()));
  to.number(record.listed ? 1 : 0);
  to.number(record.name_tag);
  to.text(commit.follows);
  to.text(commit.alias.name);
  to.text(commit.alias.work);
  to.number(commit.seen.size());
  for (const Seen& seen : commit.seen) {
    to.text(seen.family);
    to.text({seen.fingerprint.data(), seen.fingerprint.size()});
    to.number(bits(seen.window));
    to.number(seen.guard ? 1 : 0);
    to.number(bits(seen.guard.value_or(Milliseconds{0})));
  }
  to.number(commit.appends.size());
  for (const Append& append : commit.appends) {
    to.text(append.mailbox);
    to.text(append.group);
    to.text(append.id);
    to.text(append.json);
  }
  return std::move(to.out);
}

Result<SpooledCommit> spooled_commit_from(std::string_view bytes) {
  SpooledCommit spooled;
  Commit& commit = spooled.commit;
  Reader from{bytes};
  std::uint64_t number = 0;
  from.text(spooled.space);
  from.number(commit.mailbox_max);
  if (from.has_bytes) from.number(commit.mailbox_bytes_max);
  read_record(from, commit);
  from.text(commit.alias.name);
  from.text(commit.alias.work);
  from.number(number);
  for (std::uint64_t i = 0; i < number && !from.bad; ++i) commit.seen.push_back(read_seen(from));
  from.number(number);
  for (std::uint64_t i = 0; i < number && !from.bad; ++i) {
    Append append;
    from.text(append.mailbox);
    from.text(append.group);
    from.text(append.id);
    from.text(append.json);
    commit.appends.push_back(std::move(append));
  }
  if (from.bad || !from.rest.empty())
    return Error{Reason::internal_error, "an entry of the spool is no commit"};
  return spooled;
}

}  // namespace signalbox
