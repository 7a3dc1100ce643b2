// The program: everything is in the library, so that tests link exactly what runs. Tests: tests/cli/.
#include "app/cli.h"

int main(int argc, char** argv) { return heloguard::RunCli(argc, argv); }
