# find, xargs, du, grep and wc over a tree.
# needs: find xargs du grep
# user

work() {
  local i
  for i in {1..12}; do
    mkdir -p "some/$((i % 4))/deep $i"
    for j in {1..8}; do printf 'file %s of %s\n' "$j" "$i" >"some/$((i % 4))/deep $i/file$j.txt"; done
  done
  find some -name 'file3.txt' -print0 | xargs -0 rm
  find some -name 'file4.txt' -exec sed -i 's/file/FILE/' {} +
  find some -name 'file5.txt' -execdir mv {} moved.txt \;
  find some -name 'file6.txt' -delete
  find some -type f -name 'file7.txt' -print0 | xargs -0 -P 4 -n 1 gzip -n
  find some -depth -type d -name 'deep 1?' -exec rm -r {} \;
  find some -type d -empty
  find . -newermt '2020-01-01' -type f | wc -l
  find . -size +0 -perm -u+w -type f | wc -l
  find . -maxdepth 2 -printf '%y %p\n' | sort
  find . -type f -samefile some/1/'deep 1'/file1.txt
}

look() {
  du -b --apparent-size some | sort -k2 | awk '{print $2, $3, $4}'
  find some -type f -print0 | xargs -0 cat | wc -c
  grep -rc FILE some | sort
  find . -xdev -type f -links 1 | wc -l
  [[ $(du -s --block-size=1 some | cut -f1) -gt 0 ]]
}
