# burin_add_model(TARGET name MODEL file.onnx
#                 [NAME prefix]          C prefix; default: the file's name as identifier
#                 [BURIN_TARGET target]  see `burin targets`; default: the compiler's
#                 [DIMS N=1 seq=1..512]  values or bounds of dynamic dimensions
#                 [DATA files...]        external data that the build makes; other files are found
#                 [OPTIONS args...])     more arguments for `burin compile`
#
# Makes the library target `name`: the archive, and the folder of <prefix>.h and
# <prefix>.hpp as include folder. It is compiled again when the model, its data or the
# compiler changes.
function(burin_add_model)
  cmake_parse_arguments(PARSE_ARGV 0 ARG "" "TARGET;MODEL;NAME;BURIN_TARGET" "DIMS;DATA;OPTIONS")
  if(ARG_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "burin_add_model: unknown arguments: ${ARG_UNPARSED_ARGUMENTS}")
  endif()
  foreach(required TARGET MODEL)
    if(NOT ARG_${required})
      message(FATAL_ERROR "burin_add_model: ${required} is missing")
    endif()
  endforeach()
  get_filename_component(model "${ARG_MODEL}" ABSOLUTE BASE_DIR "${CMAKE_CURRENT_SOURCE_DIR}")
  if(NOT EXISTS "${model}" AND NOT ARG_DATA)
    get_source_file_property(generated "${model}" GENERATED)
    if(NOT generated)
      message(FATAL_ERROR "burin_add_model: there is no ${model}")
    endif()
  endif()
  # Passed in any case, so that the names of the files are known here.
  if(NOT ARG_NAME)
    get_filename_component(ARG_NAME "${model}" NAME_WE)
    string(MAKE_C_IDENTIFIER "${ARG_NAME}" ARG_NAME)
  endif()
  if(NOT ARG_NAME MATCHES "^[A-Za-z_][A-Za-z0-9_]*$")
    message(FATAL_ERROR "burin_add_model: NAME ${ARG_NAME} is no C identifier")
  endif()

  set(depends "${model}" "${BURIN_EXECUTABLE}")
  foreach(file ${ARG_DATA})
    get_filename_component(file "${file}" ABSOLUTE BASE_DIR "${CMAKE_CURRENT_SOURCE_DIR}")
    list(APPEND depends "${file}")
  endforeach()

  set(folder "${CMAKE_CURRENT_BINARY_DIR}/burin/${ARG_TARGET}")
  file(MAKE_DIRECTORY "${folder}")
  # Which external data a model has, the compiler tells.
  set(depfile "${folder}/${ARG_NAME}.d")
  set(command "${BURIN_EXECUTABLE}" compile "${model}" -o "${folder}" --name "${ARG_NAME}"
    --depfile "${depfile}")
  if(ARG_BURIN_TARGET)
    list(APPEND command --target "${ARG_BURIN_TARGET}")
  endif()
  foreach(dim ${ARG_DIMS})
    list(APPEND command --dim "${dim}")
  endforeach()
  list(APPEND command ${ARG_OPTIONS})

  set(archive "${folder}/lib${ARG_NAME}.a")
  set(others "${folder}/${ARG_NAME}.h" "${folder}/${ARG_NAME}.hpp" "${folder}/${ARG_NAME}.json")
  get_filename_component(shown "${model}" NAME)
  add_custom_command(OUTPUT "${archive}" ${others} COMMAND ${command}
    DEPENDS ${depends} DEPFILE "${depfile}"
    COMMENT "Compiling ${shown} to lib${ARG_NAME}.a" VERBATIM)
  add_custom_target(${ARG_TARGET}_files DEPENDS "${archive}" ${others})

  add_library(${ARG_TARGET} STATIC IMPORTED GLOBAL)
  set_target_properties(${ARG_TARGET} PROPERTIES IMPORTED_LOCATION "${archive}"
    INTERFACE_INCLUDE_DIRECTORIES "${folder}")
  add_dependencies(${ARG_TARGET} ${ARG_TARGET}_files)
endfunction()
