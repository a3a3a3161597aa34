# The configuration as a library of its own: the server and the command line both link it.
add_library(sb_config STATIC
  ${CMAKE_CURRENT_LIST_DIR}/address_list.cpp
  ${CMAKE_CURRENT_LIST_DIR}/config.cpp
  ${CMAKE_CURRENT_LIST_DIR}/config_address.cpp
  ${CMAKE_CURRENT_LIST_DIR}/config_environment.cpp
  ${CMAKE_CURRENT_LIST_DIR}/config_file.cpp
  ${CMAKE_CURRENT_LIST_DIR}/config_overrides.cpp
  ${CMAKE_CURRENT_LIST_DIR}/config_parties.cpp
  ${CMAKE_CURRENT_LIST_DIR}/config_redis.cpp
  ${CMAKE_CURRENT_LIST_DIR}/config_secrets.cpp
  ${CMAKE_CURRENT_LIST_DIR}/config_rules.cpp
  ${CMAKE_CURRENT_LIST_DIR}/config_sections.cpp
  ${CMAKE_CURRENT_LIST_DIR}/config_tls.cpp
  ${CMAKE_CURRENT_LIST_DIR}/tls_context.cpp)
target_link_libraries(sb_config PUBLIC sb_options sb_event sb_connectors sb_rules
                      PRIVATE yaml-cpp Boost::url fmt::fmt OpenSSL::SSL)
