import { setTimeout as sleep } from 'node:timers/promises';
import { BlockStore } from '../../src/content/block-store.ts';
import { contentOf, putWhole, testShape } from './stored-blocks.ts';

/*
 * Puts contents, drops some, and reads others, as fast as it can, until it is killed: `block-writer FOLDER LIMIT_BYTES`.
 * Says a line after each turn.
 */

const [folder = '', limit = ''] = process.argv.slice(2);
const trouble = (what: unknown) => {
  console.error(what);
  process.exit(1);
};
const store = await BlockStore.open(
  {
    folder,
    limitBytes: Number(limit),
    minFreeBytes: 0,
    onTrouble: trouble,
    onRecovered: () => {},
  },
  testShape,
);
for (let turn = 0; ; turn++) {
  putWhole(store, contentOf(`film ${turn % 7}`, (5 << 20) + (turn % 7)));
  for (let number = 0; number < 20; number++)
    putWhole(store, contentOf(`letter ${(turn * 31 + number) % 200}`, 3000));
  if (turn % 10 === 9) store.drop(contentOf(`film ${(turn + 3) % 7}`, (5 << 20) + ((turn + 3) % 7)));
  await store.get(contentOf(`film ${(turn + 1) % 7}`, (5 << 20) + ((turn + 1) % 7)), { first: 0, end: 8 });
  await sleep(5);
  console.log(turn);
}
