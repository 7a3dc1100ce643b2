// The topics of the benchmark. Each prints its own table; what makes measuring impossible ends the program (Fail).
#pragma once

#include <string>

namespace heloguard::bench {

// `policies` is the folder of the shipped policies.
void RunSteps(const std::string& policies);
void RunLoad(const std::string& policies);
void RunQuestions(const std::string& policies);
void RunWaits(const std::string& policies);
void RunWarm(const std::string& policies);
void RunLibrary(const std::string& policies);
void RunReplay(const std::string& policies);

}  // namespace heloguard::bench
