# Tests of dialects and passes: *.mlir, run by burin-opt and FileCheck.
import os

import lit.formats

config.name = "Burin"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir"]
config.excludes = ["Inputs"]
config.test_source_root = os.path.join(config.burin_source, "test")
config.test_exec_root = os.path.join(config.burin_build, "test")

tools = [os.path.join(config.burin_build, "bin"), config.llvm_bin]
config.environment["PATH"] = os.path.pathsep.join(tools + [os.environ.get("PATH", "")])
