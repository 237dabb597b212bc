// libfmt of a distribution is built by GCC, and Clang has another name for this one function of
// fmt 9: here it is under that name.
#include <fmt/format-inl.h>

#if FMT_VERSION < 100000
FMT_BEGIN_NAMESPACE
namespace detail {
template void vformat_to<char>(buffer<char>&, basic_string_view<char>,
                               basic_format_args<FMT_BUFFER_CONTEXT(type_identity_t<char>)>,
                               locale_ref);
}
FMT_END_NAMESPACE
#endif
