# LibreOffice converts a document where it lies, and over what is there; one that is open, with its lock file, is saved in place.
# needs: soffice /usr/lib/python3/dist-packages/uno.py
# differing: \.(odt|docx|pdf)$

work() {
  local i
  for i in {1..40}; do echo "Абзац $i: a paragraph of text."; done >document.txt
  convert odt document.txt
  convert docx document.odt
  convert pdf document.odt
  convert odt document.docx
  edit document.odt ' Added.'
  edit document.docx ' Added too.'
  convert txt:Text document.odt
  convert txt:Text --outdir out document.docx
}

# The profile is given as an address, where a space cannot stand: LibreOffice would die of it, and what has started it wait for ever.
office() { timeout --kill-after=5 200 soffice --headless --norestore "-env:UserInstallation=file://${HOME// /%20}/profile" "$@" >>"$OUTSIDE/office" 2>&1; }

convert() {
  if ! office --convert-to "$@"; then
    cat "$OUTSIDE/office"
    return 1
  fi
}

edit() {
  office "--accept=pipe,name=scene-$$;urp" &
  /usr/bin/python3 "$SCENES/edit-document.py" "scene-$$" "$@"
  wait $!
}

look() {
  tail -n +1 document.txt out/document.txt
  head -c 4 document.pdf
  python3 -m zipfile -t document.odt
  python3 -m zipfile -t document.docx
  ls -AR
}
