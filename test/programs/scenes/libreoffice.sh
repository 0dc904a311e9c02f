# LibreOffice converts a document where it lies, and over what is there.
# needs: soffice
# differing: \.(odt|docx|pdf)$

work() {
  local i
  for i in {1..40}; do echo "Абзац $i: a paragraph of text."; done >document.txt
  convert odt document.txt
  convert docx document.odt
  convert pdf document.odt
  convert odt document.docx
  convert txt:Text document.odt
}

convert() { soffice --headless --norestore "-env:UserInstallation=file://$HOME/profile" --convert-to "$1" "$2" >/dev/null 2>&1; }

look() {
  cat document.txt
  head -c 4 document.pdf
  python3 -m zipfile -t document.odt
  python3 -m zipfile -t document.docx
  ls -A
}
