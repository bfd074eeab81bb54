// doctor.cpp: `sublet doctor`: what this machine can do and what it lacks.
#include "runtime/doctor.hpp"

#include "cli/examine.hpp"
#include "cli/verbs.hpp"

namespace sublet::cli {
namespace {

struct DoctorArguments {
    std::string engine;
    std::vector<std::uint16_t> ports;
    bool quick = false;
};

Result<int> doctor(Context& context, const DoctorArguments& arguments) {
    runtime::DoctorOptions options;
    options.engine.socket = arguments.engine;
    options.engine.state_folder = context.home() / "engine";
    options.ports = arguments.ports;
    options.run_container = !arguments.quick;
    const bool good = examine_machine(context, std::move(options), Report::kAll);
    return good ? kExitOk : kExitEnvironment;
}

std::string_view coloured(runtime::Verdict verdict) {
    return verdict == runtime::Verdict::kOk ? "ok" : verdict == runtime::Verdict::kWarn ? "warn" : "fail";
}

void print_finding(std::FILE* out, const runtime::Finding& each) {
    fmt::print(out, "{:<5} {}: {}\n", state_text(coloured(each.verdict)), each.what, each.detail);
    if (!each.mend.empty()) {
        fmt::print(out, "      mend: {}\n", each.mend);
    }
}

}  // namespace

bool examine_machine(Context& context, runtime::DoctorOptions options, Report report) {
    std::vector<runtime::Finding> findings;
    {
        const auto progress = context.progress("examining this machine");
        findings = context.wait(runtime::examine(*context.transport, *context.clock, std::move(options)));
    }
    bool good = true;
    std::string json;
    for (const runtime::Finding& each : findings) {
        good = good && each.verdict != runtime::Verdict::kFail;
        if (report == Report::kAll && context.globals.json) {
            json += fmt::format(R"({}{{"what":{},"verdict":"{}","detail":{},"mend":{}}})", json.empty() ? "" : ",",
                                json_quoted(each.what), runtime::verdict_name(each.verdict), json_quoted(each.detail),
                                json_quoted(each.mend));
        } else if (report == Report::kAll) {
            print_finding(stdout, each);
        } else if (each.verdict == runtime::Verdict::kFail) {
            print_finding(stderr, each);
        }
    }
    if (report == Report::kAll && context.globals.json) {
        print_json("[" + json + "]");
    }
    return good;
}

void add_doctor(Session& session) {
    CLI::App* command =
        session.root->add_subcommand("doctor", "What this machine can do, what it lacks, and what mends it");
    auto arguments = std::make_shared<DoctorArguments>();
    command->add_option("--engine", arguments->engine, "Socket of the container engine; else podman's or docker's");
    command->add_option("--port", arguments->ports, "A port that should be free");
    command->add_flag("--quick", arguments->quick, "Do not run a container");
    on_chosen(command, session, arguments, doctor);
}

}  // namespace sublet::cli
