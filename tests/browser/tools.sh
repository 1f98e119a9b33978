#!/usr/bin/env bash
# Installs by package what the browser tests need and this machine lacks, or says in one line how to:
# a browser, PHP, and real web pages to record.
set -euo pipefail
need=()
for package in chromium fonts-liberation php-cli php-sqlite3 php-xml php-mbstring dokuwiki python3-doc; do
  dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || need+=("$package")
done
[ ${#need[@]} -eq 0 ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${need[@]}" >/dev/null
else
  echo "The browser tests need: sudo apt-get install --no-install-recommends ${need[*]}" >&2
  exit 1
fi
