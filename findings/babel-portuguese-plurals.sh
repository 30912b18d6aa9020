#!/usr/bin/env bash
# Babel's plural forms of Portuguese (Brazil): two in 2.18.0, three in 2.19.0. A catalogue that takes its header
# from the newer has to have a third form of each message.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

forms() {
  python3 -m venv "$folder/$1"
  "$folder/$1/bin/python" -m pip --disable-pip-version-check install -qq "babel==$1"
  "$folder/$1/bin/python" -c "from babel.messages.plurals import get_plural; print(get_plural('pt_BR').num_plurals)"
}

for expected in '2.18.0 2' '2.19.0 3'; do
  read -r version wanted <<< "$expected"
  came=$(forms "$version")
  echo "Babel $version: pt_BR has $came plural forms"
  [ "$came" = "$wanted" ] || { echo "expected $wanted: this finding does not hold any more"; exit 1; }
done
