# npm installs a package from an archive: without a network, and with a command that is a link.
# needs: npm node
# differing: \.tgz$|package-lock\.json$

export npm_config_cache=$OUTSIDE/cache npm_config_offline=true npm_config_audit=false npm_config_fund=false npm_config_update_notifier=false

work() {
  mkdir package project
  cat >package/package.json <<'JSON'
{ "name": "small", "version": "1.2.3", "bin": { "small": "run.js" }, "main": "index.js" }
JSON
  printf "#!/usr/bin/env node\nconsole.log(require('./index.js'));\n" >package/run.js
  echo "module.exports = 'small, installed';" >package/index.js
  mkdir package/lib
  for i in {1..60}; do echo "module.exports = $i;" >"package/lib/part$i.js"; done
  (cd package && npm pack --silent --pack-destination ..)
  cd project
  echo '{ "name": "project", "version": "1.0.0" }' >package.json
  npm install --silent ../small-1.2.3.tgz
  node -p "require('small')"
  node_modules/.bin/small
  npm ls | sed 1d
  npm ci --silent
  npm exec --silent small
  npm uninstall --silent small
  ls -A
  npm install --silent ../small-1.2.3.tgz
} 2>&1

look() {
  cd project
  node_modules/.bin/small
  npm ls --offline | sed '1d'
  find node_modules -type l -o -type f | sort | md5sum
}
