#!/usr/bin/env bash
# Installs by package what the recorder bench needs and this machine lacks, or says in one line how to: the peers and themes that
# package.json beside this names, at the versions of the lock file, and pages to record. Nothing of it is part of any build.
set -euo pipefail
cd "$(dirname "$0")"
bash ../../tests/browser/tools.sh
wanted=$(sha256sum package-lock.json)
if [ "$(cat node_modules/.installed 2>/dev/null)" != "$wanted" ]; then
  npm ci --ignore-scripts --no-audit --no-fund >/dev/null
  echo "$wanted" >node_modules/.installed
fi
need=()
for package in apache2-doc aptitude-doc-en asciidoctor-doc cmake-doc debian-faq debian-policy debian-reference-en developers-reference \
  exim4-doc-html git-doc libgtk-3-doc libreoffice-help-en-us mediawiki octave-doc php-intl postgresql-doc-15 python-django-doc \
  python-flask-doc python-sqlalchemy-doc r-doc-html sqlite3-doc zsh-doc; do
  dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || need+=("$package")
done
[ ${#need[@]} -eq 0 ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${need[@]}" >/dev/null
else
  echo "The recorder bench needs: sudo apt-get install --no-install-recommends ${need[*]}" >&2
  exit 1
fi
