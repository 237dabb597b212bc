// The page that --help prints.
#include <diabolo/cli/options.h>

namespace diabolo::cli {
namespace {

constexpr std::size_t kWidth = 96;   // of the page
constexpr std::size_t kColumn = 30;  // where explanations begin

/// Words of `text` in lines that begin at column `indent`; the first line is there already.
std::string wrap(const std::string& text, std::size_t indent) {
  std::string result;
  std::size_t used = indent;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find(' ', begin), text.size());
    const std::string word = text.substr(begin, end - begin);
    if (used > indent && used + 1 + word.size() > kWidth) {
      result += '\n';
      result.append(indent, ' ');
      used = indent;
    }
    if (used > indent) result += ' ';
    result += word;
    used += word.size() + 1;
    begin = end + 1;
  }
  return result;
}

std::string option_line(const std::string& names, const std::string& text) {
  std::string result = "  " + names;
  if (result.size() + 2 > kColumn) result += '\n';
  const std::size_t used = result.size() - (result.rfind('\n') + 1);
  result.append(kColumn - used, ' ');
  return result + wrap(text, kColumn) + "\n";
}

}  // namespace

std::string Options::help() const {
  std::string page = fmt::format("diabolo {}: {}\n\nusage: diabolo {} {}\n", page_.verb,
                                 page_.purpose, page_.verb, page_.usage);
  if (!page_.details.empty()) page += "\n" + page_.details + "\n";
  if (!arguments_.empty()) page += "\n";
  for (const Argument& argument : arguments_) page += option_line(argument.name, argument.help);
  std::string group;
  for (const Entry& entry : entries_) {
    const OptionInfo& info = entry.info;
    if (entry.group != group) page += fmt::format("\n{}:\n", group = entry.group);
    std::string names = info.letter ? fmt::format("-{}, ", info.letter) : "";
    names += "--" + info.name;
    if (!info.placeholder.empty()) names += " " + info.placeholder;
    page += option_line(names, info.fallback.empty()
                                   ? info.help
                                   : fmt::format("{} (default: {})", info.help, info.fallback));
  }
  return page + "\nexample:\n" + page_.example + "\n";
}

}  // namespace diabolo::cli
