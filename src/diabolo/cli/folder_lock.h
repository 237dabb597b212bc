// One process at a time in a folder.
#pragma once

#include <diabolo/base/removed_on_signal.h>

#include <string>
#include <vector>

namespace diabolo::cli {

/// A lock on a folder that ends with the process, however that ends: nothing on the disk tells of
/// it. The folder is made if it is not there, and taken away again unless something came into it.
class FolderLock {
 public:
  /// Throws Error `io` if the folder is in use by another process, or cannot be made or opened.
  explicit FolderLock(const std::string& path);
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  bool open(const std::string& path);
  void make(const std::string& path);
  void take_away();

  struct Made {
    std::string folder;
    RemovedOnSignal removed;
  };
  std::vector<Made> made_;  // folders that were not there before, outer ones first
  int descriptor_ = -1;
};

}  // namespace diabolo::cli
