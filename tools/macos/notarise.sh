#!/bin/sh
# Has Apple notarise the program, and packs it: `tools/macos/notarise.sh DIST OUTPUT.zip`.
# Nobody has run this on a Mac yet. Without credentials it only packs what is there, and says so.
#
# MACOS_NOTARY_APPLE_ID   the Apple account
# MACOS_NOTARY_PASSWORD   an app-specific password of it
# MACOS_NOTARY_TEAM_ID    the team that the certificate belongs to
set -eu

app="$1/MNIST Desktop.app"
output=$2

say() { echo "mnist-desktop: $*" >&2; }

[ -d "$app" ] || {
    say "There is no $app; 'make package' builds it."
    exit 1
}

# `ditto` keeps the links and attributes that a signature covers; `zip` does not.
pack() { ditto -c -k --keepParent "$app" "$output"; }

if [ -z "${MACOS_NOTARY_APPLE_ID:-}" ] || [ -z "${MACOS_NOTARY_PASSWORD:-}" ] ||
    [ -z "${MACOS_NOTARY_TEAM_ID:-}" ]; then
    say "No credentials for Apple's notary service are set: the program is packed as it is, and" \
        "macOS will say that Apple could not verify it."
    pack
    exit 0
fi

# An ad-hoc signature would be refused after an upload of minutes.
codesign --verify --deep --strict "$app"
codesign --display --verbose=2 "$app" 2>&1 | grep -q '^Authority=Developer ID Application' || {
    say "$app is not signed with a Developer ID; build it with MACOS_CODESIGN_IDENTITY set."
    exit 1
}
pack
xcrun notarytool submit "$output" --wait --apple-id "$MACOS_NOTARY_APPLE_ID" \
    --password "$MACOS_NOTARY_PASSWORD" --team-id "$MACOS_NOTARY_TEAM_ID"
# The ticket is stapled to the program, so that it can be verified offline, and packed with it.
xcrun stapler staple "$app"
rm "$output"
pack
spctl --assess --type execute --verbose "$app"
