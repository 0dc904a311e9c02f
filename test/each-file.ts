import { afterAll } from 'vitest';
import { closeAll } from './close-later.ts';

// Runs anew for each test file. A module that several files import is loaded once for all of them (see `isolate`), so a hook of its own
// would be heard by the first file alone.
afterAll(closeAll);
