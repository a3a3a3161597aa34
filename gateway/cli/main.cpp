// The one binary: `signalbox serve` is the gateway, everything else a client or a tool.
#include "gateway/cli/run_cli.hpp"

int main(int argc, char** argv) { return signalbox::run_cli(argc, argv); }
