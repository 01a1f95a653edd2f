# StripTarget.cmake: drops from the LLVM IR text IN what ties a function to the CPU and
# options it was compiled for, and writes OUT. The model's own choices then hold, and
# the inliner sees no difference between caller and callee.
file(READ "${IN}" text)
string(REGEX REPLACE "\n![0-9]+ = !{i32 [0-9]+, !\"[^\n]*" "" text "${text}")
string(REGEX REPLACE
  "\"(target-cpu|target-features|tune-cpu|no-builtins|min-legal-vector-width|stack-protector-buffer-size|frame-pointer|no-builtin-[a-z]*)\"(=\"[^\"]*\")?" ""
  text "${text}")
string(REGEX REPLACE "\n!llvm\\.(module\\.flags|ident|errno\\.tbaa) = [^\n]*" "" text "${text}")
string(REGEX REPLACE "\n; ModuleID[^\n]*|; ModuleID[^\n]*\n" "" text "${text}")
file(WRITE "${OUT}" "${text}")
