// xtask completion: shell completion scripts, made from the flags that are really registered.

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "xtask/commands.h"

namespace bitnet::xtask {
namespace {

std::vector<std::string> Flags(const CLI::App& command) {
  std::vector<std::string> flags;
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) flags.push_back("--" + name);
  }
  return flags;
}

std::string Bash(const CLI::App& app) {
  std::vector<std::string> names;
  std::string cases;
  for (const CLI::App* command : app.get_subcommands({})) {
    names.push_back(command->get_name());
    absl::StrAppend(&cases, "    ", command->get_name(), ") words=\"", absl::StrJoin(Flags(*command), " "), "\" ;;\n");
  }
  return absl::StrCat("_xtask() {\n  local cur=\"${COMP_WORDS[COMP_CWORD]}\" words\n  case \"${COMP_WORDS[1]}\" in\n",
                      cases, "    *) words=\"", absl::StrJoin(names, " "),
                      "\" ;;\n  esac\n"
                      "  if [[ $COMP_CWORD -eq 1 ]]; then words=\"",
                      absl::StrJoin(names, " "),
                      "\"; fi\n"
                      "  COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
                      "  [[ ${#COMPREPLY[@]} -eq 0 ]] && COMPREPLY=($(compgen -f -- \"$cur\"))\n}\n"
                      "complete -o filenames -F _xtask xtask\n");
}

std::string Fish(const CLI::App& app) {
  std::string out = "complete -c xtask -n __fish_use_subcommand -f\n";
  for (const CLI::App* command : app.get_subcommands({})) {
    absl::StrAppend(&out, "complete -c xtask -n __fish_use_subcommand -a ", command->get_name(), " -d '",
                    command->get_description(), "'\n");
    for (const CLI::Option* option : command->get_options()) {
      for (const std::string& name : option->get_lnames()) {
        absl::StrAppend(&out, "complete -c xtask -n '__fish_seen_subcommand_from ", command->get_name(), "' -l ", name,
                        "\n");
      }
    }
  }
  return out;
}

}  // namespace

void AddCompletionCommand(CLI::App& app, CommandContext& context) {
  auto shell = std::make_shared<std::string>();
  CLI::App& command = *app.add_subcommand("completion", "Print a shell completion script");
  command.add_option("shell", *shell, "bash, zsh or fish")->required()->check(CLI::IsMember({"bash", "zsh", "fish"}));
  command.footer(
      "Examples:\n"
      "  source <(xtask completion bash)\n"
      "  xtask completion fish > ~/.config/fish/completions/xtask.fish");
  command.callback([shell, &app, &context] {
    // zsh runs bash completions through its compatibility layer.
    std::string script = *shell == "fish" ? Fish(app) : Bash(app);
    if (*shell == "zsh") script = absl::StrCat("autoload -U +X bashcompinit && bashcompinit\n", script);
    std::fputs(script.c_str(), stdout);
    context.exit_code = kExitOk;
  });
}

}  // namespace bitnet::xtask
