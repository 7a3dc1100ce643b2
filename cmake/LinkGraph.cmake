# heloguard_write_link_graph(FILE): what links what, and what each of our targets is made of, for tests/rules/. One
# statement a line, its parts separated by tabs:
#   target NAME TYPE FOLDER     a target, and the folder of its CMakeLists.txt
#   source NAME PATH            one of its sources; generated ones are absolute
#   link NAME LIBRARY           what it is linked with itself, PRIVATE or PUBLIC
#   interface NAME LIBRARY      what whoever links it gets as well, PUBLIC or INTERFACE; $<LINK_ONLY:...> is not
# To be called last, when all targets are there.
function(heloguard_write_link_graph file)
  set(graph "")
  set(folders ${PROJECT_SOURCE_DIR})
  while(folders)
    list(POP_FRONT folders folder)
    get_property(inner DIRECTORY ${folder} PROPERTY SUBDIRECTORIES)
    list(APPEND folders ${inner})
    file(RELATIVE_PATH place ${PROJECT_SOURCE_DIR} ${folder})
    get_property(targets DIRECTORY ${folder} PROPERTY BUILDSYSTEM_TARGETS)
    foreach(target IN LISTS targets)
      get_target_property(type ${target} TYPE)
      if(type STREQUAL "UTILITY")
        continue()
      endif()
      string(APPEND graph "target\t${target}\t${type}\t${place}\n")
      heloguard_link_graph_of(graph ${target} source SOURCES)
      heloguard_link_graph_of(graph ${target} link LINK_LIBRARIES)
      heloguard_link_graph_of(graph ${target} interface INTERFACE_LINK_LIBRARIES)
    endforeach()
  endwhile()
  file(WRITE ${file} "${graph}")
endfunction()

# Appends to `graph` a line for each entry of a target's `property`.
macro(heloguard_link_graph_of graph target word property)
  get_property(entries TARGET ${target} PROPERTY ${property})
  foreach(entry IN LISTS entries)
    string(APPEND ${graph} "${word}\t${target}\t${entry}\n")
  endforeach()
endmacro()
