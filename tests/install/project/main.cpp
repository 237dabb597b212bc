// Links the installed library and calls it; every_header.h is made by CMakeLists.txt.
#include <every_header.h>

#include <iostream>

int main() { std::cout << diabolo::name(diabolo::ErrorCode::io) << '\n'; }
