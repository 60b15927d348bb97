#!/bin/sh
# Linux (and macOS, through Publipostage.command): find a Python 3.11 or newer, then let it do the rest.
# Built-in commands only, so that it says something useful even on a bare machine.

case $0 in
    */*) here=${0%/*} ;;
    *) here=. ;;
esac
cd -P -- "$here" || exit 10

check='import sys; sys.exit(sys.version_info < (3, 11))'

if [ ! -f mailmerge/launcher.py ]; then
    printf '\n%s\n%s\n\n' \
        'Le dossier du programme n’est pas complet.' \
        'Extrayez tout le fichier ZIP dans un dossier, puis ouvrez ce fichier depuis ce dossier.'
else
    for name in python3 python3.15 python3.14 python3.13 python3.12 python3.11 python; do
        python=$(command -v "$name") || continue
        # On a Mac this one only offers to install developer tools.
        [ "$python" = /usr/bin/python3 ] && [ -d /System/Library/CoreServices ] && continue
        if "$python" -c "$check" >/dev/null 2>&1; then
            exec "$python" -m mailmerge.launcher --fenetre "$@"
        fi
    done
    printf '\n%s\n\n%s\n%s\n%s\n%s\n\n' \
        'Ce programme a besoin de Python 3.11 ou plus récent, qui n’est pas sur cet ordinateur.' \
        '  • Sur un Mac : téléchargez-le depuis python.org, installez-le, puis recommencez.' \
        '  • Sous Linux : installez le paquet « python3 » (et « python3-venv ») de votre' \
        '    distribution, puis recommencez.' \
        '  • Ou demandez à la personne qui gère l’informatique de votre établissement.'
fi

if [ -t 0 ]; then
    printf '%s' 'Appuyez sur Entrée pour fermer cette fenêtre. '
    read -r _
fi
exit 10
