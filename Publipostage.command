#!/bin/sh
# macOS: a double click opens this in a Terminal window, whose PATH may lack the usual Pythons.
case $0 in
    */*) here=${0%/*} ;;
    *) here=. ;;
esac
PATH=$PATH:/opt/homebrew/bin:/usr/local/bin:/Library/Frameworks/Python.framework/Versions/Current/bin
export PATH
exec /bin/sh "$here/publipostage.sh" "$@"
