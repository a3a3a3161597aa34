// A file descriptor that is closed with its owner. Linux.
#pragma once

#include <unistd.h>

#include <utility>

namespace signalbox {

class OwnedFd {
 public:
  OwnedFd() = default;
  // Takes what open(2) and its like have returned; below 0 there is none.
  explicit OwnedFd(int opened) noexcept : number_{opened} {}
  OwnedFd(OwnedFd&& other) noexcept : number_{std::exchange(other.number_, -1)} {}
  OwnedFd& operator=(OwnedFd&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~OwnedFd() { reset(); }

  int get() const noexcept { return number_; }  // below 0: none
  explicit operator bool() const noexcept { return number_ >= 0; }

  // Closes it now.
  void reset() noexcept {
    if (number_ >= 0) ::close(number_);
    number_ = -1;
  }

 private:
  int number_ = -1;
};

}  // namespace signalbox
