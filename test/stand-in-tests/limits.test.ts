import { expect, test } from 'vitest';
import { send, standIn } from './client.ts';

test('maxFileSizeBytes: a larger file is 413, by its announced length and by what comes', async () => {
  const client = await standIn({ maxFileSizeBytes: 10 });
  expect((await client.upload('disk:/f', 'x'.repeat(10))).status).toBe(201);
  expect((await client.upload('disk:/g', 'x'.repeat(11))).status).toBe(413);
  const { href } = (await client.uploadLink('disk:/h')).json;
  const chunked = await send(href, {
    method: 'PUT',
    body: new Blob(['x'.repeat(11)]).stream(),
    duplex: 'half',
  });
  expect(chunked.status).toBe(413);
  expect(await client.paths()).toEqual(['disk:/f']);
});

test('totalSpaceBytes, quotaStatus, quotaError: no room is 507 or 403; what is replaced makes room', async () => {
  const client = await standIn({ totalSpaceBytes: 10 });
  expect((await client.upload('disk:/f', 'x'.repeat(8))).status).toBe(201);
  expect((await client.upload('disk:/g', 'xxx')).status).toBe(507);
  expect((await client.upload('disk:/f', 'y'.repeat(10), { overwrite: true })).status).toBe(201);
  const full = await client.uploadLink('disk:/g');
  expect([full.status, full.json.error]).toEqual([507, 'DiskStorageQuotaExhaustedError']);
  expect((await client.copy('disk:/f', 'disk:/g')).status).toBe(507);
  client.disk.control.set({ quotaStatus: 403, quotaError: 'DiskNotEnoughFreeSpaceError' });
  const refused = await client.uploadLink('disk:/g');
  expect([refused.status, refused.json.error]).toEqual([403, 'DiskNotEnoughFreeSpaceError']);
  await client.remove('disk:/f');
  expect((await client.uploadLink('disk:/g')).status).toBe(403);
  await client.api('DELETE', '/trash/resources');
  client.disk.clock.advance(60_000);
  expect((await client.upload('disk:/g', 'xxx')).status).toBe(201);
});

test.each([
  ['both', 507, 507],
  ['link', 507, 201],
  ['commit', 200, 507],
] as const)('quotaCheckedAt %s', async (quotaCheckedAt, atLink, atCommit) => {
  const client = await standIn({ totalSpaceBytes: 10, quotaCheckedAt });
  const { href } = (await client.uploadLink('disk:/f')).json;
  client.disk.model.putFile('disk:/full', 'x'.repeat(10));
  expect((await client.uploadLink('disk:/g')).status).toBe(atLink);
  expect((await send(href, { method: 'PUT', body: 'xx' })).status).toBe(atCommit);
});

test('what others share with us takes their room, not ours', async () => {
  const client = await standIn();
  client.disk.model.mkdir('disk:/s');
  client.disk.model.touch('disk:/s', { share: { isRoot: true, isOwned: false, rights: 'rw' } });
  client.disk.model.putFile('disk:/s/f', 'xxx');
  client.disk.model.putFile('disk:/f', 'x');
  const used = async () => (await client.api('GET', '')).json.used_space;
  expect(await used()).toBe(1);
  client.disk.model.touch('disk:/s', { share: null });
  expect(await used()).toBe(4);
  client.disk.model.mkdir('disk:/d');
  client.disk.model.touch('disk:/s', { share: { isRoot: true, isOwned: false, rights: 'rw' } });
  client.disk.model.move('disk:/s', 'disk:/d/s');
  client.disk.model.remove('disk:/d', { permanently: true });
  expect(await used()).toBe(1);
});

test('uploadAllowanceBytes: when the month is used up, link requests are 423 of the other kind', async () => {
  const client = await standIn({ uploadAllowanceBytes: 5 });
  expect((await client.upload('disk:/f', 'x'.repeat(7))).status).toBe(201);
  const spent = await client.uploadLink('disk:/g');
  expect([spent.status, spent.json.error]).toEqual([423, 'DiskUploadTrafficLimitExceeded']);
  client.disk.control.set({ uploadAllowanceBytes: null });
  expect((await client.uploadLink('disk:/g')).status).toBe(200);
});

test('apiRequestsPerSecond, retryAfterSeconds: 429 above the rate, with or without Retry-After', async () => {
  const client = await standIn({ apiRequestsPerSecond: 3 });
  const statuses = async () => {
    const found = [];
    for (let index = 0; index < 5; index += 1) found.push((await client.api('GET', '')).status);
    return found;
  };
  expect(await statuses()).toEqual([200, 200, 200, 429, 429]);
  const refused = await client.api('GET', '');
  expect([refused.json.error, refused.headers.get('retry-after')]).toEqual(['TooManyRequestsError', null]);
  client.disk.control.set({ retryAfterSeconds: 2 });
  expect((await client.api('GET', '')).headers.get('retry-after')).toBe('2');
  // The hosts that serve bytes are not counted.
  expect((await send(client.disk.oauthUrl)).status).toBe(404);
  client.disk.clock.advance(1000);
  expect(await statuses()).toEqual([200, 200, 200, 429, 429]);
});

test('accountState: a closed account is 403 everywhere, but not to public links', async () => {
  const client = await standIn({ accountState: 'over-quota' });
  client.disk.model.mkdir('disk:/d');
  const { publicKey } = client.disk.model.publish('disk:/d');
  expect(await client.api('GET', '')).toMatchObject({ status: 403, json: { error: 'ForbiddenError' } });
  client.disk.control.set({ accountState: 'without-disk' });
  expect((await client.get('disk:/d')).json.error).toBe('DiskUnsupportedUserAccountTypeError');
  expect((await client.api('GET', '/public/resources', { public_key: publicKey })).status).toBe(200);
  client.disk.control.set({ accountState: 'open' });
  expect((await client.get('disk:/d')).status).toBe(200);
});
