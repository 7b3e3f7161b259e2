@echo off
rem The command line of an installed studio: the program's own runtime, without a window.
setlocal
set ELECTRON_RUN_AS_NODE=1
"%~dp0..\..\RLHF Studio.exe" "%~dp0..\app.asar\out\main\cli.js" %*
