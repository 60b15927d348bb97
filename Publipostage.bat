@echo off
rem Windows: find a Python 3.11 or newer, then let it do the rest (mailmerge\launcher.py).
rem The accents are all at the end: cmd can lose its place in a file after some of them.
setlocal EnableExtensions DisableDelayedExpansion
chcp 65001 >nul 2>&1
title Publipostage Pix
set "PYTHONUTF8=1"
set "CHECK=import sys; sys.exit(sys.version_info < (3, 11))"

rem pushd gives a network folder (\\server\share) a drive letter; cd can't.
pushd "%~dp0"
if errorlevel 1 goto no_folder
if not exist "mailmerge\launcher.py" goto not_extracted

rem With -c, the Microsoft Store's stand-in for python fails (9009) instead of opening the Store.
py -3 -c "%CHECK%" >nul 2>&1
if "%errorlevel%"=="0" goto with_py
python -c "%CHECK%" >nul 2>&1
if "%errorlevel%"=="0" goto with_python
python3 -c "%CHECK%" >nul 2>&1
if "%errorlevel%"=="0" goto with_python3
goto no_python

:with_py
py -3 -m mailmerge.launcher --fenetre %*
goto end

:with_python
python -m mailmerge.launcher --fenetre %*
goto end

:with_python3
python3 -m mailmerge.launcher --fenetre %*
goto end

:end
set "CODE=%errorlevel%"
popd
exit /b %CODE%

:no_python
popd
echo.
echo Ce programme a besoin de Python 3.11 ou plus récent, qui n’est pas sur cet ordinateur.
echo.
echo   1. Ouvrez le Microsoft Store et installez « Python 3.13 », ou téléchargez Python
echo      depuis python.org. Aucun droit d’administrateur n’est nécessaire.
echo   2. Fermez cette fenêtre, puis ouvrez de nouveau Publipostage.bat.
echo.
echo Sinon, demandez à la personne qui gère l’informatique de votre établissement.
goto stop

:not_extracted
popd
echo.
echo Le dossier du programme n’est pas complet.
echo Si vous avez ouvert un fichier ZIP : fermez cette fenêtre, faites un clic droit sur le
echo fichier ZIP, choisissez « Extraire tout », puis ouvrez Publipostage.bat dans le dossier extrait.
goto stop

:no_folder
echo.
echo Le dossier du programme ne peut pas être ouvert : %~dp0
echo Copiez-le sur cet ordinateur, par exemple dans vos Documents, puis recommencez.
goto stop

:stop
echo.
echo Appuyez sur une touche pour fermer cette fenêtre.
pause >nul
exit /b 10
