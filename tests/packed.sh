#!/usr/bin/env bash
# Packs the command line and the checker and runs both from their tarballs in an empty folder.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
npm run build --prefix "$root" --silent
for package in checker cli; do
  cp "$root/LICENSE" "$root/packages/$package/LICENSE"
  npm pack --silent --pack-destination "$work" "$root/packages/$package" > /dev/null
  rm "$root/packages/$package/LICENSE"
done
mkdir "$work/empty" && cd "$work/empty"
npm init --yes > /dev/null
npm install --no-audit --no-fund --silent "$work"/nadir-0*.tgz "$work"/nadir-checker-*.tgz
npx nadir certify "$root/examples/sine-1-16-1-relu.onnx" "$root/examples/sine.csv" --out out > card.txt
grep -q 'LOCAL MINIMUM\|GLOBAL MINIMUM' card.txt
npx nadir check out/certificate.json --data "$root/examples/sine.csv"
npx nadir-check out/certificate.json
node --input-type=module -e "
import { certify, empiricalRisk, readModel, readTable, selectColumns, dataset, check } from 'nadir'
import { checkDocument } from 'nadir-checker'
import { readFileSync } from 'node:fs'
const { network, parameters } = await readModel('$root/examples/xor-2-2-1-relu.onnx')
const { X, Y } = selectColumns(await readTable('$root/examples/xor.csv'))
const verdict = certify(empiricalRisk({ network, data: dataset(X, Y) }), parameters)
if (verdict.settled?.claim !== 'local-minimum' || typeof check !== 'function') throw new Error('the library does not answer')
if (checkDocument(readFileSync('out/certificate.json', 'utf8')).outcome !== 'accepted') throw new Error('the checker does not accept')
"
test "$(node -p "Object.keys(require('./node_modules/nadir-checker/package.json').dependencies ?? {}).length")" = 0
echo 'packed: both tarballs run in an empty folder'
