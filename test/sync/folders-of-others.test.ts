import { expect, test } from 'vitest';
import { pathsOn } from '../disk-api/client.ts';
import { SendingDrive } from './sending-drive.ts';

test('folders that others have removed, two above each other, before what went into the inner one was seen there', async () => {
  const drive = await SendingDrive.start();
  drive.disk.model.putFile('disk:/a/b/doc', 'first');
  await drive.everything();
  await drive.write('a/b/doc', 'ours');
  const gate = drive.disk.wire.hold({ route: 'uploader.put', stage: 'before-response' });
  drive.run();
  await gate.arrived();
  drive.disk.model.remove('disk:/a');
  gate.release();
  await drive.flush();
  await drive.settle();
  // It had been sent, and nobody had seen it there: its bytes are ours, and are kept.
  expect(await pathsOn(drive.disk)).toEqual(['disk:/a', 'disk:/a/b', 'disk:/a/b/doc']);
  expect(drive.disk.model.read('disk:/a/b/doc').toString()).toBe('ours');
});
