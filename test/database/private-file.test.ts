import { existsSync } from 'node:fs';
import { expect, it } from 'vitest';
import { openPrivately } from '../../src/database/private-file.ts';

it('a database in memory leaves no file of that name', () => {
  openPrivately(':memory:').close();
  expect(existsSync(':memory:')).toBe(false);
});
