# Build options that hold for every folder.
option(SIGNALBOX_TESTS "Build the tests" ON)
option(SIGNALBOX_BENCH "Build the benches without the tests" OFF)
set(SIGNALBOX_SANITIZE "" CACHE STRING "Sanitizers, as -fsanitize= takes them (address,undefined or thread)")

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()

add_library(sb_options INTERFACE)
target_include_directories(sb_options INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(sb_options INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor
                                            -Woverloaded-virtual -Werror)
# Without aligned allocation Asio takes its frames from `operator new`, which is aligned enough for them: glibc's
# aligned_alloc() cuts each from a larger block and knows no cache of the thread.
target_compile_definitions(
  sb_options INTERFACE BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_RECYCLING_ALLOCATOR_CACHE_SIZE=8
                       BOOST_ASIO_DISABLE_STD_ALIGNED_ALLOC BOOST_ASIO_DISABLE_BOOST_ALIGN)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC 12 reports these for code that is right: the first two for std::string and std::optional (GCC PR 105329, 105562).
  target_compile_options(sb_options INTERFACE -Wno-restrict -Wno-maybe-uninitialized -Wno-mismatched-new-delete)
endif()
# Presets that are built as a whole join eight files to one (CMAKE_UNITY_BUILD), which saves much of the compiler's time;
# `dev` compiles them one by one, so that each is known to include what it needs and a change builds little.
set(CMAKE_UNITY_BUILD_BATCH_SIZE 8)
if(CMAKE_UNITY_BUILD AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # A joined file is no main file, so a type of its anonymous namespace looks like one of a header.
  target_compile_options(sb_options INTERFACE -Wno-subobject-linkage)
endif()

# What is shipped reads hostile bytes: Debian's hardening flags, and control-flow protection where the processor has it.
# Position-independent programs are Debian's default. Sanitizers and fuzzers watch over more than these.
if(CMAKE_BUILD_TYPE STREQUAL "Release" AND NOT SIGNALBOX_SANITIZE)
  target_compile_options(sb_options INTERFACE -fstack-protector-strong -fstack-clash-protection -Wformat -Werror=format-security)
  target_compile_definitions(sb_options INTERFACE _FORTIFY_SOURCE=2)
  target_link_options(sb_options INTERFACE -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack)
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
    target_compile_options(sb_options INTERFACE -fcf-protection=full)
  elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "aarch64|arm64")
    target_compile_options(sb_options INTERFACE -mbranch-protection=standard)
  endif()
endif()

# sb_compile_apart(<target>): its files are alike on purpose, and so are the names in them.
function(sb_compile_apart target)
  set_target_properties(${target} PROPERTIES UNITY_BUILD OFF)
endfunction()

if(SIGNALBOX_SANITIZE)
  target_compile_options(sb_options INTERFACE -fsanitize=${SIGNALBOX_SANITIZE} -fno-omit-frame-pointer)
  target_link_options(sb_options INTERFACE -fsanitize=${SIGNALBOX_SANITIZE})
  if(SIGNALBOX_SANITIZE MATCHES "undefined" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # These two double the compiler's time. AddressSanitizer stops at a null pointer as well, and the fuzzers' build,
    # which is clang's, has both.
    target_compile_options(sb_options INTERFACE -fno-sanitize=null,alignment)
  endif()
  if(SIGNALBOX_SANITIZE MATCHES "thread")
    # ThreadSanitizer does not model fences; what Asio's guard is ordered by its queue's mutex as well.
    target_compile_definitions(sb_options INTERFACE BOOST_ASIO_DISABLE_FENCED_BLOCK)
    target_compile_options(sb_options INTERFACE -Wno-tsan)
  endif()
endif()

# sb_library(<folder> [SOURCES ...] [WITHOUT <room>] LINKS ... [PRIVATE_LINKS ...]): the static library of a folder: all
# sources of its rooms, but for one room, and what was generated.
function(sb_library name)
  cmake_parse_arguments(ARG "" "WITHOUT" "SOURCES;LINKS;PRIVATE_LINKS" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS *.cpp)
  if(ARG_WITHOUT)
    list(FILTER sources EXCLUDE REGEX "^${CMAKE_CURRENT_SOURCE_DIR}/${ARG_WITHOUT}/")
  endif()
  add_library(sb_${name} STATIC ${sources} ${ARG_SOURCES})
  target_link_libraries(sb_${name} PUBLIC sb_options ${ARG_LINKS} PRIVATE ${ARG_PRIVATE_LINKS})
endfunction()

# sb_test(<folder> [FOREIGN <tag> ...] LINKS ...): the unit tests of a folder, all sources of its rooms, as
# sb_<folder>_tests and ctest's <folder>. Tests with one of the tags need files that are no part of this repository
# (tests/foreign_files.hpp): they are ctest's <folder>_<tag>, which is skipped where the files are not there.
function(sb_test name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINKS;FOREIGN" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS *.cpp)
  add_executable(sb_${name}_tests ${sources} ${ARG_SOURCES})
  target_link_libraries(sb_${name}_tests PRIVATE ${ARG_LINKS} sb_catch_main)
  set(own_files "")
  foreach(tag ${ARG_FOREIGN})
    string(APPEND own_files "~[${tag}]")
    add_test(NAME ${name}_${tag} COMMAND sb_${name}_tests "[${tag}]")
    set_tests_properties(${name}_${tag} PROPERTIES TIMEOUT 300 SKIP_RETURN_CODE 77)
  endforeach()
  add_test(NAME ${name} COMMAND sb_${name}_tests ${own_files})
  set_tests_properties(${name} PROPERTIES TIMEOUT 300)
endfunction()
