; The installer for Windows: for one user, without an administrator. tools/windows/package.py calls
;   makensis -INPUTCHARSET UTF8 -DNAME=... -DTITLE=... installer.nsi
; with the definitions that are used here and made nowhere. Silent: setup.exe /S [/DESKTOP]
; [/D=C:\Any Folder]; then exit code 2 tells that the program is running, and 3 that this is no
; Windows for it.

Target amd64-unicode
SetCompressor /SOLID lzma
; Two programs hold the same modules; the second costs nothing if the first is still in sight.
SetCompressorDictSize 64
RequestExecutionLevel user
ManifestDPIAware true
ManifestSupportedOS Win10

!include MUI2.nsh
!include FileFunc.nsh
!include LogicLib.nsh

!define APPS "Software\Microsoft\Windows\CurrentVersion\Uninstall\${TITLE}"
!define SHORTCUT "${TITLE}.lnk"
; Where every edition of the program keeps what its user makes; see mnist_desktop/paths.py.
!define KEPT "$LOCALAPPDATA\MNIST Desktop"

Name "${TITLE}"
OutFile "${OUTPUT}"
InstallDir "$LOCALAPPDATA\Programs\${TITLE}"
InstallDirRegKey HKCU "${APPS}" InstallLocation
BrandingText "${TITLE} ${VERSION}"

VIProductVersion "${NUMBERS}"
VIFileVersion "${NUMBERS}"
VIAddVersionKey ProductName "${TITLE}"
VIAddVersionKey ProductVersion "${VERSION}"
VIAddVersionKey FileVersion "${VERSION}"
VIAddVersionKey FileDescription "Installs ${TITLE}"
VIAddVersionKey CompanyName "The MNIST Desktop authors"
VIAddVersionKey LegalCopyright "MIT licence"

; A command that signs the file that it is given; see docs/BUILDING.md.
!ifdef SIGN
    !finalize '${SIGN} "%1"' = 0
    !uninstfinalize '${SIGN} "%1"' = 0
!endif

!define MUI_ICON "${ICON}"
!define MUI_UNICON "${ICON}"
!define MUI_WELCOMEFINISHPAGE_BITMAP "${PICTURE}"
!define MUI_UNWELCOMEFINISHPAGE_BITMAP "${PICTURE}"
!define MUI_COMPONENTSPAGE_NODESC
!define MUI_ABORTWARNING

!define MUI_WELCOMEPAGE_TITLE "Install ${TITLE} ${VERSION}"
!define MUI_WELCOMEPAGE_TEXT "${TITLE} will be installed for you alone, so no administrator is \
needed, and nothing else on this computer is changed.$\r$\n$\r$\nAn older version is replaced. \
Your runs, drawings and settings stay as they are.$\r$\n$\r$\nThe program works offline."
!define MUI_COMPONENTSPAGE_TEXT_TOP "The program gets an entry in the Start menu."
!define MUI_COMPONENTSPAGE_TEXT_COMPLIST "Install:"
!define MUI_DIRECTORYPAGE_TEXT_TOP "The program can be installed in any folder that you may write to."
!define MUI_FINISHPAGE_TITLE "${TITLE} is installed"
!define MUI_FINISHPAGE_TEXT "You find it in the Start menu. To remove it, open Settings, Apps."
!define MUI_FINISHPAGE_RUN "$INSTDIR\${NAME}.exe"
!define MUI_FINISHPAGE_RUN_TEXT "Start ${TITLE}"
!insertmacro MUI_PAGE_WELCOME
!insertmacro MUI_PAGE_COMPONENTS
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_PAGE_FINISH

!define MUI_UNCONFIRMPAGE_TEXT_TOP "${TITLE} will be removed from this computer. Your runs, \
drawings and settings stay in ${KEPT}; delete that folder yourself if you no longer want them."
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE English

