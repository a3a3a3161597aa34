// The stores of one thread, one a namespace: the main one's is there from the start, any other is
// opened when it is first asked for. Not thread-safe.
#pragma once

#include <cassert>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>

#include "store/store.hpp"

namespace signalbox {

class Stores {
 public:
  using Open = std::function<std::unique_ptr<Store>(const std::string& space)>;

  // `main` is the store of the namespace `main_name`; `open` makes those of the others.
  Stores(std::string main_name, std::unique_ptr<Store> main, Open open)
      : main_name_{std::move(main_name)}, main_{std::move(main)}, open_{std::move(open)} {
    assert(main_ != nullptr);
  }

  // Stays where it is for as long as this lives.
  Store& of(const std::string& space) {
    if (space == main_name_) return *main_;
    auto& found = others_[space];
    if (!found) found = open_(space);
    assert(found != nullptr);
    return *found;
  }

 private:
  std::string main_name_;
  std::unique_ptr<Store> main_;
  Open open_;
  std::unordered_map<std::string, std::unique_ptr<Store>> others_;
};

}  // namespace signalbox
