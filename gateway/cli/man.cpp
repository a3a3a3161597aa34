// man: the manual page, and docs/man/signalbox.1.
#include <fmt/format.h>

#include "gateway/cli/pages.hpp"
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

void add_rows(std::string& out, std::span<const Option> rows) {
  for (const Option& row : rows) {
    out += fmt::format(".TP\n\\fB{}\\fR\n{}\n", roff(label_of(row)), roff(help_of(row)));
  }
}

void add_texts(std::string& out, std::span<const NamedText> texts) {
  for (const auto& [name, text] : texts) {
    out += fmt::format(".TP\n\\fB{}\\fR\n{}\n", roff(name), roff(text));
  }
}

void add_section(std::string& out, const Command& command) {
  out += fmt::format(".SS {}\n.B {}\n.PP\n{}.\n", roff(command.name), roff(usage_of(command)),
                     roff(command.summary));
  if (!command.details.empty()) out += fmt::format(".PP\n{}\n", roff(command.details));
  add_rows(out, arguments_of(command));
  add_rows(out, options_of(command));
  for (const Example& example : command.examples) {
    if (example.command.empty()) continue;
    out += ".PP\n";
    if (!example.why.empty()) out += fmt::format("Example: {}\n", roff(example.why));
    out += fmt::format(".RS\n.nf\n{}\n.fi\n.RE\n", roff(example.command));
  }
}

ExitCode run_man(Invocation& invocation) {
  invocation.terminal.own_text(man_page());
  return ExitCode::good;
}

}  // namespace

std::string man_page() {
  std::string out =
      ".\\\" Made by `signalbox man`; change the command's file in gateway/cli/command instead.\n";
  out += fmt::format(".TH SIGNALBOX 1 \"\" \"signalbox {}\" \"User Commands\"\n", version);
  out += ".SH NAME\nsignalbox \\- webhook event router and coordination gateway\n";
  out += ".SH SYNOPSIS\n.B signalbox\n.I COMMAND\n[OPTION...]\n";
  out += fmt::format(".SH DESCRIPTION\n{}\n.PP\n{}\n", roff(about_text), roff(installation_text));
  out +=
      ".PP\nOn a terminal the output is for people; with \\fB\\-\\-json\\fR it is one JSON text "
      "for programs.\n";
  out += ".SH OPTIONS OF EVERY COMMAND\n";
  add_rows(out, std::array{help_option, help_all_option, version_option});
  add_rows(out, common_options());
  std::string_view group;
  for (const Command* command : all_commands()) {
    if (command->group.empty()) continue;
    if (command->group != group) out += fmt::format(".SH COMMANDS: {}\n", roff(command->group));
    group = command->group;
    add_section(out, *command);
  }
  out += ".SH ENVIRONMENT\n";
  add_texts(out, environment_texts());
  out += ".SH EXIT STATUS\n";
  add_texts(out, exit_status_texts());
  return out;
}

namespace commands {

extern constinit const Command man;
constinit const Command man{
    .name = "man",
    .group = group::program,
    .summary = "Print the manual page",
    .details = "In the macros of man(7).",
    .examples = {{{"signalbox man", "as docs/man/signalbox.1 has it"}}},
    .json = {{{.what = "the page, with or without `--json`"}}},
    .action = action<run_man>,
};

}  // namespace commands
}  // namespace signalbox