; Wait until neither program of a folder runs: Windows lets nobody write to one that does.
!macro WaitUntilClosed folder
    ${Do}
        StrCpy $R0 closed
        ${ForEach} $R1 0 1 + 1
            ${If} $R1 = 0
                StrCpy $R2 "${folder}\${NAME}.exe"
            ${Else}
                StrCpy $R2 "${folder}\${NAME}-console.exe"
            ${EndIf}
            ${If} ${FileExists} $R2
                ClearErrors
                FileOpen $R3 $R2 a
                ${If} ${Errors}
                    StrCpy $R0 running
                ${Else}
                    FileClose $R3
                ${EndIf}
            ${EndIf}
        ${Next}
        ${If} $R0 == closed
            ${Break}
        ${EndIf}
        SetErrorLevel 2
        MessageBox MB_RETRYCANCEL|MB_ICONEXCLAMATION \
            "${TITLE} is running. Close its window, then choose Retry." \
            /SD IDCANCEL IDRETRY again
            Quit
        again:
    ${Loop}
!macroend

Function .onInit
    ; Windows 10 was the first to have this entry.
    ReadRegDWORD $R0 HKLM "Software\Microsoft\Windows NT\CurrentVersion" CurrentMajorVersionNumber
    ${If} $R0 < 10
        SetErrorLevel 3
        MessageBox MB_OK|MB_ICONSTOP "${TITLE} needs Windows 10 or later." /SD IDOK
        Quit
    ${EndIf}
    ; A shortcut that was asked for once is made again.
    ${GetParameters} $R0
    ClearErrors
    ${GetOptions} $R0 "/DESKTOP" $R1
    ${IfNot} ${Errors}
    ${OrIf} ${FileExists} "$DESKTOP\${SHORTCUT}"
        !insertmacro SelectSection 1
    ${EndIf}
FunctionEnd

; Let the version which is installed, wherever it is, remove itself: it knows its files.
Function RemoveOlder
    ReadRegStr $R4 HKCU "${APPS}" InstallLocation
    ${If} $R4 == ""
    ${OrIfNot} ${FileExists} "$R4\Uninstall.exe"
        Return
    ${EndIf}
    !insertmacro WaitUntilClosed $R4
    DetailPrint "Removing the older version from $R4"
    ; With its folder told last and unquoted, it is waited for, and cannot remove itself.
    ExecWait '"$R4\Uninstall.exe" /S _?=$R4'
    Delete "$R4\Uninstall.exe"
    RMDir $R4
FunctionEnd

Section "!${TITLE}"
    SectionIn RO
    Call RemoveOlder
    SetOutPath $INSTDIR
    !insertmacro WaitUntilClosed $INSTDIR
    SetErrorLevel 0
    File /r "${FOLDER}/*"
    WriteUninstaller "$INSTDIR\Uninstall.exe"
    CreateShortcut "$SMPROGRAMS\${SHORTCUT}" "$INSTDIR\${NAME}.exe"

    WriteRegStr HKCU "${APPS}" DisplayName "${TITLE}"
    WriteRegStr HKCU "${APPS}" DisplayVersion "${VERSION}"
    WriteRegStr HKCU "${APPS}" Publisher "The MNIST Desktop authors"
    WriteRegStr HKCU "${APPS}" DisplayIcon "$INSTDIR\${NAME}.exe"
    WriteRegStr HKCU "${APPS}" InstallLocation "$INSTDIR"
    WriteRegStr HKCU "${APPS}" UninstallString '"$INSTDIR\Uninstall.exe"'
    WriteRegStr HKCU "${APPS}" QuietUninstallString '"$INSTDIR\Uninstall.exe" /S'
    WriteRegDWORD HKCU "${APPS}" EstimatedSize ${KIBIBYTES}
    WriteRegDWORD HKCU "${APPS}" NoModify 1
    WriteRegDWORD HKCU "${APPS}" NoRepair 1
SectionEnd

Section /o "Shortcut on the desktop"
    CreateShortcut "$DESKTOP\${SHORTCUT}" "$INSTDIR\${NAME}.exe"
SectionEnd

Section Uninstall
    !insertmacro WaitUntilClosed $INSTDIR
    SetErrorLevel 0
    ; Exactly what was installed: the folder may hold other things, and is kept then.
    !include "${REMOVED}"
    Delete "$INSTDIR\Uninstall.exe"
    SetOutPath $TEMP
    RMDir $INSTDIR
    Delete "$SMPROGRAMS\${SHORTCUT}"
    Delete "$DESKTOP\${SHORTCUT}"
    DeleteRegKey HKCU "${APPS}"
    DetailPrint "Your runs, drawings and settings stay in ${KEPT}"
SectionEnd
