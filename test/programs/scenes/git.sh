# From init to gc, cloned from and into.
# needs: git
# fast
# user
# differing: /(index|config|logs/.*|packed-refs|FETCH_HEAD)$

export GIT_AUTHOR_NAME=A GIT_AUTHOR_EMAIL=a@example.org GIT_AUTHOR_DATE='2026-01-02T03:04:05Z'
export GIT_COMMITTER_NAME=A GIT_COMMITTER_EMAIL=a@example.org GIT_COMMITTER_DATE=$GIT_AUTHOR_DATE
export GIT_OPTIONAL_LOCKS=0 GIT_CONFIG_COUNT=2 GIT_CONFIG_KEY_0=init.defaultBranch GIT_CONFIG_VALUE_0=main
export GIT_CONFIG_KEY_1=protocol.file.allow GIT_CONFIG_VALUE_1=always

# Samples of hooks are half of all files.
if [[ -n ${SHORT:-} ]]; then export GIT_TEMPLATE_DIR=; fi

work() {
  git init -q repo
  (
    cd repo
    mkdir -p src/deep docs
    for i in {1..6}; do printf 'line %s\n' {1..200} "$i" >"src/deep/file$i.txt"; done
    printf '#!/bin/sh\necho run\n' >run.sh
    chmod +x run.sh
    ln -s src/deep/file1.txt link
    echo 'Привет' >'docs/Заметки ☃.md'
    git add -A
    git commit -qm first
    git checkout -qb topic
    sed -i 's/line 100$/line one hundred/' src/deep/file1.txt
    git rm -q src/deep/file5.txt
    git mv run.sh start.sh
    git commit -qam 'on the topic'
    git checkout -q main
    sed -i 's/line 3$/line three/' src/deep/file1.txt
    git commit -qam 'on main'
    git merge -q -m merged topic
    git tag -a v1 -m 'version one'
    [[ -n ${SHORT:-} ]] || more_work
    git gc -q --prune=now
    echo late >late.txt
    git add late.txt
    git commit -qm late
  )
  git clone -q --no-hardlinks repo clone
  git clone -q --bare --no-local repo "$OUTSIDE/bare.git"
  git -C clone pull -q --ff-only "$OUTSIDE/bare.git" main
  [[ -n ${SHORT:-} ]] || more_clones
}

more_work() {
  echo change >>src/deep/file2.txt
  git stash -q
  git stash pop -q
  git commit -qam popped
  git checkout -qb rebased topic
  echo more >docs/more.md
  git add docs
  git commit -qm more
  git rebase -q main
  git checkout -q main
  git merge -q --ff-only rebased
  git worktree add -q ../tree v1
  git worktree remove ../tree
  git gc -q --prune=now
  git repack -adq
  # A merge that conflicts is given up, and all is as it was.
  git checkout -qb clash topic
  echo clash >src/deep/file1.txt
  git commit -qam clash
  git merge main >/dev/null 2>&1 && exit 1
  git merge --abort
  git checkout -q main
}

more_clones() {
  # Where there are hard links it makes such; where there are none it copies by itself.
  git clone -q repo linked
  rm -rf linked
  git clone -q --bare --no-hardlinks repo bare.git
  git clone -q --no-local "$PWD/repo" "$OUTSIDE/away"
  (
    cd "$OUTSIDE/away"
    echo away >away.txt
    git add away.txt
    git commit -qm away
  )
  git clone -q --no-hardlinks "$OUTSIDE/away" from-outside
  git -C "$OUTSIDE/away" push -q "$PWD/bare.git" main
  git -C clone pull -q --ff-only ../bare.git main
  git -C clone archive --format=tar HEAD | tar t
}

look() {
  local repo
  for repo in *; do
    echo "== $repo"
    git -C "$repo" fsck --strict --full --no-dangling 2>&1
    git -C "$repo" log --graph --format='%h %s' main
    if [[ $repo == bare.git ]]; then continue; fi
    git -C "$repo" status --porcelain --branch
    git -C "$repo" ls-files -s
  done
}
