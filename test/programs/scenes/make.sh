# A program of C is built, run, and not built again.
# needs: gcc make ar
# fast
# user
# differing: \.(o|a)$|^program$

work() {
  mkdir src
  cat >Makefile <<'MAKE'
program: build/main.o build/libparts.a
	gcc -o $@ build/main.o -Lbuild -lparts
build/libparts.a: build/one.o build/two.o
	rm -f $@
	ar rcs $@ $^
build/%.o: src/%.c src/parts.h | build
	gcc -c -o $@ $<
build:
	mkdir -p $@
clean:
	rm -rf build program
MAKE
  printf 'int one(void);\nint two(void);\n' >src/parts.h
  printf '#include "parts.h"\nint one(void) { return 1; }\n' >src/one.c
  printf '#include "parts.h"\nint two(void) { return 2; }\n' >src/two.c
  printf '#include <stdio.h>\n#include "parts.h"\nint main(void) { printf("%%d\\n", one() + two()); return 0; }\n' >src/main.c
  make -s -j2
  ./program
  make
  touch src/two.c
  make
  make -q
  printf '#include "parts.h"\nint one(void) { return 40; }\n' >src/one.c
  make -s
  ./program
  make clean
  make -s
  ./program
}

look() {
  make -q && make
  ./program
}
