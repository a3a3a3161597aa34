#include "gateway/cli/man_page.hpp"

#include <fmt/format.h>

#include "gateway/cli/command_texts.hpp"
#include "gateway/cli/help.hpp"
#include "gateway/telemetry/version.hpp"

namespace signalbox {
namespace {

// Text for roff: a backslash, a minus that must stay one, and a line that looks like a request.
std::string roff(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else if (c == '~') {
      out += "\\(ti";
    } else if (c == '`') {
      out += "\\(ga";
    } else if (c == '\'') {
      out += "\\(aq";
    } else {
      out += c;
    }
  }
  for (const auto& [character, name] : {std::pair{"…", "..."}}) {
    for (std::size_t at = 0; (at = out.find(character, at)) != std::string::npos;) {
      out.replace(at, std::string_view{character}.size(), name);
    }
  }
  if (out.starts_with('.')) out.insert(0, "\\&");
  return out;
}

void add_rows(std::string& out, const std::vector<const CLI::Option*>& options) {
  for (const CLI::Option* option : options) {
    out += fmt::format(".TP\n\\fB{}\\fR\n{}\n", roff(label_of(*option)),
                       roff(option->get_description()));
  }
}

void add_texts(std::string& out, std::span<const NamedText> texts) {
  for (const auto& [name, text] : texts) {
    out += fmt::format(".TP\n\\fB{}\\fR\n{}\n", roff(name), roff(text));
  }
}

void add_command(std::string& out, const CommandText& text, const CLI::App& command) {
  out += fmt::format(".SS {}\n.B {}\n.PP\n{}.\n", roff(text.name), roff(usage_of(command)),
                     roff(text.what));
  if (!text.details.empty()) out += fmt::format(".PP\n{}\n", roff(text.details));
  add_rows(out, positionals_of(command));
  std::vector<const CLI::Option*> own;
  for (const CLI::Option* flag : flags_of(command)) {
    if (flag != command.get_help_ptr() && flag != command.get_help_all_ptr()) own.push_back(flag);
  }
  add_rows(out, own);
  for (const Example& example : text.examples) {
    if (example.command.empty()) continue;
    out += ".PP\n";
    if (!example.why.empty()) out += fmt::format("Example: {}\n", roff(example.why));
    out += fmt::format(".RS\n.nf\n{}\n.fi\n.RE\n", roff(example.command));
  }
}

}  // namespace

std::string man_page(const CommandLine& line) {
  std::string out =
      ".\\\" Made by `signalbox man`; change gateway/cli/command_texts.cpp instead.\n";
  out += fmt::format(".TH SIGNALBOX 1 \"\" \"signalbox {}\" \"User Commands\"\n", version);
  out += ".SH NAME\nsignalbox \\- webhook event router and coordination gateway\n";
  out += ".SH SYNOPSIS\n.B signalbox\n.I COMMAND\n[OPTION...]\n";
  out += fmt::format(".SH DESCRIPTION\n{}\n.PP\n{}\n", roff(about_text), roff(installation_text));
  out +=
      ".PP\nOn a terminal the output is for people; with \\fB\\-\\-json\\fR it is one JSON text "
      "for programs.\n";
  out += ".SH OPTIONS OF EVERY COMMAND\n";
  add_rows(out, flags_of(line.app));
  std::string_view group;
  for (const CommandText& text : command_texts()) {
    if (text.group.empty()) continue;
    if (text.group != group) out += fmt::format(".SH COMMANDS: {}\n", roff(text.group));
    group = text.group;
    add_command(out, text, *line.app.get_subcommand(std::string{text.name}));
  }
  out += ".SH ENVIRONMENT\n";
  add_texts(out, environment_texts());
  out += ".SH EXIT STATUS\n";
  add_texts(out, exit_status_texts());
  return out;
}

}  // namespace signalbox
