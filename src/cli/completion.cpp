// completion.cpp: `sublet completion bash|zsh`: a script made from the verbs and options that there are.
#include <map>

#include "cli/verbs.hpp"

namespace sublet::cli {
namespace {

struct ShellOptions {
    std::string shell;
};

void collect(const CLI::App& app, const std::string& path, std::map<std::string, std::string>& words) {
    std::string& list = words[path];
    for (const CLI::App* each : app.get_subcommands([](const CLI::App*) { return true; })) {
        list += each->get_name() + " ";
        collect(*each, path + "/" + each->get_name(), words);
    }
    for (const CLI::Option* each : app.get_options()) {
        for (const std::string& name : each->get_lnames()) {
            list += "--" + name + " ";
        }
    }
}

constexpr std::string_view kScript = R"(_sublet() {{
    local path="" word i current="${{COMP_WORDS[COMP_CWORD]}}"
    for ((i = 1; i < COMP_CWORD; ++i)); do
        word="${{COMP_WORDS[i]}}"
        case "$path/$word" in
            {}) path="$path/$word" ;;
        esac
    done
    local words=""
    case "$path" in
{}    esac
    COMPREPLY=($(compgen -W "$words --json --node --home --key --help" -- "$current"))
    if [ "${{#COMPREPLY[@]}}" -eq 0 ]; then COMPREPLY=($(compgen -f -- "$current")); fi
}}
complete -F _sublet sublet
)";

Result<int> completion(const CLI::App& root, const ShellOptions& options) {
    std::map<std::string, std::string> words;
    collect(root, "", words);
    std::string paths;
    std::string cases;
    for (const auto& [path, list] : words) {
        if (!path.empty()) {
            paths += (paths.empty() ? "" : " | ") + path;
        }
        cases += fmt::format("        \"{}\") words=\"{}\" ;;\n", path, list);
    }
    if (options.shell == "zsh") {
        fmt::print("autoload -U +X compinit && compinit\nautoload -U +X bashcompinit && bashcompinit\n");
    }
    fmt::print(fmt::runtime(kScript), paths, cases);
    return kExitOk;
}

}  // namespace

void add_completion(Session& session) {
    CLI::App* command = session.root->add_subcommand("completion", "A script that completes verbs and options");
    auto options = std::make_shared<ShellOptions>();
    command->add_option("shell", options->shell, "bash or zsh")->required()->check(CLI::IsMember({"bash", "zsh"}));
    command->footer("Example: sublet completion bash > /etc/bash_completion.d/sublet");
    const CLI::App* root = session.root;
    on_chosen(command, session, options,
              [root](Context&, const ShellOptions& chosen) { return completion(*root, chosen); });
}

}  // namespace sublet::cli
