# Exchange with the reference implementation: a small program reads with our reader and writes with
# our writer; python_test.py makes its input and compares its output. Skipped without that package.
add_executable(safetensors_copy ${CMAKE_CURRENT_LIST_DIR}/safetensors_copy.cpp)
target_link_libraries(safetensors_copy PRIVATE diabolo diabolo_flags)

# An environment made by hand or by .ci/run is preferred:
#   python3 -m venv build/python && build/python/bin/pip install -r tests/io/requirements.txt
if(EXISTS ${PROJECT_SOURCE_DIR}/build/python/bin/python AND NOT DEFINED Python3_EXECUTABLE)
  set(Python3_EXECUTABLE ${PROJECT_SOURCE_DIR}/build/python/bin/python)
endif()
find_package(Python3 COMPONENTS Interpreter QUIET)
set(found 1)
if(Python3_Interpreter_FOUND)
  execute_process(COMMAND ${Python3_EXECUTABLE} -c "import numpy, safetensors"
                  RESULT_VARIABLE found OUTPUT_QUIET ERROR_QUIET)
endif()
if(found EQUAL 0)
  add_test(NAME io.python_reference
           COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_LIST_DIR}/python_test.py
                   $<TARGET_FILE:safetensors_copy>)
else()
  add_test(NAME io.python_reference COMMAND ${CMAKE_COMMAND} -E echo
           "skipped: no Python with the packages numpy and safetensors (-DPython3_EXECUTABLE=...)")
  set_tests_properties(io.python_reference PROPERTIES SKIP_REGULAR_EXPRESSION "^skipped: ")
endif()
set_tests_properties(io.python_reference PROPERTIES LABELS python)
