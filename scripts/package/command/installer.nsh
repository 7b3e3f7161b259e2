; `studio` in a terminal: a line in the folder that Windows keeps on each user's PATH, so that PATH stays untouched.
!macro customInstall
  FileOpen $0 "$LOCALAPPDATA\Microsoft\WindowsApps\studio.cmd" w
  FileWrite $0 '@call "$INSTDIR\resources\bin\studio.cmd" %*$\r$\n'
  FileClose $0
!macroend

!macro customUnInstall
  Delete "$LOCALAPPDATA\Microsoft\WindowsApps\studio.cmd"
!macroend
