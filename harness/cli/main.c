#include "cli/cli.h"

int main(int argc, char **argv)
{
    static const struct program program = {.version = POP3SPEC_VERSION,
                                           .commit = POP3SPEC_COMMIT,
                                           .build = POP3SPEC_BUILD,
                                           .libraries = POP3SPEC_LIBRARIES,
                                           .source_scenarios = POP3SPEC_SOURCE_SCENARIOS,
                                           .install_scenarios = POP3SPEC_INSTALL_SCENARIOS};

    return cli_main(&program, argc, argv);
}
